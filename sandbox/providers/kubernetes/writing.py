"""Creating and updating objects: send, wait, and say what came of it."""

import copy
from collections.abc import Mapping
from typing import Any

from sandbox.providers.kubernetes import annotations, creation, kinds
from sandbox.providers.kubernetes.apply import ConflictError, apply, leave_ignored, relinquish, take_over
from sandbox.providers.kubernetes.checkpoint import Checkpoint, field_manager, outputs_of, to_api
from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.errors import ApiError, NoMatchError
from sandbox.providers.kubernetes.handler import PartialFailure, Resource, ResourceError, State
from sandbox.providers.kubernetes.kinds import of_object
from sandbox.providers.kubernetes.naming import name_of, namespace_of, object_id
from sandbox.providers.kubernetes.normalization import normalized
from sandbox.providers.kubernetes.secretness import Redactor
from sandbox.providers.kubernetes.waits.awaiters import after_writing
from sandbox.providers.kubernetes.waits.condition import NotReadyError, StatusLog, wait
from sandbox.providers.kubernetes.waits.wait_for import WaitForSyntaxError
from sandbox.providers.values import Properties, contains_unknown

Json = dict[str, Any]


def create(cluster: Cluster, resource: Resource, inputs: Properties, timeout: float | None, preview: bool) -> State:
    """Make the object and wait until it is ready. A preview asks the server by a dry run, where it can."""
    wanted = to_api(inputs.values)
    if preview and (not _can_ask(cluster, wanted) or kinds.is_patch(resource.type, str(wanted.get("kind")))):
        return State("", inputs)
    redact = Redactor(inputs)
    manager = field_manager(wanted)
    try:
        live = creation.create(cluster, resource, wanted, manager, redact, preview)
    except (creation.NamespaceMissingError, creation.AlreadyExistsError) as error:
        if preview:
            return State("", inputs)
        raise ResourceError(redact(_not_created(resource, error))) from None
    except NoMatchError as error:
        raise ResourceError(
            f'creation of resource "{resource.urn}" with kind {kinds.of_token(resource.type)} failed because the '
            "Kubernetes API server reported that the apiVersion for this resource does not exist. "
            f"Verify that any required CRDs have been created: {error}"
        ) from None
    except (ApiError, ConflictError) as error:
        if preview and isinstance(error, ApiError) and (error.forbidden or _no_dry_run(error)):
            return State("", inputs)
        raise ResourceError(redact(_not_created(resource, error))) from None

    version = str(wanted["apiVersion"])
    if preview:
        live.pop("status", None)
        return State("", outputs_of(live, wanted, inputs, version, manager))
    status = StatusLog(resource.status)
    status.clear()
    try:
        live = _await(
            cluster, wanted, live, timeout, StatusLog(lambda level, text: resource.status(level, redact(text)))
        )
    except WaitForSyntaxError as error:
        raise ResourceError(_not_created(resource, error)) from None
    except (NotReadyError, ApiError, NoMatchError) as error:
        live, reasons = _last_seen(error, live, redact)
        message = (
            f'resource "{resource.urn}" was successfully created, but the Kubernetes API server '
            f"reported that it failed to fully initialize or become live: {redact(str(error))}"
        )
        state = State(object_id(live), outputs_of(live, wanted, inputs, version, manager), inputs)
        raise PartialFailure(message, state, (message, *reasons)) from None
    if kinds.of_object(wanted).kind == "CustomResourceDefinition":
        cluster.api.forget_types()
    return State(object_id(live), outputs_of(live, wanted, inputs, version, manager))


def update(
    cluster: Cluster, resource: Resource, state: Checkpoint, new: Properties, timeout: float | None, preview: bool
) -> State:
    """Apply the new inputs and wait until the object is ready."""
    wanted = normalized(to_api(new.values))
    if preview and not _can_ask(cluster, wanted):
        return State(object_id(state.live), new)
    redact = Redactor(new, outputs_of(state.live, state.inputs, new, "", ""))
    manager = field_manager(wanted, state.field_manager)
    version = state.initial_api_version or str(wanted["apiVersion"])
    try:
        live = _send(cluster, resource, wanted, state, manager, preview)
        if not preview:
            log = StatusLog(lambda level, text: resource.status(level, redact(text)))
            live = _await(cluster, wanted, live, timeout, log)
            if state.field_manager and manager != state.field_manager:
                relinquish(cluster, live, state.field_manager)
    except NoMatchError as error:
        raise ResourceError(
            f'update of resource "{resource.urn}" failed because the Kubernetes API server '
            "reported that the apiVersion for this resource does not exist. "
            f"Verify that any required CRDs have been created: {error}"
        ) from None
    except (ApiError, ConflictError, NotReadyError, WaitForSyntaxError) as error:
        if preview and isinstance(error, ApiError) and error.forbidden:
            return State(object_id(state.live), new)
        raise _update_failure(cluster, resource, wanted, state, new, error, (version, manager), redact) from None
    return State(object_id(live), outputs_of(live, wanted, new, version, manager))


def _send(cluster: Cluster, resource: Resource, wanted: Json, state: Checkpoint, manager: str, preview: bool) -> Json:
    kind = of_object(wanted)
    live = cluster.api.get(kind, namespace_of(wanted), name_of(state.live))
    body = copy.deepcopy(wanted)
    body.setdefault("metadata", {})["name"] = name_of(state.live)
    if kind.kind == "CustomResourceDefinition" and kind.group == "apiextensions.k8s.io":
        body["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
        replaced = cluster.api.replace(kind, body, manager, dry_run=preview)
        cluster.api.forget_types()
        return replaced
    if not preview and not kinds.is_patch(resource.type, kind.kind):
        live = take_over(cluster, live, manager)
    leave_ignored(body, live, manager, resource.ignore_changes)
    return apply(cluster, body, manager, live, preview)


def _await(cluster: Cluster, wanted: Json, live: Json, timeout: float | None, status: StatusLog) -> Json:
    awaited = after_writing(cluster, wanted, live, status)
    limit = annotations.time_limit(wanted, timeout, cluster.timing.operation)
    return wait(cluster, awaited.condition, awaited.seconds or limit)


def _update_failure(
    cluster: Cluster,
    resource: Resource,
    wanted: Json,
    state: Checkpoint,
    new: Properties,
    error: Exception,
    known: tuple[str, str],
    redact: Redactor,
) -> ResourceError:
    """An update that was refused, or did not lead to a ready object, goes to state with the object as it is."""
    try:
        live = cluster.api.get(of_object(wanted), namespace_of(state.live), name_of(state.live))
    except (ApiError, NoMatchError) as missing:
        return ResourceError(
            redact(f'update of resource "{resource.urn}" failed: {error}\nunable to get cluster state: {missing}')
        )
    _, reasons = _last_seen(error, live, redact)
    message = (
        f'the Kubernetes API server reported that "{object_id(live)}" failed to fully initialize '
        f"or become live: {redact(str(error))}"
    )
    outputs = outputs_of(live, wanted, new, *known)
    return PartialFailure(message, State(object_id(live), outputs, new), (message, *reasons))


def _last_seen(error: Exception, live: Json, redact: Redactor) -> tuple[Json, tuple[str, ...]]:
    if isinstance(error, NotReadyError):
        return error.live or live, tuple(redact(reason) for reason in error.reasons)
    return live, ()


def _can_ask(cluster: Cluster, wanted: Mapping[str, Any]) -> bool:
    """Whether a dry run makes sense: all is known, and so is the type."""
    if contains_unknown(wanted) or cluster.unreachable:
        return False
    try:
        cluster.api.mapped(of_object(wanted))
    except (NoMatchError, ApiError):
        return False
    return True


def _no_dry_run(error: ApiError) -> bool:
    return error.code == 400 and "does not support dry run" in str(error)


def _not_created(resource: Resource, error: Exception) -> str:
    return f'resource "{resource.urn}" was not successfully created by the Kubernetes API server: {error}'
