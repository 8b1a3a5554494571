"""The engine's `Cancel`, as waits see it."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager


class Cancellation:
    """Set once, by the engine. Whoever waits is told at once."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: set[Callable[[], None]] = set()

    @property
    def requested(self) -> bool:
        """Whether the engine wants operations to end."""
        return self._event.is_set()

    def request(self) -> None:
        """Ask every running operation to end."""
        self._event.set()
        with self._lock:
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    def wait(self, seconds: float) -> bool:
        """Let time pass, but not after a cancellation. True: cancelled."""
        return self._event.wait(seconds)

    @contextmanager
    def calling(self, callback: Callable[[], None]) -> Generator[None]:
        """Have `callback` called when cancellation comes, or at once if it has come."""
        with self._lock:
            self._callbacks.add(callback)
        try:
            if self.requested:
                callback()
            yield
        finally:
            with self._lock:
                self._callbacks.discard(callback)
