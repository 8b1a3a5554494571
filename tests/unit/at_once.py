"""How many calls of a function run at the same time."""

import threading
from collections.abc import Callable
from typing import Any


def most_at_once(arrive: Callable[[Callable[[], None]], Any], expected: int) -> int:
    """Return how many calls of one function ran at the same time; each waits until as many as expected have come."""
    lock, full = threading.Lock(), threading.Event()
    inside = most = 0

    def count() -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
            if inside >= expected:
                full.set()
        assert full.wait(20), f"{expected} calls at once were awaited; {most} came"
        with lock:
            inside -= 1

    arrive(count)
    return most
