"""The plugin as a process of its own, spoken to as the engine does."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.plugins.azure_native.values import Properties, read, write

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
TENANT = "11111111-1111-1111-1111-111111111111"
CLIENT = "22222222-2222-2222-2222-222222222222"
CLIENT_SECRET = "the-client's-secret"

CREDENTIALS = {
    "ARM_SUBSCRIPTION_ID": SUBSCRIPTION,
    "ARM_TENANT_ID": TENANT,
    "ARM_CLIENT_ID": CLIENT,
    "ARM_CLIENT_SECRET": CLIENT_SECRET,
}


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::tryout::{token}::{name}"


class Plugin:
    """A running plugin and the engine's calls to it, with plain values in and out."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        assert process.stdout is not None
        self.process = process
        self.log = log
        port = process.stdout.readline().strip()
        assert port, f"the plugin printed no port: {log.read_text()}"
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def configure(self, **variables: str) -> provider_pb2.ConfigureResponse:
        request = provider_pb2.ConfigureRequest(
            variables={f"azure-native:config:{key}": value for key, value in variables.items()},
            acceptSecrets=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
        )
        return self.stub.Configure(request)

    def check(
        self, token: str, name: str, news: dict[str, Any], olds: dict[str, Any] | None = None, **request: Any
    ) -> tuple[dict[str, Any], list[str]]:
        """Inputs and reasons of refusal."""
        answer = self.stub.Check(
            provider_pb2.CheckRequest(urn=urn(token, name), news=write(news), olds=write(olds or {}), **request)
        )
        assert all(not failure.property for failure in answer.failures)
        return read(answer.inputs).values, [failure.reason for failure in answer.failures]

    def diff(
        self, token: str, old: dict[str, Any], new: dict[str, Any], state: dict[str, Any] | None = None
    ) -> provider_pb2.DiffResponse:
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=urn(token, "x"), id="id", olds=write(state or {}), old_inputs=write(old), news=write(new)
            )
        )

    def create(self, token: str, inputs: dict[str, Any], **request: Any) -> tuple[str, dict[str, Any]]:
        answer = self.stub.Create(provider_pb2.CreateRequest(urn=urn(token, "x"), properties=write(inputs), **request))
        return answer.id, read(answer.properties).values

    def update(
        self, token: str, resource_id: str, state: dict[str, Any], inputs: dict[str, Any], **request: Any
    ) -> dict[str, Any]:
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                urn=urn(token, "x"), id=resource_id, olds=write(state), news=write(inputs), **request
            )
        )
        return read(answer.properties).values

    def read(
        self, token: str, resource_id: str, state: dict[str, Any] | None = None, inputs: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Id (empty when it is gone), outputs and inputs. Without `inputs` it is an import."""
        request = provider_pb2.ReadRequest(urn=urn(token, "x"), id=resource_id, properties=write(state or {}))
        if inputs is not None:
            request.inputs.CopyFrom(write(inputs))
        answer = self.stub.Read(request)
        return answer.id, read(answer.properties).values, read(answer.inputs).values

    def delete(self, token: str, resource_id: str, **request: Any) -> None:
        self.stub.Delete(provider_pb2.DeleteRequest(urn=urn(token, "x"), id=resource_id, **request))

    def invoke(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=write(arguments)))
        returned: Properties = read(getattr(answer, "return"))
        return returned.values

    def cancel(self) -> None:
        self.stub.Cancel(empty_pb2.Empty())

    def close(self) -> None:
        """End the connection, and wait until the process has ended."""
        self._channel.close()
        self.process.terminate()
        self.process.wait(timeout=60)


StartPlugin = Callable[..., Plugin]
