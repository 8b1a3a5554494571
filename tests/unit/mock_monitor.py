"""The engine as the SDK's mocks play it, which records each request, and shows the state to state migrations."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor, Mocks
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2


@dataclass(frozen=True)
class Registered:
    """A registered resource."""

    request: resource_pb2.RegisterResourceRequest
    urn: str
    inputs: Mapping[str, Any]

    @property
    def type(self) -> str:
        return self.request.type

    @property
    def name(self) -> str:
        return self.request.name


class Monitor(MockMonitor):
    """A monitor that records each request with its options."""

    def __init__(self, mocks: Mocks, prior: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(mocks)
        self.registered: list[Registered] = []
        self.outputs: dict[str, dict[str, Any]] = {}
        self.read: dict[str, str] = {}
        self._prior = prior

    def GetDeploymentInfo(self, request: empty_pb2.Empty) -> resource_pb2.DeploymentInfo:  # noqa: N802
        info = super().GetDeploymentInfo(request)
        info.supportedFeatures.append(resource_pb2.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS)
        return info

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:  # noqa: N802
        self._show_prior_state(request)
        response = super().RegisterResource(request)
        self.registered.append(Registered(request, response.urn, rpc.deserialize_properties(request.object)))
        return response

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:  # noqa: N802
        self.read[request.name] = request.id
        return super().ReadResource(request)

    def _show_prior_state(self, request: resource_pb2.RegisterResourceRequest) -> None:
        """Call the state migrations of a component as the engine does: with the component and its children."""
        children = [child for child in self._prior if f"{request.type}$" in child["urn"]]
        for callback in request.state_migrations if children else ():
            state = json.dumps([{"urn": "", "type": request.type}, *children]).encode()
            shown = resource_pb2.StateMigrationRequest(old_state=state).SerializeToString()
            with grpc.insecure_channel(callback.target) as channel:
                invoke = callback_pb2.CallbackInvokeRequest(token=callback.token, request=shown)
                callback_pb2_grpc.CallbacksStub(channel).Invoke(invoke)

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:  # noqa: N802
        self.outputs[request.urn] = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        return empty_pb2.Empty()
