"""The SDK in a program of many resources: threads for its requests, one server for callbacks, fewer debug messages."""

import asyncio
import atexit
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import grpc
import pulumi
from pulumi.runtime.settings import SETTINGS, _get_callbacks  # pyright: ignore[reportPrivateUsage]
from pulumi.runtime.sync_await import _sync_await  # pyright: ignore[reportPrivateUsage]

_MOST_THREADS: Final = 8192
"""More than the requests of the largest stack at a time. Threads start as they are needed."""
_LINES: Final = 200
"""The most debug lines in one message."""
_SECONDS: Final = 0.5
"""After which a message is sent, however few its lines are."""
_END_SECONDS: Final = 5.0
"""How long the end of the program waits for the last message."""


def prepare_for_many_resources() -> None:
    """Prepare the SDK in the running event loop. Call it before the first resource, in a process of the program alone.

    The SDK needs this for stacks of more than some dozens of resources; it changes nothing that a user sees.
    """
    have_enough_threads()
    _have_one_callback_server()
    DebugLines().collect()


def have_enough_threads() -> None:
    """Give the running event loop a thread for every request to the engine.

    The SDK sends each request from a thread, which waits for the answer. The language host starts only a few for each
    parallel step. The engine answers some registrations only after it has called the program back, and such a callback
    sends requests too: it looks up what exists. Once registrations have all the threads, no callback gets one, and the
    program would wait for ever.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_MOST_THREADS, "requests"))


def _have_one_callback_server() -> None:
    """Start the server that the engine calls back.

    Each hook and migration that is registered before a first server runs would start one of its own, with a socket and
    a connection: 829 of them for 100 volumes, and a process may often open 1,024 files.
    """
    # The task that starts it sets it in a context of its own.
    SETTINGS.callbacks = _sync_await(_get_callbacks())  # pyright: ignore[reportAttributeAccessIssue]


class DebugLines:
    """The debug lines of the SDK, sent together from a thread.

    The SDK writes some 60 lines for each volume, shown by `pulumi --debug` alone. But each is a request that the event
    loop waits for, which took more than half of the program's time with 500 volumes. No switch turns them off.
    """

    def __init__(self) -> None:
        self._send: Callable[..., None] = pulumi.log.debug
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="debug lines", daemon=True)

    def collect(self) -> None:
        """Collect the lines from now on."""
        pulumi.log.debug = self._collect
        self._thread.start()
        atexit.register(self.end)

    def end(self) -> None:
        """Send what is left; later lines are sent one by one."""
        pulumi.log.debug = self._send
        self._lines.put(None)
        self._thread.join(_END_SECONDS)

    def _collect(
        self,
        msg: str,
        resource: pulumi.Resource | None = None,
        stream_id: int | None = None,
        ephemeral: bool | None = None,
    ) -> None:
        if resource is not None or stream_id is not None or ephemeral:
            self._send(msg, resource, stream_id, ephemeral)
        else:
            self._lines.put(msg)

    def _work(self) -> None:
        goes_on = True
        while goes_on:
            lines, goes_on = self._next()
            with contextlib.suppress(grpc.RpcError):  # the engine has ended
                if lines:
                    self._send("\n".join(lines))

    def _next(self) -> tuple[list[str], bool]:
        """Await the first line; return it with those that follow soon, and whether there may be more."""
        line, lines, until = self._lines.get(), list[str](), time.monotonic() + _SECONDS
        while line is not None:
            lines.append(line)
            if len(lines) >= _LINES:
                return lines, True
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return lines, True
        return lines, False
