"""What every resource plugin does alike: start, say its port, log to the engine, end with it, report failures.

The protocol is that of the engine's `plugin` package: a plugin is an executable that gets the engine's address as its
argument, prints the port it listens on and a newline, and is killed by the engine after `Cancel`.
"""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Literal, NoReturn

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.plugins import engine_watch

Severity = Literal["debug", "info", "warning", "error"]

_MAX_MESSAGE: Final = 400 * 1024 * 1024
_CHANNEL_OPTIONS: Final = [
    ("grpc.max_receive_message_length", _MAX_MESSAGE),
    ("grpc.max_send_message_length", _MAX_MESSAGE),
]
_END_SECONDS: Final = 5.0  # as long as the engine gives a plugin before it kills it
_WORKERS: Final = 64  # the engine sends as many requests at once as its --parallel (16 a core), and waits block theirs


class Engine:
    """The engine at the other end: it takes this plugin's log lines, and its end is this plugin's end."""

    def __init__(self, address: str | None) -> None:
        self.address = address or ""
        self._channel = grpc.insecure_channel(address, options=_CHANNEL_OPTIONS) if address else None
        self._stub = engine_pb2_grpc.EngineStub(self._channel) if self._channel else None

    def log(self, severity: Severity, message: str, urn: str = "", *, status: bool = False) -> None:
        """Show `message` at the resource `urn`. A `status` message is shown only while the operation runs."""
        if self._stub is None:
            print(f"{severity}: {message}", file=sys.stderr, flush=True)
            return
        request = engine_pb2.LogRequest(
            severity=engine_pb2.LogSeverity.Value(severity.upper()), message=message, urn=urn, ephemeral=status
        )
        self._stub.Log(request)

    def when_gone(self, act: Callable[[], None]) -> None:
        """Call `act` once the engine has ended: a killed one leaves no plugin behind."""
        if self._channel is not None:
            engine_watch.when_gone(self._channel, act)


def serve(
    make: Callable[[Engine], Any],
    register: Callable[[Any, grpc.Server], None] = provider_pb2_grpc.add_ResourceProviderServicer_to_server,
) -> None:
    """Run a plugin (a resource plugin, if `register` says no other) until the engine ends it."""
    address = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), None)
    engine = Engine(address)
    server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=_CHANNEL_OPTIONS)
    servicer = make(engine)
    register(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    gc.freeze()  # what has been loaded stays: no need to look for garbage in it again and again

    def stop(*_: object) -> None:
        server.stop(grace=0)

    def leave() -> None:
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
    engine.when_gone(leave)
    server.wait_for_termination()


def fail(context: grpc.ServicerContext, message: str, code: grpc.StatusCode = grpc.StatusCode.UNKNOWN) -> NoReturn:
    """End this call with an error that the engine shows at the resource."""
    context.abort(code, message)
    raise AssertionError("abort raises")


def fail_partially(
    context: grpc.ServicerContext,
    resource_id: str,
    outputs: struct_pb2.Struct,
    inputs: struct_pb2.Struct,
    reasons: Sequence[str],
    message: str,
) -> NoReturn:
    """End a Create, Update or Read whose resource exists but is not well: the engine keeps it in state with `reasons`.

    `Create` and `Update` of the engine read the detail `ErrorResourceInitFailed` from the status' details.
    """
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(id=resource_id, properties=outputs, inputs=inputs, reasons=reasons)
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    fail(context, message)


def check_failures(reasons: Mapping[str, str] | Sequence[tuple[str, str]]) -> list[provider_pb2.CheckFailure]:
    """Refusals of a Check: pairs of property and reason."""
    pairs: Any = reasons.items() if isinstance(reasons, Mapping) else reasons
    return [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in pairs]
