"""Troubles: their symptom, cause and fix. Each check has its own troubles."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """One row of the runbook. `fix` may contain placeholders such as `{node}`, which the check fills in."""

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
        """Return the fix with filled placeholders; a placeholder without a value is in capitals."""
        return self.fix.format_map(_Named(values))

    def matches(self, message: str) -> bool:
        """Return whether a message matches the trouble's pattern."""
        return bool(self.pattern) and re.search(self.pattern, message, re.IGNORECASE) is not None


class BrokenError(Exception):
    """A failed check: the trouble, the finding, and the values for its fix."""

    def __init__(self, trouble: Trouble, seen: str, **values: str) -> None:
        super().__init__(seen)
        self.trouble = trouble
        self.seen = seen
        self.fix = trouble.fix_for(values)


class WarningError(BrokenError):
    """A finding of a check that holds. The checks that need it run."""


def matching_trouble(troubles: Sequence[Trouble], message: str, otherwise: Trouble) -> Trouble:
    """Return the first trouble that matches a message, else `otherwise`."""
    return next((trouble for trouble in troubles if trouble.matches(message)), otherwise)


class _Named(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key.upper()
