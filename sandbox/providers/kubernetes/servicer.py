"""The engine's requests, turned into calls of handlers; what these return or raise, turned into answers."""

import traceback
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox.providers.kubernetes import provider_config
from sandbox.providers.kubernetes.cancellation import Cancellation
from sandbox.providers.kubernetes.cluster import Cluster, Timing
from sandbox.providers.kubernetes.errors import ApiError, NoMatchError, UnreachableError
from sandbox.providers.kubernetes.handler import (
    Change,
    Difference,
    Naming,
    PartialFailure,
    Resource,
    ResourceError,
    ResourceHandler,
)
from sandbox.providers.kubernetes.kinds import HELM_RELEASE
from sandbox.providers.kubernetes.kubeconfig import KubeconfigError
from sandbox.providers.kubernetes.secretness import Redactor
from sandbox.providers.kubernetes.settings import ProviderSettings
from sandbox.providers.plugin import Engine, check_failures, fail, fail_partially
from sandbox.providers.values import Properties, read

_CONFIG_PREFIX: Final = "kubernetes:config:"
_EXPECTED: Final = (ResourceError, ApiError, NoMatchError, UnreachableError, KubeconfigError)
_AUTONAMING: Final = provider_pb2.CheckRequest.AutonamingOptions.Mode
_STATE_HINT: Final = (
    "If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the "
    'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"'
)


class KubernetesProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The plugin `kubernetes`, for one provider resource."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cancellation = Cancellation()
        self._cluster: Cluster | None = None
        self._handlers: dict[str, ResourceHandler] = {}

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ProviderHandshakeResponse:
        """Say what of the protocol is understood."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """The version of the SDK, which is what this plugin stands in for."""
        from importlib.metadata import version

        return plugin_pb2.PluginInfo(version=version("pulumi-kubernetes"))

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Not here: programs bring the SDK."""
        fail(context, "this stand-in for the kubernetes plugin has no schema", grpc.StatusCode.UNIMPLEMENTED)

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Take the engine that started this run."""
        self._engine = Engine(request.address)
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """End every wait."""
        self._cancellation.request()
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Check the provider resource."""
        found = provider_config.failures(request.urn, read(request.news).values)
        return provider_pb2.CheckResponse(inputs=request.news, failures=check_failures(found))

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compare provider resources."""
        with self._answering(context):
            diffs, replaces = provider_config.difference(read(request.olds).values, read(request.news).values)
            changes = provider_pb2.DiffResponse.DIFF_SOME if diffs else provider_pb2.DiffResponse.DIFF_NONE
            return provider_pb2.DiffResponse(changes=changes, diffs=diffs, replaces=replaces)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ConfigureResponse:
        """Take the provider resource's settings and look whether its cluster answers."""
        from sandbox.providers.kubernetes.object_handler import ObjectHandler

        with self._answering(context):
            values: dict[str, Any] = read(request.args).values
            for key, text in request.variables.items():
                values.setdefault(key.removeprefix(_CONFIG_PREFIX), text)
            cluster = Cluster(ProviderSettings.read(values), self._cancellation, Timing.from_environment())
            cluster.probe()
            self._cluster = cluster
            self._handlers[""] = ObjectHandler(cluster)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    def Check(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Check a resource's inputs."""
        old, new = read(request.olds), read(request.news)
        with self._answering(context, old, new):
            resource, cluster = self._resource(request), self._configured()
            if cluster.unreachable and cluster.settings.skip_update_unreachable:
                resource.log(
                    "warning", "Cluster is unreachable but skipUpdateUnreachable flag is set to true, skipping..."
                )
                return provider_pb2.CheckResponse(inputs=request.olds)
            has_old = bool(old.values)
            checked = self._handler(resource).check(resource, old if has_old else None, new, _naming(request))
            failures = check_failures(list(checked.failures))
            return provider_pb2.CheckResponse(inputs=checked.inputs.struct(), failures=failures)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compare a resource's state with what the program wants."""
        old_inputs, olds, news = read(request.old_inputs), read(request.olds), read(request.news)
        with self._answering(context, old_inputs, olds, news):
            resource = self._resource(request, tuple(request.ignoreChanges))
            return _diff_response(self._handler(resource).diff(resource, request.id, old_inputs, olds, news))

    def Create(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Make a resource, or foretell it."""
        inputs = read(request.properties)
        with self._answering(context, inputs):
            resource = self._resource(request)
            self._reach(resource, request.preview)
            state = self._handler(resource).create(resource, inputs, request.timeout or None, request.preview)
            return provider_pb2.CreateResponse(id=state.id, properties=state.outputs.struct())

    def Read(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Look what a resource is like now."""
        inputs, outputs = read(request.inputs), read(request.properties)
        with self._answering(context, inputs, outputs):
            resource, cluster = self._resource(request), self._configured()
            if cluster.unreachable:
                return self._read_unreachable(request, resource, cluster)
            found = self._handler(resource).read(
                resource, request.id, inputs if inputs.values else None, outputs if outputs.values else None
            )
            if found is None:
                return provider_pb2.ReadResponse(id="")
            live_inputs = found.inputs or Properties({})
            return provider_pb2.ReadResponse(
                id=found.id, properties=found.outputs.struct(), inputs=live_inputs.struct()
            )

    def Update(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Change a resource, or foretell the change."""
        old_inputs, olds, news = read(request.old_inputs), read(request.olds), read(request.news)
        with self._answering(context, old_inputs, olds, news):
            resource = self._resource(request, tuple(request.ignoreChanges))
            self._reach(resource, request.preview)
            state = self._handler(resource).update(
                resource, request.id, old_inputs, olds, news, request.timeout or None, request.preview
            )
            return provider_pb2.UpdateResponse(properties=state.outputs.struct())

    def Delete(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Remove a resource."""
        inputs, outputs = read(request.old_inputs), read(request.properties)
        with self._answering(context, inputs, outputs):
            resource, cluster = self._resource(request), self._configured()
            if cluster.unreachable and resource.type != HELM_RELEASE:
                self._warn_unreachable(resource, cluster)
                if not cluster.settings.delete_unreachable:
                    raise ResourceError(f"configured Kubernetes cluster is unreachable. {_STATE_HINT}")
                return empty_pb2.Empty()
            self._handler(resource).delete(resource, request.id, inputs, outputs, request.timeout or None)
            return empty_pb2.Empty()

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Run one of the provider's functions."""
        from sandbox.providers.kubernetes import invokes

        arguments = read(request.args)
        with self._answering(context, arguments):
            result = invokes.invoke(request.tok, arguments.values, self._configured())
            # What comes of a secret text is secret.
            secrets = {("result",)} if arguments.secrets else ()
            # The member is named like a keyword of Python's.
            answer: dict[str, Any] = {"return": Properties({"result": result}, frozenset(secrets)).struct()}
            return provider_pb2.InvokeResponse(**answer)

    def _configured(self) -> Cluster:
        if self._cluster is None:
            raise ResourceError("the provider is not configured")
        return self._cluster

    def _handler(self, resource: Resource) -> ResourceHandler:
        if resource.type != HELM_RELEASE:
            self._configured()
            return self._handlers[""]
        if HELM_RELEASE not in self._handlers:
            from sandbox.providers.kubernetes.release import ReleaseHandler

            self._handlers[HELM_RELEASE] = ReleaseHandler(self._configured())
        return self._handlers[HELM_RELEASE]

    def _resource(self, request: Any, ignore_changes: tuple[str, ...] = ()) -> Resource:
        urn: str = request.urn
        _, _, types, name = urn.split("::", 3)
        return Resource(
            urn=urn,
            type=types.rpartition("$")[2],
            name=name,
            log=lambda severity, message: self._engine.log(severity, message, urn),
            status=lambda severity, message: self._engine.log(severity, message, urn, status=True),
            ignore_changes=ignore_changes,
        )

    def _reach(self, resource: Resource, preview: bool) -> None:
        cluster = self._configured()
        if cluster.unreachable and not preview and resource.type != HELM_RELEASE:
            raise ResourceError(f"configured Kubernetes cluster is unreachable: {cluster.unreachable}")

    def _warn_unreachable(self, resource: Resource, cluster: Cluster) -> None:
        resource.log("warning", f"configured Kubernetes cluster is unreachable: {cluster.unreachable}")
        if cluster.settings.delete_unreachable:
            resource.log(
                "info",
                "configured Kubernetes cluster is unreachable and the `deleteUnreachable` option is enabled. "
                "Deleting the unreachable resource from Pulumi state",
            )

    def _read_unreachable(self, request: Any, resource: Resource, cluster: Cluster) -> provider_pb2.ReadResponse:
        self._warn_unreachable(resource, cluster)
        if cluster.settings.delete_unreachable:
            return provider_pb2.ReadResponse(id="")
        if cluster.settings.skip_update_unreachable:
            resource.log(
                "info",
                "configured Kubernetes cluster is unreachable and the `skipUnreachable` option is enabled. "
                "Returned data could not reflect the actual cluster configuration.",
            )
            return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
        raise ResourceError(f"failed to read resource state due to unreachable cluster. {_STATE_HINT}")

    @contextmanager
    def _answering(self, context: grpc.ServicerContext, *properties: Properties) -> Generator[None]:
        """Turn what is raised into an answer that holds no secret of these properties."""
        try:
            yield
        except PartialFailure as failure:
            state, inputs = failure.state, failure.state.inputs or Properties({})
            fail_partially(context, state.id, state.outputs.struct(), inputs.struct(), failure.reasons, str(failure))
        except _EXPECTED as error:
            fail(context, Redactor(*properties)(str(error)))
        except Exception as error:  # gRPC would show it with its values
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{frame.name}, line {frame.lineno}"
            fail(context, Redactor(*properties)(f"internal error: {type(error).__name__} in {where}: {error}"))


def _naming(request: Any) -> Naming:
    if not request.HasField("autonaming"):
        return Naming(seed=request.randomSeed)
    options = request.autonaming
    return Naming(request.randomSeed, options.proposed_name, disabled=options.mode == _AUTONAMING.DISABLE)


def _diff_response(difference: Difference) -> provider_pb2.DiffResponse:
    changes = provider_pb2.DiffResponse.DIFF_SOME if difference.changed else provider_pb2.DiffResponse.DIFF_NONE
    deletions = (Change.DELETE, Change.DELETE_REPLACE)
    return provider_pb2.DiffResponse(
        changes=changes,
        replaces=difference.replaces,
        deleteBeforeReplace=difference.delete_before_replace,
        hasDetailedDiff=True,
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=kind.value, inputDiff=kind in deletions)  # type: ignore[arg-type]
            for path, kind in difference.details.items()
        },
    )
