"""Troubles: their symptom, cause and fix. Each check has its own troubles.

A command stands in backticks in its fix, and runs as printed. Its placeholders, such as `{node}`, are filled in by the
check; those of every run are in names.py. What only the user knows is in capitals.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from verify.check import State

_COMMAND: Final = re.compile(r"`((?:az|helm|kubectl|pulumi) [^`]+)`")
_LEFT_OUT: Final = re.compile(r"`[^`]*`(?:, )?")
_PLACEHOLDER: Final = re.compile(r"(?<!\{)\{(\w+)\}")


def commands_of(fix: str) -> list[str]:
    """Return the commands of a fix, in their order."""
    return _COMMAND.findall(fix)


@dataclass(frozen=True)
class Trouble:
    """One row of the runbook."""

    name: str
    """Its name in `--json`."""
    symptom: str
    """The error that the user sees."""
    cause: str
    """The cause."""
    fix: str
    """The command or change that fixes it."""
    pattern: str = ""
    """A regular expression for its message in events and statuses."""

    def fix_for(self, values: Mapping[str, str]) -> str:
        """Return the fix with filled placeholders; a placeholder without a value is in capitals.

        A command with an empty value is left out. The value `restore` has placeholders of its own.
        """

        def filled(command: re.Match[str]) -> str:
            return "" if "" in {values.get(name) for name in _PLACEHOLDER.findall(command[0])} else command[0]

        whole = self.fix.replace("{restore}", values.get("restore", "{restore}"))
        return _LEFT_OUT.sub(filled, whole).format_map(_Named(values))

    def matches(self, message: str) -> bool:
        """Return whether a message matches the trouble's pattern."""
        return bool(self.pattern) and re.search(self.pattern, message, re.IGNORECASE) is not None


class BrokenError(Exception):
    """A failed check: the trouble, the finding, and the values for its fix that differ from run to run."""

    state = State.FAILS

    def __init__(self, trouble: Trouble, seen: str, **values: str) -> None:
        super().__init__(seen)
        self.trouble = trouble
        self.seen = seen
        self.values = values


class WarningError(BrokenError):
    """A finding of a check that holds. The checks that need it run."""

    state = State.WARNS


def matching_trouble(troubles: Sequence[Trouble], message: str, otherwise: Trouble) -> Trouble:
    """Return the first trouble that matches a message, else `otherwise`."""
    return next((trouble for trouble in troubles if trouble.matches(message)), otherwise)


class _Named(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key.upper()
