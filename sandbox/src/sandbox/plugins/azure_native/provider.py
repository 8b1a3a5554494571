"""The engine's protocol: requests in, answers out. What they mean is in the other modules."""

import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.plugins.azure_native import VERSION, check, convert
from sandbox.plugins.azure_native.diff import difference
from sandbox.plugins.azure_native.operation import CloudError, Operation
from sandbox.plugins.azure_native.schema import ResourceType
from sandbox.plugins.azure_native.settings import Settings
from sandbox.plugins.azure_native.types import RESOURCES, resource_type
from sandbox.plugins.azure_native.values import Path, Properties, read, write
from sandbox.plugins.plugin import Engine

if TYPE_CHECKING:
    from sandbox.plugins.azure_native.azure import Azure
    from sandbox.plugins.azure_native.resource import PartialError, Written

Context = grpc.ServicerContext
_STABLE_OUTPUTS: Final = ("name", "location")
"""Outputs that no update changes: dependents may rely on them in a preview."""


class AzureNative(provider_pb2_grpc.ResourceProviderServicer):
    """One provider instance of one deployment.

    Like the genuine plugin it does not ask the engine for secrets: the engine then keeps every output secret whose
    input of the same name holds one.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cancelled = threading.Event()
        self._configured: Azure | None = None

    @property
    def _azure(self) -> "Azure":
        if self._configured is None:
            raise CloudError("azure-native was called before it was configured")
        return self._configured

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: provider_pb2.GetSchemaRequest, context: Context) -> provider_pb2.GetSchemaResponse:
        """There is none: code for imported resources comes from the genuine plugin."""
        advice = "import with --generate-code=false, or install the genuine plugin"
        _fail(context, f"the sandbox's azure-native has no schema: {advice}", grpc.StatusCode.UNIMPLEMENTED)

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Any configuration will do; Configure is where it is judged."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """No change of configuration replaces a provider."""
        return provider_pb2.DiffResponse()

    def Configure(self, request: provider_pb2.ConfigureRequest, context: Context) -> provider_pb2.ConfigureResponse:
        if not (request.sends_old_inputs and request.sends_old_inputs_to_delete):
            _fail(context, "Azure Native provider requires Pulumi CLI v3.74.0 or later")
        from sandbox.plugins.azure_native.azure import Azure

        with _reported(context):
            self._configured = Azure(Settings.read(request.variables), self._cancelled)
        return provider_pb2.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:
        with _reported(context):
            result = self._azure.invoke(request.tok, _plain(request.args), Operation(self._cancelled))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(write(result))
        return response

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        row = _row(request.urn, context)
        inputs = _plain(request.news)
        with _reported(context):
            check.apply_defaults(row, request, _plain(request.olds), inputs, self._azure)
        # The property is left out, as by the genuine plugin: the engine would show its value, and it may be a password.
        refusals = [provider_pb2.CheckFailure(reason=reason) for reason in check.failures(row, inputs)]
        return provider_pb2.CheckResponse(inputs=write(inputs, read(request.news).secrets), failures=refusals)

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        row = _row(request.urn, context)
        state = _plain(request.olds)
        old = _plain(request.old_inputs)
        migrated = "azureApiVersion" not in old and "azureApiVersion" in state
        if migrated:
            old["azureApiVersion"] = state["azureApiVersion"]
        found = difference(row, old, _plain(request.news), state)
        if migrated and "azureApiVersion" in found.detailed:
            found.detailed["azureApiVersion"].inputDiff = False
        answer = provider_pb2.DiffResponse
        return provider_pb2.DiffResponse(
            changes=answer.DIFF_SOME if found.changes else answer.DIFF_NONE,
            diffs=sorted(found.changes),
            replaces=sorted(found.replaces),
            deleteBeforeReplace=found.delete_before_replace,
            detailedDiff=found.detailed,
            hasDetailedDiff=bool(found.detailed),
        )

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        row, inputs, values = _row(request.urn, context), read(request.properties), _plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_kept_secret(convert.preview(row.properties, values), inputs))
        with _reported(context, request.properties):
            resource = self._azure.resource(row, Operation(self._cancelled, request.timeout), values)
            written = self._noted(resource.create(values), request.urn)
        return provider_pb2.CreateResponse(id=written.resource_id, properties=_kept_secret(written.outputs, inputs))

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        row, inputs, values = _row(request.urn, context), read(request.news), _plain(request.news)
        if request.preview:
            state = _plain(request.olds)
            stable = {name: state[name] for name in _STABLE_OUTPUTS if name in state}
            known = {**convert.preview(row.properties, values), **stable}
            return provider_pb2.UpdateResponse(properties=_kept_secret(known, inputs))
        with _reported(context, request.news):
            resource = self._azure.resource(row, Operation(self._cancelled, request.timeout), values)
            written = self._noted(resource.update(values), request.urn)
        return provider_pb2.UpdateResponse(properties=_kept_secret(written.outputs, inputs))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        row, state, inputs = _row(request.urn, context), read(request.properties), read(request.inputs)
        known = _plain(request.inputs) if request.HasField("inputs") else None
        with _reported(context):
            resource = self._azure.resource_at(row, Operation(self._cancelled), request.id)
            found = resource.read(state.values, known)
        if found is None:
            return provider_pb2.ReadResponse()
        outputs, new_inputs = found
        return provider_pb2.ReadResponse(
            id=request.id,
            properties=_kept_secret(outputs, inputs, state),
            inputs=write(new_inputs, inputs.secrets),
        )

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:
        row = _row(request.urn, context)
        with _reported(context):
            self._azure.resource_at(row, Operation(self._cancelled, request.timeout), request.id).delete()
        return empty_pb2.Empty()

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """End all waits: what is under way in Azure goes on there."""
        self._cancelled.set()
        return empty_pb2.Empty()

    def _noted(self, written: "Written", urn: str) -> "Written":
        if written.warning:
            self._engine.log("warning", written.warning, urn)
        return written


def _row(urn: str, context: Context) -> ResourceType:
    token = urn.split("::")[2].rpartition("$")[2]
    row = resource_type(token)
    if row is None:
        _fail(context, f"Resource type {token} not found: the sandbox knows {', '.join(RESOURCES)}")
    return row


def _plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    return convert.without_nulls(read(struct).values)


def _kept_secret(outputs: dict[str, Any], *sources: Properties) -> struct_pb2.Struct:
    """Outputs whose secrets stay secret. A list with a secret in it is one as a whole: Azure may reorder it."""
    return write(outputs, _secret_places(path for source in sources for path in source.secrets))


def _secret_places(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        first_index = next((at for at, step in enumerate(path) if isinstance(step, int)), len(path))
        yield path[:first_index]


@contextmanager
def _reported(context: Context, inputs: struct_pb2.Struct | None = None) -> Generator[None]:
    try:
        yield
    except CloudError as error:
        from sandbox.plugins.azure_native.resource import PartialError

        if isinstance(error, PartialError) and inputs is not None:
            _add_partial_state(context, error, inputs)
        _fail(context, str(error))


def _add_partial_state(context: Context, error: "PartialError", inputs: struct_pb2.Struct) -> None:
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.resource_id,
            properties=_kept_secret(error.outputs, read(inputs)),
            inputs=inputs,
            reasons=[str(error)],
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))


def _fail(context: Context, message: str, code: grpc.StatusCode = grpc.StatusCode.UNKNOWN) -> NoReturn:
    context.abort(code, message)
    raise AssertionError("abort raises")
