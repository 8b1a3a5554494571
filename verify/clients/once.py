"""Answers that are found once in a run, however many checks ask for them at the same time."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Once:
    """Answers by their keys. It is thread-safe: who asks for an answer that is being found waits for it alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[str, Any] = {}
        self._asking: dict[str, threading.Lock] = {}

    def get(self, key: str, find: Callable[[], T], *, fresh: bool = False) -> T:
        """Return the answer of a key; `find` is called without one, or if `fresh` is set. An error is no answer."""
        with self._lock:
            if not fresh and key in self._answers:
                return cast(T, self._answers[key])
            asking = self._asking.setdefault(key, threading.Lock())
        with asking:
            with self._lock:
                if not fresh and key in self._answers:
                    return cast(T, self._answers[key])
            found = find()
            with self._lock:
                self._answers[key] = found
            return found
