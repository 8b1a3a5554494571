"""Values at property paths of Pulumi, such as `tags` and `activeDirectories[0].dns`, in inputs that may be outputs."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

import pulumi
from pulumi.output import UNKNOWN

_WORD: Final = re.compile(r'[^.\[\]"]+')
_STEP: Final = re.compile(rf'\["((?:[^"\\]|\\.)*)"\]|({_WORD.pattern})')


def path_in(holder: str, name: str) -> str:
    """Return the path of an entry of a mapping: `tags.team`, `tags["cost.center"]`."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f"{holder}.{name}" if _WORD.fullmatch(name) else f'{holder}["{escaped}"]'


def is_within(path: str, holder: str) -> bool:
    """Return True for the path of a part of the value at `holder`."""
    return path.startswith((f"{holder}.", f"{holder}["))


def value_at(holder: Any, path: str) -> Any:
    """Return the value at a path; None if there is none."""
    for step in _steps(path):
        match holder:
            case Mapping():
                holder = cast("Mapping[str, Any]", holder).get(step)
            case list():
                items, index = cast("list[Any]", holder), int(step)
                holder = items[index] if index < len(items) else None
            case _:
                return None
    return holder


def with_value(holder: Any, path: str, value: Any) -> Any:
    """Return a copy of inputs with a value at a path, or without it for None.

    Outputs on the way stay outputs, and secrets stay secret.
    """

    def put(within: Any, steps: list[str]) -> Any:
        if not steps:
            return value
        if isinstance(within, pulumi.Output):
            return cast("pulumi.Output[Any]", within).apply(lambda known: put(known, steps))
        first, *rest = steps
        if isinstance(within, list):
            items = [*cast("list[Any]", within)]
            items[int(first)] = put(items[int(first)], rest)
            return items
        fields = dict(cast("Mapping[str, Any]", within or {}))
        fields[first] = put(fields.get(first), rest)
        return {name: part for name, part in fields.items() if name != first or part is not None}

    return put(holder, _steps(path))


def _steps(path: str) -> list[str]:
    return [word or re.sub(r"\\(.)", r"\1", quoted) for quoted, word in _STEP.findall(path)]


async def plain(value: Any) -> Any:
    """Return inputs without outputs: their values, also those of secrets, and UNKNOWN for what is not known yet."""
    if isinstance(value, pulumi.Output):
        output = cast("pulumi.Output[Any]", value)
        return await plain(await output.future()) if await output.is_known() else UNKNOWN
    if isinstance(value, Mapping):
        return {name: await plain(part) for name, part in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [await plain(part) for part in cast("list[Any]", value)]
    return value


def has_unknowns(value: Any) -> bool:
    """Return True if a part of plain inputs is not known yet."""
    match value:
        case Mapping():
            return any(has_unknowns(part) for part in cast("Mapping[str, Any]", value).values())
        case list():
            return any(has_unknowns(part) for part in cast("list[Any]", value))
        case _:
            return value is UNKNOWN


def is_same(one: Any, other: Any) -> bool:
    """Return True if Azure takes two plain values for the same: the case of a text does not count."""
    match one, other:
        case str(), str():
            return one.casefold() == other.casefold()
        case Mapping(), Mapping():
            return one.keys() == other.keys() and all(is_same(value, other[name]) for name, value in one.items())
        case list(), list():
            return len(one) == len(other) and all(is_same(*pair) for pair in zip(one, other, strict=True))
        case _:
            return one == other
