"""The process of a plugin: it starts, prints its port, logs to the engine and ends with it.

The protocol is that of the engine's `plugin` package: a plugin is an executable that gets the engine's address as its
argument, prints the port it listens on and a newline, and is killed by the engine after `Cancel`.
"""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Literal

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

Severity = Literal["debug", "info", "warning", "error"]

_MAX_MESSAGE: Final = 400 * 1024 * 1024
CHANNEL_OPTIONS: Final = [
    ("grpc.max_receive_message_length", _MAX_MESSAGE),
    ("grpc.max_send_message_length", _MAX_MESSAGE),
]
_END_SECONDS: Final = 5.0  # as long as the engine gives a plugin before it kills it
_WORKERS: Final = 64  # the engine sends as many requests at once as its --parallel (16 a core), and waits block theirs


class Engine:
    """The engine at the other end: it takes this plugin's log lines, and its end is this plugin's end."""

    def __init__(self, address: str | None) -> None:
        self.address = address or ""
        self._channel = grpc.insecure_channel(address, options=CHANNEL_OPTIONS) if address else None
        self._stub = engine_pb2_grpc.EngineStub(self._channel) if self._channel else None

    def log(self, severity: Severity, message: str, urn: str = "") -> None:
        if self._stub is None:
            print(f"{severity}: {message}", file=sys.stderr, flush=True)
            return
        level = engine_pb2.LogSeverity.Value(severity.upper())
        self._stub.Log(engine_pb2.LogRequest(severity=level, message=message, urn=urn))

    def wait_until_gone(self) -> None:
        """Return once the engine has ended: one that was killed ends none of its plugins.

        The engine holds the other end of a plugin's standard input as long as it lives (ExecPlugin in its
        pkg/resource/plugin/plugin.go). The state of a connection would not do: one that breaks may stay idle for ever.
        """
        descriptor = sys.stdin.fileno()  # sys.stdin itself has a lock that a thread must not hold when Python ends
        while os.read(descriptor, 4096):
            pass


def serve(make: Callable[[Engine], Any], register: Callable[[Any, grpc.Server], None]) -> None:
    address = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), None)
    engine = Engine(address)
    server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=CHANNEL_OPTIONS)
    servicer = make(engine)
    register(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    gc.freeze()  # what has been loaded stays: no need to look for garbage in it again and again

    def stop(*_: object) -> None:
        server.stop(grace=0)

    def leave_with_the_engine() -> None:
        engine.wait_until_gone()
        # A killed engine neither says Cancel nor kills: waits that go on for minutes would keep this process.
        killer = threading.Timer(_END_SECONDS, os._exit, [1])
        killer.daemon = True
        killer.start()
        servicer.Cancel(empty_pb2.Empty(), None)
        stop()

    # The engine says Cancel, then interrupts, and kills what is there 5 s later. It starts plugins in a process group
    # of their own, so that a Ctrl-C reaches it alone.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    print(port, flush=True)
    if address:
        threading.Thread(target=leave_with_the_engine, name="engine-watch", daemon=True).start()
    server.wait_for_termination()
