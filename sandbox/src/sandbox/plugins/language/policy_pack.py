"""The proxy between the engine and a policy pack that is written in Python.

The engine tells a pack which stack it judges by a call (`ConfigureStack`); a pack in Python wants to know it from its
environment, before it starts. So the engine gets an analyzer at once, which starts the pack when it has been told, and
hands every other call on to it. The genuine language plugin does the same (`PolicyProxy` of the engine's Go SDK).
"""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, NoReturn

import grpc
from pulumi.runtime.proto import analyzer_pb2

from sandbox.plugins.plugin import CHANNEL_OPTIONS

_ATTACH_SECONDS: Final = 30.0  # it listens when it says its port; one that was ended since must not be waited for
_ANSWER_SECONDS: Final = 5.0  # for the answers that are under way, a failure's reason among them
_SERVICE: Final = "/pulumirpc.Analyzer/"


class PolicyPackProxy(grpc.GenericRpcHandler):
    """An analyzer that is there before its pack is."""

    def __init__(self) -> None:
        self._stack: Future[analyzer_pb2.AnalyzerStackConfigureRequest | None] = Future()
        self._pack: Future[grpc.Channel] = Future()
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(max_workers=16), options=CHANNEL_OPTIONS)
        self._server.add_generic_rpc_handlers((self,))
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def environment(self) -> dict[str, str]:
        """The stack as variables for the pack, once the engine has told it; none where the pack judges no stack."""
        stack = self._stack.result()
        if stack is None:
            return {}
        said = {
            "PULUMI_ORGANIZATION": stack.organization,
            "PULUMI_PROJECT": stack.project,
            "PULUMI_STACK": stack.stack,
            "PULUMI_DRY_RUN": "true" if stack.dry_run else "false",
            "PULUMI_CONFIG": json.dumps(dict(stack.config)),
        }
        return {name: value for name, value in said.items() if value}

    def attach(self, port: int) -> None:
        """The pack listens there: let the calls that wait go on."""
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS)
        stack = self._stack.result()
        if stack is not None:
            configure: Any = channel.unary_unary(f"{_SERVICE}ConfigureStack", None, None)
            try:
                configure(stack.SerializeToString(), wait_for_ready=True, timeout=_ATTACH_SECONDS)
            except grpc.RpcError as error:
                if _status(error)[0] is not grpc.StatusCode.UNIMPLEMENTED:  # older packs do not ask
                    raise
        self._pack.set_result(channel)

    def fail(self, reason: str) -> None:
        if not self._pack.done():
            self._pack.set_exception(RuntimeError(f"policy pack not started: {reason}"))

    def stop(self) -> None:
        self._configured(None)
        self.fail("it was ended")
        self._server.stop(grace=_ANSWER_SECONDS)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any]":
        """Return the handler of a call: it hands the bytes on as they are."""
        method = handler_call_details.method
        answers: dict[str, Callable[[Any, grpc.ServicerContext], bytes]] = {
            f"{_SERVICE}Handshake": lambda _, __: analyzer_pb2.AnalyzerHandshakeResponse().SerializeToString(),
            f"{_SERVICE}ConfigureStack": self._configure_stack,
        }
        return grpc.unary_unary_rpc_method_handler(
            answers.get(method, lambda request, context: self._handed_on(method, request, context))
        )

    def _configure_stack(self, request: bytes, _: grpc.ServicerContext) -> bytes:
        self._configured(analyzer_pb2.AnalyzerStackConfigureRequest.FromString(request))
        return analyzer_pb2.AnalyzerStackConfigureResponse().SerializeToString()

    def _configured(self, stack: analyzer_pb2.AnalyzerStackConfigureRequest | None) -> None:
        with self._lock:
            if not self._stack.done():
                self._stack.set_result(stack)

    def _handed_on(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        self._configured(None)  # asked without a stack, as for `pulumi policy publish`
        try:
            call: Any = self._pack.result().unary_unary(method, None, None)
            return call(request)
        except RuntimeError as error:
            _abort(context, grpc.StatusCode.UNKNOWN, str(error))
        except grpc.RpcError as error:
            _abort(context, *_status(error))


def _status(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    call: Any = error
    return call.code(), call.details() or ""


def _abort(context: grpc.ServicerContext, code: grpc.StatusCode, details: str) -> NoReturn:
    context.abort(code, details)
    raise AssertionError("abort raises")
