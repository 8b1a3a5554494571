"""The order of checks: each after those that it needs, and of those that may run the first of the list first."""

import heapq
from collections import defaultdict
from collections.abc import Sequence

from verify.check import Check


class Schedule:
    """The checks of a run that wait. Each is looked at when the last one that it needs ends, not at every end."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = checks
        self._places = {check.name: place for place, check in enumerate(checks)}
        # Needed checks outside this run are ignored.
        self._waits_for = {check.name: {need for need in check.needs if need in self._places} for check in checks}
        self._waiting: defaultdict[str, list[str]] = defaultdict(list)
        """The checks that need a check."""
        for name, needs in self._waits_for.items():
            for need in needs:
                self._waiting[need].append(name)
        self._unsettled = [self._places[name] for name, needs in self._waits_for.items() if not needs]
        self._ready: list[int] = []

    def check(self, name: str) -> Check:
        """Return a check by its name."""
        return self._checks[self._places[name]]

    def next_unsettled(self) -> Check | None:
        """Return the next check that waits for no other one, to be ended or made ready."""
        return self._checks[heapq.heappop(self._unsettled)] if self._unsettled else None

    def make_ready(self, check: Check) -> None:
        """Let a check run."""
        heapq.heappush(self._ready, self._places[check.name])

    def next_ready(self) -> Check | None:
        """Return the next check to run."""
        return self._checks[heapq.heappop(self._ready)] if self._ready else None

    def end(self, check: Check) -> None:
        """Release the checks that need a check which has ended."""
        for name in self._waiting.pop(check.name, ()):
            self._waits_for[name].discard(check.name)
            if not self._waits_for[name]:
                heapq.heappush(self._unsettled, self._places[name])
