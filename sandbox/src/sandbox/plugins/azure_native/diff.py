"""Differences between old and new inputs, property by property, and what they mean: change, replacement or nothing."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
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
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_$][\w$]*")


@dataclass(frozen=True)
class _Change:
    """One leaf that differs. `path` is how the engine writes it, `top` the top-level property that it is in."""

    path: str
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
    """Compare the inputs `old` and `new`, given the outputs `state`.

    Two exceptions, both the genuine plugin's: a property that is set anew to the value that Azure already reports
    replaces nothing, and one that is set anew to its default is no change.
    """
    result = Difference()
    known, replacing = {**row.inputs, **row.parameters}, row.replacing
    for change in _object_changes(known, old, new, "", ""):
        if _is_same_place(change, old, new):
            continue
        path, kind = change.path, change.kind
        is_new = kind == _Kind.ADD and path in new
        # Within a list that replaces the genuine plugin sends the change to Azure, which refuses it.
        replaces = path in replacing and not (is_new and state.get(path) == new[path])
        entry = provider_pb2.PropertyDiff(kind=_REPLACING[kind] if replaces else kind)
        result.detailed[path] = entry
        if is_new and not replaces and _is_default(row.inputs.get(path), new[path]):
            continue
        if replaces:
            result.replaces.append(path)
        result.changes.add(change.top)
        entry.inputDiff = True
    result.delete_before_replace = bool(result.replaces)
    if isinstance(old.get(CREATE_BEFORE_DELETE), bool):
        result.delete_before_replace = not old[CREATE_BEFORE_DELETE]
    return result


def _is_default(prop: Property | None, value: Any) -> bool:
    return prop is not None and prop.default is not None and value == prop.default


def _is_same_place(change: _Change, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Case and spaces of a location and the case of a resource group's name mean nothing to Azure."""
    before, after = old.get(change.path), new.get(change.path)
    if change.kind != _Kind.UPDATE or not isinstance(before, str) or not isinstance(after, str):
        return False
    match change.path:
        case "location":
            return before.replace(" ", "").lower() == after.replace(" ", "").lower()
        case "resourceGroupName":
            return before.lower() == after.lower()
        case _:
            return False


def _step(base: str, key: str) -> str:
    if not base:
        return key
    return f"{base}.{key}" if _PLAIN_KEY.fullmatch(key) else f"{base}[{json.dumps(key)}]"


def _object_changes(
    fields: Mapping[str, Property], old: Mapping[str, Any], new: Mapping[str, Any], path: str, top: str
) -> Iterator[_Change]:
    for key in {**old, **new}:
        if key.startswith("__"):
            continue
        at, top_at = _step(path, key), top or key
        if key not in new:
            yield _Change(at, top_at, _Kind.DELETE)
        elif key not in old:
            yield _Change(at, top_at, _Kind.ADD)
        else:
            yield from _value_changes(fields.get(key), old[key], new[key], at, top_at)


def _value_changes(prop: Property | None, old: Any, new: Any, path: str, top: str) -> Iterator[_Change]:
    match old, new:
        case list(), list():
            yield from _list_changes(prop, old, new, path, top)
        case dict(), dict():
            yield from _object_changes(prop.fields if prop else {}, old, new, path, top)
        case _ if old != new or isinstance(old, bool) != isinstance(new, bool):
            yield _Change(path, top, _Kind.UPDATE)
        case _:
            return


def _list_changes(prop: Property | None, old: list[Any], new: list[Any], path: str, top: str) -> Iterator[_Change]:
    for before, after in _pairs(prop.identifiers if prop else (), old, new):
        if before is None:
            yield _Change(f"{path}[{after}]", top, _Kind.ADD)
        elif after is None:
            yield _Change(f"{path}[{before}]", top, _Kind.DELETE)
        else:
            items = prop.items if prop else None
            yield from _value_changes(items, old[before], new[after], f"{path}[{after}]", top)


def _pairs(identifiers: tuple[str, ...], old: list[Any], new: list[Any]) -> Iterable[tuple[int | None, int | None]]:
    """Match old items with new ones. With identifiers these tell, wherever the items stand; else their places.

    An item that is no object yet (unknown) has no identity.
    """
    if not identifiers:
        return zip_longest(range(len(old)), range(len(new)))

    def by_identity(items: list[Any]) -> dict[str, int]:
        return {
            json.dumps([item.get(name) for name in sorted(identifiers)], default=repr): index
            for index, item in enumerate(items)
            if isinstance(item, dict)
        }

    before, after = by_identity(old), by_identity(new)
    gone = [(index, None) for key, index in before.items() if key not in after]
    return [*((before.get(key), index) for key, index in after.items()), *gone]
