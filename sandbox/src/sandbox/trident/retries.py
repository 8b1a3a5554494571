"""When a controller handles an object: at once after a change, after a failure later and later, as client-go does."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")


class TryAgainError(Exception):
    """The work is not done; the text says why. `seconds` is how long to wait, instead of the usual time."""

    def __init__(self, reason: object, seconds: float | None = None) -> None:
        super().__init__(str(reason))
        self.seconds = seconds


@dataclass
class _Attempt:
    seen: object
    due: float | None
    """None: only after a change."""
    failures: int = 0


class Retries(Generic[K]):
    """The attempts of one controller. After a failure it waits `first` seconds, then twice as long, at most `last`."""

    def __init__(self, first: float, last: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._first = first
        self._last = last
        self._clock = clock
        self._attempts: dict[K, _Attempt] = {}

    def wait(self, key: K, seen: object, delay: float = 0.0) -> float | None:
        """Return the seconds until an object is due, at most 0 when it is; None when nothing needs to be done.

        `seen` is all that its handling depends on: once that has changed, the object is due after `delay` seconds.
        """
        attempt = self._attempts.get(key)
        if attempt is None or attempt.seen != seen:
            attempt = self._attempts[key] = _Attempt(seen, self._clock() + delay)
        return None if attempt.due is None else attempt.due - self._clock()

    def done(self, key: K) -> None:
        """Note a success."""
        self._attempts[key].due, self._attempts[key].failures = None, 0

    def failed(self, key: K, seconds: float | None = None) -> float:
        """Note a failure; return the seconds until the next attempt."""
        attempt = self._attempts[key]
        attempt.failures += 1
        wait = min(self._first * 2.0 ** min(attempt.failures - 1, 32), self._last) if seconds is None else seconds
        attempt.due = self._clock() + wait
        return wait

    def keep(self, keys: Collection[K]) -> None:
        """Forget every other object: it is gone."""
        self._attempts = {key: attempt for key, attempt in self._attempts.items() if key in keys}

    def clear(self) -> None:
        """Forget everything: the process that knew it has ended."""
        self._attempts.clear()
