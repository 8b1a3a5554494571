"""A recording of the real Azure as data, and its comparison with what the emulator answers: see recorded/README.md."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).with_name("recorded")

_PLACEHOLDER: Final = re.compile(r"\{(?:(\w+):)?(\w+)\}")
_TIME: Final = r"\d{4}-\d\d-\d\dT\d\d%s\d\d%s\d\d(?:\.\d{1,7})?Z"
_KINDS: Final = {
    "guid": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "time": _TIME % (":", ":"),
    "stamp": _TIME % ("%3A", "%3A"),
    "hex": r"[0-9a-f]+",
    "text": r"[^/]+",
}


@dataclass(frozen=True)
class Difference:
    """A place where the emulator's answer is not the recorded one. `where`: as in the file's `differences`."""

    where: str
    text: str

    def is_at(self, where: str) -> bool:
        number, _, rest = self.where.partition(".")
        wanted, _, place = where.partition(".")
        return wanted in {"*", number} and re.sub(r"\[\d+\]", "[]", rest).startswith(re.sub(r"\[\d+\]", "[]", place))


@dataclass
class Placeholders:
    """The values behind placeholders: some are given, the others are bound where they are first seen."""

    values: dict[str, str] = field(default_factory=dict[str, str])

    def filled(self, text: str) -> str:
        """Return a text with the values; KeyError for a placeholder that has none yet."""
        return _PLACEHOLDER.sub(lambda found: self.values[found[2]], text)

    def unseen(self, text: str) -> list[str]:
        """Return the placeholders of a text that have no value yet."""
        return [found[2] for found in _PLACEHOLDER.finditer(text) if found[2] not in self.values]

    def matches(self, expected: str, actual: str) -> bool:
        """Compare, and bind what is new."""
        pattern, names, end = "", list[str](), 0
        for found in _PLACEHOLDER.finditer(expected):
            pattern += re.escape(expected[end : found.start()])
            kind, name = found[1], found[2]
            if name in self.values:
                pattern += re.escape(self.values[name])
            elif name in names:
                pattern += f"(?P={name})"
            else:
                pattern += f"(?P<{name}>{_KINDS[kind]})"
                names.append(name)
            end = found.end()
        if match := re.fullmatch(pattern + re.escape(expected[end:]), actual):
            self.values |= match.groupdict()
        return match is not None


@dataclass(frozen=True)
class Recording:
    """One file."""

    name: str
    document: dict[str, Any]

    @classmethod
    def all(cls) -> "list[Recording]":
        return [cls(path.stem, json.loads(path.read_text())) for path in sorted(FOLDER.glob("*.json"))]

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        return self.document["exchanges"]

    def unexplained(self, found: list[Difference]) -> list[str]:
        """Return what differs without a reason, and the reasons for what does not differ."""
        stated = [each["where"] for each in self.document.get("differences", [])]
        texts = [each.text for each in found if not any(each.is_at(where) for where in stated)]
        unused = [where for where in stated if not any(each.is_at(where) for each in found)]
        return texts + [f"stated as a difference, but nothing differs there: {where}" for where in unused]


def compare(where: str, expected: Any, actual: Any, placeholders: Placeholders) -> Iterator[Difference]:
    """Yield where an answer differs from the recorded one."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in [*expected, *(key for key in actual if key not in expected)]:
            place = f"{where}.{key}"
            if key not in actual:
                yield Difference(place, f"{place}: recorded {json.dumps(expected[key])}, answered nothing")
            elif key not in expected:
                yield Difference(place, f"{place}: answered {json.dumps(actual[key])}, which is not recorded")
            else:
                yield from compare(place, expected[key], actual[key], placeholders)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from compare(f"{where}[{index}]", one, other, placeholders)
    elif isinstance(expected, str) and isinstance(actual, str):
        if not placeholders.matches(expected, actual):
            yield Difference(where, f"{where}: recorded {expected!r}, answered {actual!r}")
    elif expected != actual or isinstance(expected, bool) != isinstance(actual, bool):
        yield Difference(where, f"{where}: recorded {json.dumps(expected)}, answered {json.dumps(actual)}")
