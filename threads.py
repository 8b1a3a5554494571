"""Threads for the registrations of a program, which all wait at the same time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

_MOST: Final = 8192
"""More than the requests of the largest stack at a time. Threads start as they are needed."""


def have_enough_threads() -> None:
    """Give the running event loop a thread for every request to the engine.

    The SDK sends each request from a thread, which waits for the answer. The language host starts only a few for each
    parallel step. The engine answers some registrations only after it has called the program back, and such a callback
    sends requests too: it looks up what exists. Once registrations have all the threads, no callback gets one, and the
    program would wait for ever.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_MOST, "requests"))
