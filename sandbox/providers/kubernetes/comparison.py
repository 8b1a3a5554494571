"""The difference of two objects, property by property, as the engine shows it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sandbox.providers.kubernetes.handler import Change
from sandbox.providers.kubernetes.replacement import Pattern, touches
from sandbox.providers.values import UNKNOWN, Path

_MISSING: Final = object()
_REPLACING: Final = {
    Change.ADD: Change.ADD_REPLACE,
    Change.DELETE: Change.DELETE_REPLACE,
    Change.UPDATE: Change.UPDATE_REPLACE,
}


def compare(old: Mapping[str, Any], new: Mapping[str, Any], patterns: Iterable[Pattern]) -> dict[Path, Change]:
    """What makes `new` of `old`. Changes that a pattern names need a replacement."""
    patterns = tuple(patterns)
    changes: dict[Path, Change] = {}
    for path, value, change in _walk((), old, new):
        # A deletion that takes all of `metadata` takes the identity, too.
        needs = any(touches(path, value, pattern) for pattern in patterns) or (
            path == ("metadata",) and change is Change.DELETE
        )
        changes[path] = _REPLACING[change] if needs else change
    return changes


def _walk(path: Path, old: Any, new: Any) -> Iterator[tuple[Path, Any, Change]]:
    if new is UNKNOWN:
        yield path, None, Change.ADD if old is _MISSING else Change.UPDATE
    elif new is _MISSING or (new is None and old is not _MISSING and old is not None):
        yield path, None, Change.DELETE
    elif old is _MISSING:
        if new is not None:
            yield path, new, Change.ADD
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*new, *(key for key in old if key not in new)]:
            yield from _walk((*path, key), old.get(key, _MISSING), new.get(key, _MISSING))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _walk((*path, index), _item(old, index), _item(new, index))
    elif not _equal(old, new):
        yield path, new, Change.UPDATE


def _item(items: Sequence[Any], index: int) -> Any:
    return items[index] if index < len(items) else _MISSING


def _equal(old: Any, new: Any) -> bool:
    """Numbers are equal across types, but `true` is no number."""
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def path_text(path: Path) -> str:
    """A property path as the engine writes it: `spec.ports[0].port`, `metadata.annotations["a.b/c"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif any(character in step for character in '."[]'):
            quoted = step.replace('"', '\\"')
            text += f'["{quoted}"]'
        else:
            text += f".{step}" if text else step
    return text


def parse_path(text: str) -> Path:
    """The steps of a property path. `*` steps stay as they are."""
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        if text[position] == ".":
            position += 1
        elif text.startswith('["', position):
            end = _closing(text, position + 2)
            steps.append(text[position + 2 : end].replace('\\"', '"'))
            position = end + 2
        elif text[position] == "[":
            end = text.index("]", position)
            inner = text[position + 1 : end]
            steps.append(int(inner) if inner.isdigit() else inner)
            position = end + 1
        else:
            end = min((found for mark in ".[" if (found := text.find(mark, position)) >= 0), default=len(text))
            steps.append(text[position:end])
            position = end
    return tuple(steps)


def _closing(text: str, start: int) -> int:
    position = start
    while not (text[position] == '"' and text[position - 1] != "\\"):
        position += 1
    return position


def contains(ignored: Path, path: Path) -> bool:
    """Whether an ignored path is the path or around it. `*` is any step."""
    return len(ignored) <= len(path) and all(wanted in ("*", step) for wanted, step in zip(ignored, path, strict=False))
