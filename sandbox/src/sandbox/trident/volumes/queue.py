"""A work queue with back-off, as client-go's rate-limited queues behave.

A key is handled by one thread at a time. What is added while it is being handled is handled again afterwards. A failed
key comes back after a wait that doubles with each failure in a row; adding it meanwhile has it handled at once.
"""

import logging
import threading
import time
from collections.abc import Callable

from sandbox.kube.api import ApiError, ApiUnreachableError
from sandbox.kube.objects import Key
from sandbox.trident.volumes.pace import Pace

logger = logging.getLogger(__name__)

Task = tuple[str, Key]
"""What is to be done, and with which object."""


class TryAgainError(Exception):
    """Not done; the text says why. `seconds`: not earlier than that, instead of the usual back-off."""

    def __init__(self, reason: object, seconds: float | None = None) -> None:
        super().__init__(str(reason))
        self.seconds = seconds


class WorkQueue:
    """Tasks, and the threads that do them. Threads end with the process."""

    def __init__(self, handle: Callable[[Task], None], pace: Pace, workers: int) -> None:
        self._handle = handle
        self._pace = pace
        self._workers = workers
        self._changed = threading.Condition()
        self._due: dict[Task, float] = {}
        self._running: set[Task] = set()
        self._again: set[Task] = set()
        self._failures: dict[Task, int] = {}

    def start(self) -> None:
        """Begin to work."""
        for number in range(self._workers):
            threading.Thread(target=self._work, name=f"provisioner {number}", daemon=True).start()

    def add(self, task: Task) -> None:
        """Have a task done as soon as a thread is free."""
        with self._changed:
            if task in self._running:
                self._again.add(task)
            else:
                self._due[task] = time.monotonic()
                self._changed.notify()

    def clear(self) -> None:
        """Forget what waits and what has failed: the process that knew it has ended."""
        with self._changed:
            self._due.clear()
            self._again.clear()
            self._failures.clear()

    def _work(self) -> None:
        while True:
            task = self._take()
            wait: float | None = None
            try:
                self._handle(task)
            except TryAgainError as error:
                wait = self._failed(task, error, error.seconds)
            except (ApiError, ApiUnreachableError) as error:
                wait = self._failed(task, error, None)
            except Exception as error:  # a bug in one task must not end the thread unnoticed
                logger.exception("%s %s", *task)
                wait = self._failed(task, error, None)
            self._finished(task, wait)

    def _take(self) -> Task:
        with self._changed:
            while True:
                now = time.monotonic()
                task = min(self._due, key=self._due.__getitem__, default=None)
                if task is not None and self._due[task] <= now:
                    del self._due[task]
                    self._running.add(task)
                    return task
                self._changed.wait(None if task is None else self._due[task] - now)

    def _failed(self, task: Task, error: Exception, seconds: float | None) -> float:
        with self._changed:
            self._failures[task] = self._failures.get(task, 0) + 1
            wait = self._pace.delay(self._failures[task]) if seconds is None else seconds
        kind, (namespace, name) = task
        logger.warning("%s %s: %s; again in %.1f s", kind, f"{namespace}/{name}" if namespace else name, error, wait)
        return wait

    def _finished(self, task: Task, wait: float | None) -> None:
        with self._changed:
            self._running.discard(task)
            if wait is None:
                self._failures.pop(task, None)
            if task in self._again:
                self._again.discard(task)
                wait = 0.0
            if wait is not None:
                self._due[task] = time.monotonic() + wait
                self._changed.notify()
