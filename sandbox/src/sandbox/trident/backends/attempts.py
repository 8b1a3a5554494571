"""When what failed is tried again, as client-go's default rate limiter has it."""

from dataclasses import dataclass
from typing import Final

_FIRST_SECONDS: Final = 0.005
_LEAST_SECONDS: Final = 0.2  # the first few come faster in client-go, and find what they found before
_LAST_SECONDS: Final = 1000.0


@dataclass
class Attempt:
    """What came of one object last time."""

    seen: tuple[str, ...]
    """The versions of all that it depended on: another one is another attempt."""
    failures: int = 0
    due: float | None = None
    begun: float | None = None
    """When it was first seen, as long as it has not been tried."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is to be done until something changes."""
        return self.due is None and self.begun is None

    def wait(self, now: float, first_seconds: float) -> float:
        """Seconds until it is to be tried; `first_seconds` is how long the first try takes."""
        due = self.begun + first_seconds if self.begun is not None else self.due
        return 0.0 if due is None else due - now

    def done(self) -> None:
        """It came to an end."""
        self.failures, self.due, self.begun = 0, None, None

    def failed(self, now: float) -> float:
        """It is to be tried again after so many seconds: twice as many each time."""
        self.failures += 1
        delay = min(max(_FIRST_SECONDS * 2.0**self.failures, _LEAST_SECONDS), _LAST_SECONDS)
        self.begun, self.due = None, now + delay
        return delay
