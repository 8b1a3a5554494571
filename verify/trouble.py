"""A trouble that users meet: how it shows, what it is, and the way out. Each check knows the troubles it can find."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """One row of the runbook. `fix` may name `{node}`, `{namespace}` and the like, filled in where it is met."""

    name: str
    """What it is called in `--json`."""
    symptom: str
    """What the user sees."""
    cause: str
    """What it is."""
    fix: str
    """What to do."""
    words: str = ""
    """A regular expression over the messages of events and statuses that tells it."""

    def fix_for(self, values: Mapping[str, str]) -> str:
        """Return the fix with the names of what is broken; unknown names stand in capitals."""
        return self.fix.format_map(_Named(values))

    def says(self, message: str) -> bool:
        """Whether a message speaks of this trouble."""
        return bool(self.words) and re.search(self.words, message, re.IGNORECASE) is not None


class BrokenError(Exception):
    """A check does not hold: the trouble, what was seen, and the names for its fix."""

    def __init__(self, trouble: Trouble, seen: str, **values: str) -> None:
        super().__init__(seen)
        self.trouble = trouble
        self.seen = seen
        self.fix = trouble.fix_for(values)


def told(troubles: Sequence[Trouble], message: str, otherwise: Trouble) -> Trouble:
    """The first trouble that a message speaks of."""
    return next((trouble for trouble in troubles if trouble.says(message)), otherwise)


class _Named(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key.upper()
