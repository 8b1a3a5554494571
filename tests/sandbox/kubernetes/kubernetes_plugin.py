"""The plugin as the engine sees it: a client that asks it, and an engine that it tells."""

import itertools
import json
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.providers.values import Properties, read

TIMING = {"first_retry": 0.01, "claim": 1.0, "volume": 1.0, "operation": 20.0, "endpoints_settle": 0.2}
"""The plugin's own durations in tests."""
TIMING_VARIABLE = "ANF_SANDBOX_KUBERNETES_TIMING"
_NUMBERS = itertools.count()


class RecordingEngine(engine_pb2_grpc.EngineServicer):
    """The engine's side of the plugin protocol: it keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str, bool]] = []
        self._changed = threading.Condition()

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        severity = engine_pb2.LogSeverity.Name(request.severity).lower()
        with self._changed:
            self.lines.append((request.urn, severity, request.message, request.ephemeral))
            self._changed.notify_all()
        return empty_pb2.Empty()

    def of(self, urn: str) -> list[str]:
        return [message for to, _, message, _ in self.lines if to == urn]

    def wait_for(self, urn: str, text: str) -> None:
        with self._changed:
            seen = self._changed.wait_for(lambda: any(text in message for message in self.of(urn)), timeout=15)
        assert seen, f"{text!r} was not said, but {self.of(urn)}"


class ProviderError(Exception):
    """What the engine would show."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        trailers: Any = error.trailing_metadata() or ()
        self._details: bytes | None = dict(trailers).get("grpc-status-details-bin")

    @property
    def state(self) -> provider_pb2.ErrorResourceInitFailed:
        """The state of a resource that exists but is not well."""
        assert self._details is not None, f"no state came with: {self}"
        failed = provider_pb2.ErrorResourceInitFailed()
        status_pb2.Status.FromString(self._details).details[0].Unpack(failed)
        return failed

    @property
    def reasons(self) -> list[str]:
        return list(self.state.reasons)


@dataclass
class Made:
    """A resource as the engine knows it after an operation."""

    urn: str
    id: str
    inputs: Properties
    outputs: Properties


@dataclass
class Plugin:
    """A plugin, asked over gRPC as the engine asks."""

    stub: provider_pb2_grpc.ResourceProviderStub
    engine: RecordingEngine

    def configure(self, settings: Mapping[str, Any]) -> None:
        """As the engine does: each setting twice, in `args` and, as text, in `variables`."""
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()}
        variables = {f"kubernetes:config:{key}": text for key, text in texts.items()}
        self.call(
            "Configure",
            provider_pb2.ConfigureRequest(
                args=Properties(dict(settings)).struct(),
                variables=variables,
                acceptSecrets=True,
                acceptResources=True,
                sends_old_inputs=True,
                sends_old_inputs_to_delete=True,
            ),
        )

    def call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self.stub, method)(request, timeout=60)
        except grpc.RpcError as error:
            raise ProviderError(error) from None

    def urn(self, token: str, name: str | None = None) -> str:
        return f"urn:pulumi:test::anf-smb::{token}::{name or f'resource{next(_NUMBERS)}'}"

    def check(
        self, urn: str, inputs: Mapping[str, Any], secrets: Any = (), old: Properties | None = None, **more: Any
    ) -> Properties:
        request = provider_pb2.CheckRequest(
            urn=urn, news=Properties(dict(inputs), frozenset(secrets)).struct(), randomSeed=urn.encode(), **more
        )
        if old is not None:
            request.olds.CopyFrom(old.struct())
        response = self.call("Check", request)
        assert not response.failures, response.failures
        return read(response.inputs)

    def create(
        self, token: str, inputs: Mapping[str, Any], secrets: Any = (), timeout: float = 0, name: str | None = None
    ) -> Made:
        urn = self.urn(token, name)
        checked = self.check(urn, inputs, secrets)
        response = self.send_create(urn, checked, timeout)
        return Made(urn, response.id, checked, read(response.properties))

    def send_create(self, urn: str, checked: Properties, timeout: float = 0, preview: bool = False) -> Any:
        return self.call(
            "Create",
            provider_pb2.CreateRequest(urn=urn, properties=checked.struct(), timeout=timeout, preview=preview),
        )

    def preview(self, token: str, inputs: Mapping[str, Any], secrets: Any = ()) -> Properties:
        urn = self.urn(token)
        return read(self.send_create(urn, self.check(urn, inputs, secrets), preview=True).properties)

    def diff(
        self, made: Made, inputs: Mapping[str, Any], secrets: Any = (), ignore: Any = ()
    ) -> provider_pb2.DiffResponse:
        checked = self.check(made.urn, inputs, secrets, old=made.inputs)
        return self.call(
            "Diff",
            provider_pb2.DiffRequest(
                id=made.id,
                urn=made.urn,
                olds=made.outputs.struct(),
                old_inputs=made.inputs.struct(),
                news=checked.struct(),
                ignoreChanges=ignore,
            ),
        )

    def update(
        self, made: Made, inputs: Mapping[str, Any], secrets: Any = (), preview: bool = False, ignore: Any = ()
    ) -> Made:
        checked = self.check(made.urn, inputs, secrets, old=made.inputs)
        response = self.call(
            "Update",
            provider_pb2.UpdateRequest(
                id=made.id,
                urn=made.urn,
                olds=made.outputs.struct(),
                old_inputs=made.inputs.struct(),
                news=checked.struct(),
                preview=preview,
                ignoreChanges=ignore,
            ),
        )
        return Made(made.urn, made.id, checked, read(response.properties))

    def refresh(self, made: Made) -> provider_pb2.ReadResponse:
        request = provider_pb2.ReadRequest(
            id=made.id, urn=made.urn, properties=made.outputs.struct(), inputs=made.inputs.struct()
        )
        return self.call("Read", request)

    def kept(self, failure: "ProviderError", token: str, name: str) -> Made:
        """What is in state after a failure that left the resource behind."""
        outputs = read(failure.state.properties)
        return Made(self.urn(token, name), failure.state.id, Properties(outputs.values["__inputs"]), outputs)

    def import_(self, token: str, resource_id: str) -> provider_pb2.ReadResponse:
        return self.call("Read", provider_pb2.ReadRequest(id=resource_id, urn=self.urn(token)))

    def delete(self, made: Made, timeout: float = 0) -> None:
        request = provider_pb2.DeleteRequest(
            id=made.id,
            urn=made.urn,
            properties=made.outputs.struct(),
            old_inputs=made.inputs.struct(),
            timeout=timeout,
        )
        self.call("Delete", request)


@dataclass
class PluginProcess(Plugin):
    """A plugin that is a process of its own."""

    process: "subprocess.Popen[str]"
    output: Path
    """What it says on standard error."""
