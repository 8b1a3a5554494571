"""The end of a program that does not end well: interrupted by the engine or the user, or failed while others wait."""

import asyncio
import os
import signal
import threading
from typing import Final

import grpc
import pulumi
from pulumi.runtime import settings

_GRACE_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 1.0
_CANCELLED: Final = ("context canceled", "the client connection is closing")
"""In what the engine answers once it has cancelled a request, or has closed its own connection to a plugin."""


def end_without_traceback() -> None:
    """Restore the default handling of SIGINT, which ends the program at once.

    When a resource fails, the engine's language plugin interrupts the program twice while the program still waits for
    other resources (pulumi-language-python, Cancel). Python would raise KeyboardInterrupt and print a traceback below
    the error, which would hide the error.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def end_quietly_when_cancelled() -> None:
    """Have a request that the engine cancels end the program as one that the engine no longer takes does.

    The engine cancels the requests under way when another resource has failed. The SDK would raise an exception of no
    type of its own for them, and `pulumi` would print its traceback below the error.
    """
    to_exception = settings.grpc_error_to_exception

    def quietly(error: grpc.RpcError) -> Exception:
        details = str(error.details())
        return pulumi.RunError(details) if any(text in details for text in _CANCELLED) else to_exception(error)

    settings.grpc_error_to_exception = quietly


def end_with_its_event_loop() -> None:
    """End the process soon after the program's event loop, whatever its threads wait for.

    The engine asks the program for each transform, hook and state migration of a resource. If the program fails, nobody
    answers any more: the engine waits for the answer, and a thread of the program for the engine's, for ever. The error
    has been reported by then. Call it in the event loop, and only in a process that is the program's alone.
    """
    loop = asyncio.get_running_loop()

    def watch() -> None:
        never = threading.Event()
        while loop.is_running():
            never.wait(_LOOK_SECONDS)  # asyncio tells nobody of the end of a loop
        never.wait(_GRACE_SECONDS)  # a program that ends by itself takes this thread with it
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
