"""One operation of the engine's: how long it may take, whether it was cancelled, and what it is waiting for."""

import threading
import time
from typing import Final

_DEFAULT_SECONDS: Final = 2 * 60 * 60.0


class CloudError(Exception):
    """Anything that Azure, the way to it, or its absence made fail. The message is what the user reads."""


class OperationEndedError(CloudError):
    """The operation's time is over, or the engine cancelled it, while something was awaited."""


class Operation:
    """A time limit and a way to be interrupted. Every wait of the plugin goes through one."""

    def __init__(self, cancelled: threading.Event, seconds: float = 0) -> None:
        self._cancelled = cancelled
        self._deadline = time.monotonic() + (seconds if seconds > 0 else _DEFAULT_SECONDS)
        self.awaited = "an answer of Azure"
        """The current step, for the message when it may not go on."""

    @property
    def remaining(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def check(self) -> None:
        if self._cancelled.is_set():
            raise OperationEndedError(f"context canceled: {self.awaited}")
        if not self.remaining:
            raise OperationEndedError(f"operation timed out: {self.awaited}")

    def wait(self, seconds: float) -> None:
        self._cancelled.wait(min(seconds, self.remaining))
        self.check()
