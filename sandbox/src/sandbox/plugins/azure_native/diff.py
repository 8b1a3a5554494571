"""Differences between old and new inputs, property by property, and what they mean: change, replacement or nothing."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.azure_native.check import CREATE_BEFORE_DELETE
from sandbox.plugins.azure_native.schema import Property, ResourceType

_Kind = provider_pb2.PropertyDiff
_REPLACING: Final = {
    _Kind.ADD: _Kind.ADD_REPLACE,
    _Kind.DELETE: _Kind.DELETE_REPLACE,
    _Kind.UPDATE: _Kind.UPDATE_REPLACE,
}
_REPLACES: Final = frozenset(_REPLACING.values())
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_$][\w$]*")


@dataclass(frozen=True)
class _Change:
    """One leaf that differs. `path` is how the engine writes it, `rule` how the row's replacement rules name it."""

    path: str
    rule: str
    top: str
    kind: "provider_pb2.PropertyDiff.Kind.ValueType"


@dataclass
class Difference:
    """The answer to Diff."""

    changes: set[str] = field(default_factory=set[str])
    """Top-level properties that differ."""
    replaces: list[str] = field(default_factory=list[str])
    detailed: dict[str, provider_pb2.PropertyDiff] = field(default_factory=dict[str, provider_pb2.PropertyDiff])
    delete_before_replace: bool = False


def difference(
    row: ResourceType, old: Mapping[str, Any], new: Mapping[str, Any], state: Mapping[str, Any]
) -> Difference:
    """What changes from the inputs `old` to the inputs `new`, given the outputs `state`.

    Two exceptions, both the genuine plugin's: a property that is set anew to the value that Azure already reports
    replaces nothing, and one that is set anew to its default is no change.
    """
    result = Difference()
    known = {**row.inputs, **{parameter.name: parameter.limits for parameter in row.parameters}}
    for change in _object_changes(known, old, new, "", "", ""):
        if _is_same_place(change, old, new):
            continue
        kind = _with_replacement(change, row.replacing)
        is_new = change.path not in old and change.path in new
        if kind == _Kind.ADD_REPLACE and is_new and state.get(change.path) == new[change.path]:
            kind = _Kind.ADD
        entry = provider_pb2.PropertyDiff(kind=kind)
        result.detailed[change.path] = entry
        prop = row.inputs.get(change.path)
        if kind == _Kind.ADD and is_new and prop is not None and _is_default(prop, new[change.path]):
            continue
        if kind in _REPLACES:
            result.replaces.append(change.path)
        result.changes.add(change.top)
        entry.inputDiff = True
    result.delete_before_replace = bool(result.replaces)
    if isinstance(old.get(CREATE_BEFORE_DELETE), bool):
        result.delete_before_replace = not old[CREATE_BEFORE_DELETE]
    return result


def _is_default(prop: Property, value: Any) -> bool:
    return prop.default is not None and value == prop.default


def _with_replacement(change: _Change, rules: frozenset[str]) -> "provider_pb2.PropertyDiff.Kind.ValueType":
    if change.rule in rules:
        return _REPLACING[change.kind]
    # Within an object that replaces, an update does so too, but not within a list: there the genuine plugin sends the
    # change to Azure, which refuses it.
    steps = change.rule.split(".")
    if change.kind == _Kind.UPDATE and any(".".join(steps[:count]) in rules for count in range(1, len(steps))):
        return _REPLACING[change.kind]
    return change.kind


def _is_same_place(change: _Change, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Case and spaces of a location and the case of a resource group's name mean nothing to Azure."""
    before, after = old.get(change.path), new.get(change.path)
    if change.kind != _Kind.UPDATE or not isinstance(before, str) or not isinstance(after, str):
        return False
    match change.path:
        case "location":
            return normalized_location(before) == normalized_location(after)
        case "resourceGroupName":
            return before.lower() == after.lower()
        case _:
            return False


def normalized_location(location: str) -> str:
    """`West US 2` and `westus2` are the same place."""
    return location.replace(" ", "").lower()


def _step(base: str, key: str) -> str:
    if not base:
        return key
    return f"{base}.{key}" if _PLAIN_KEY.fullmatch(key) else f"{base}[{json.dumps(key)}]"


def _object_changes(
    fields: Mapping[str, Property], old: Mapping[str, Any], new: Mapping[str, Any], path: str, rule: str, top: str
) -> list[_Change]:
    found: list[_Change] = []
    for key in [*old, *(key for key in new if key not in old)]:
        if key.startswith("__"):
            continue
        at, rule_at, top_at = _step(path, key), f"{rule}.{key}" if rule else key, top or key
        if key not in new:
            found.append(_Change(at, rule_at, top_at, _Kind.DELETE))
        elif key not in old:
            found.append(_Change(at, rule_at, top_at, _Kind.ADD))
        else:
            found += _value_changes(fields.get(key), old[key], new[key], at, rule_at, top_at)
    return found


def _value_changes(prop: Property | None, old: Any, new: Any, path: str, rule: str, top: str) -> list[_Change]:
    if isinstance(old, list) and isinstance(new, list):
        before: list[Any] = old
        after: list[Any] = new
        if prop is not None and prop.identifiers:
            pairs = _pairs_by_identity(prop.identifiers, before, after)
        else:
            pairs = [(i if i < len(before) else None, i if i < len(after) else None) for i in _longest(before, after)]
        return _array_changes(prop, before, after, pairs, path, rule, top)
    if isinstance(old, dict) and isinstance(new, dict):
        return _object_changes(prop.fields if prop else {}, old, new, path, rule, top)
    same = old == new and isinstance(old, bool) == isinstance(new, bool)
    return [] if same else [_Change(path, rule, top, _Kind.UPDATE)]


def _longest(old: list[Any], new: list[Any]) -> range:
    return range(max(len(old), len(new)))


def _array_changes(
    prop: Property | None,
    old: list[Any],
    new: list[Any],
    pairs: list[tuple[int | None, int | None]],
    path: str,
    rule: str,
    top: str,
) -> list[_Change]:
    found: list[_Change] = []
    items = prop.items if prop else None
    for before, after in pairs:
        if before is None:
            found.append(_Change(f"{path}[{after}]", f"{rule}[]", top, _Kind.ADD))
        elif after is None:
            found.append(_Change(f"{path}[{before}]", f"{rule}[]", top, _Kind.DELETE))
        else:
            found += _value_changes(items, old[before], new[after], f"{path}[{after}]", f"{rule}[]", top)
    return found


def _pairs_by_identity(
    identifiers: tuple[str, ...], old: list[Any], new: list[Any]
) -> list[tuple[int | None, int | None]]:
    """Which old item is which new one, wherever they stand. An item that is no object yet (unknown) has no identity."""

    def identity(item: dict[str, Any]) -> str:
        return json.dumps([item.get(name) for name in sorted(identifiers)], default=repr)

    before = {identity(item): index for index, item in enumerate(old) if isinstance(item, dict)}
    after = {identity(item): index for index, item in enumerate(new) if isinstance(item, dict)}
    pairs: list[tuple[int | None, int | None]] = [(before.get(key), index) for key, index in after.items()]
    return pairs + [(index, None) for key, index in before.items() if key not in after]
