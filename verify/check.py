"""A check: one thing that is looked at, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

LIMIT_SECONDS: Final = 30.0


class State(Enum):
    """What came of a check."""

    HOLDS = "holds"
    FAILS = "fails"
    NOT_CHECKED = "notChecked"
    """Something that it needs does not hold. Counts as not holding."""
    LEFT_OUT = "leftOut"
    """It writes, and was not to."""


@dataclass(frozen=True)
class Check:
    """One small look. `look` returns what was seen, or raises `BrokenError`."""

    name: str
    """Unique and stable: `share/smb/claim`."""
    group: str
    """The heading that it stands under."""
    title: str
    """What is looked at."""
    look: Callable[[], str]
    needs: tuple[str, ...] = ()
    """The names of checks without which this one cannot hold."""
    limit: float = LIMIT_SECONDS
    """Seconds until it counts as failed."""
    writes: bool = False
    """It makes something, if only for a moment."""


@dataclass(frozen=True)
class Result:
    """What came of a check."""

    check: Check
    state: State
    seen: str
    fix: str = ""
    trouble: str = ""
    """The runbook's name of what is broken."""
    because: tuple[str, ...] = ()
    """The failed checks for which this one was not looked at."""
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether it speaks against the stack."""
        return self.state in {State.HOLDS, State.LEFT_OUT}
