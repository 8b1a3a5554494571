"""The progress of a run: a line that changes on a terminal; in a log one line now and then."""

import threading
import time
from collections.abc import Sequence
from itertools import islice
from typing import Final, Self

from rich.console import Console
from rich.status import Status

from verify.check import Check, Result

LOG_SECONDS: Final = 10.0
"""The time between two lines in a log; a shorter run writes none."""
_SHOWN: Final = 3


class Progress:
    """Counts the checks that have ended, and names the first that have not."""

    def __init__(self, checks: Sequence[Check], console: Console, log_seconds: float = LOG_SECONDS) -> None:
        self._waiting = {check.name: check.title for check in checks}
        self._count = len(checks)
        self._console = console
        self._log_seconds = log_seconds
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._status: Status | None = None
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status = self._console.status(self._line())
            self._status.start()
        else:
            threading.Thread(target=self._log, name="progress", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._status:
            self._status.stop()

    def add(self, result: Result) -> None:
        """Add a result."""
        with self._lock:
            del self._waiting[result.check.name]
        if self._status:
            self._status.update(self._line())

    def _log(self) -> None:
        while not self._ended.wait(self._log_seconds):
            seconds = time.monotonic() - self._began
            self._console.print(f"{self._line()} ({seconds:.0f} s)", markup=False, soft_wrap=True)

    def _line(self) -> str:
        with self._lock:
            first = ", ".join(islice(self._waiting.values(), _SHOWN))
            return f"{self._count - len(self._waiting)} of {self._count}: {first}"
