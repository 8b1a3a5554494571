"""Noticing that the engine is gone: one that was killed ends none of its plugins.

The engine holds the other end of a plugin's standard input as long as it lives (ExecPlugin in the engine's
pkg/resource/plugin/plugin.go), so that an end of the input is the engine's, at once. The state of a connection to it
would not do: one that breaks may stay idle for ever. A plugin that was started by hand, and attached, has no such
input: it asks at the engine's address, as plugins made with Pulumi's Go SDK do (sdk/go/common/util/rpcutil/health.go).
"""

import os
import select
import stat
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

import grpc

_INTERVAL_SECONDS: Final = 5 * 60.0  # that of the Go SDK
_HEALTH: Final = "/grpc.health.v1.Health/Check"


def when_gone(channel: grpc.Channel, act: Callable[[], None]) -> None:
    """Call `act`, in a thread of its own, once the engine at the other end of `channel` has ended."""

    def watch() -> None:
        pipe = _input_pipe()
        while True:
            if pipe is None:
                time.sleep(_INTERVAL_SECONDS)
            elif _ended_within(pipe, _INTERVAL_SECONDS):
                pipe = None
            if not _answers(channel):
                return act()

    threading.Thread(target=watch, name="engine-watch", daemon=True).start()


def _answers(channel: grpc.Channel) -> bool:
    """Whether the engine lives. It need not know of health checks; and one that is halted answers when it goes on."""
    try:
        channel.unary_unary(_HEALTH)(b"")
    except grpc.RpcError as error:
        return isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.UNIMPLEMENTED
    return True


def _input_pipe() -> int | None:
    """The descriptor of standard input if that is a pipe: a terminal, or /dev/null, says nothing of an engine."""
    try:
        descriptor = sys.stdin.fileno()
        return descriptor if stat.S_ISFIFO(os.fstat(descriptor).st_mode) else None
    except (AttributeError, OSError, ValueError):  # closed
        return None


def _ended_within(pipe: int, seconds: float) -> bool:
    readable, _, _ = select.select([pipe], [], [], seconds)
    return bool(readable) and not os.read(pipe, 4096)
