"""A check of one link, and its result."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

LIMIT_SECONDS: Final = 30.0


class State(Enum):
    """The state of a check after a run."""

    HOLDS = "holds"
    WARNS = "warns"
    """It holds, with a finding that will break it or that somebody should see."""
    FAILS = "fails"
    NOT_CREATED = "notCreated"
    """Not run, because `pulumi up` stopped before it created this part. It counts as a failure."""
    NOT_CHECKED = "notChecked"
    """Not run, because a check that it needs fails. It counts as a failure."""
    LEFT_OUT = "leftOut"
    """Not run, because it writes, and the user did not ask for that."""


@dataclass(frozen=True)
class Check:
    """One check. `look` returns what it found, or raises `BrokenError` or `WarningError`."""

    name: str
    """Unique and stable: `share/smb/claim`."""
    group: str
    """The heading above it."""
    title: str
    """The thing that it checks."""
    look: Callable[[], str]
    needs: tuple[str, ...] = ()
    """The names of the checks that must hold before this one runs."""
    limit: float = LIMIT_SECONDS
    """Seconds before it counts as failed."""
    writes: bool = False
    """True if it creates something temporary."""
    finding: bool = False
    """True if a failure is only a warning."""


@dataclass(frozen=True)
class Result:
    """The state of a check after a run."""

    check: Check
    state: State
    seen: str
    fix: str = ""
    trouble: str = ""
    """The name of the trouble in the runbook."""
    because: tuple[str, ...] = ()
    """The failed checks that prevented this one."""
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Return whether the check holds, warns or was left out."""
        return self.state in {State.HOLDS, State.WARNS, State.LEFT_OUT}
