"""Deleting objects."""

from typing import Any

from sandbox.providers.kubernetes import kinds
from sandbox.providers.kubernetes.annotations import deletion_propagation, time_limit
from sandbox.providers.kubernetes.apply import relinquish
from sandbox.providers.kubernetes.checkpoint import Checkpoint, field_manager
from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.errors import ApiError, NoMatchError
from sandbox.providers.kubernetes.handler import PartialFailure, Resource, ResourceError, State
from sandbox.providers.kubernetes.kinds import of_object
from sandbox.providers.kubernetes.naming import namespace_of, object_id, parse_id
from sandbox.providers.kubernetes.secretness import Redactor
from sandbox.providers.kubernetes.waits.awaiters import skips_deletion
from sandbox.providers.kubernetes.waits.condition import NotReadyError, StatusLog, wait
from sandbox.providers.kubernetes.waits.deleted import Deleted
from sandbox.providers.values import Properties

Json = dict[str, Any]


def delete(
    cluster: Cluster,
    resource: Resource,
    resource_id: str,
    state: Checkpoint,
    outputs: Properties,
    timeout: float | None,
) -> None:
    """Delete the object and wait until it is gone; one that is not there, or whose type is not, is gone."""
    redact = Redactor(outputs)
    kind = of_object(state.live)
    try:
        if kinds.is_patch(resource.type, kind.kind):
            _give_up(cluster, state)
            return
        _, name = parse_id(resource_id)
        cluster.api.delete(kind, namespace_of(state.live), name, deletion_propagation(state.inputs))
        if skips_deletion(state.inputs):
            resource.status("info", "Skipping await logic")
            return
        _wait(cluster, resource, state, timeout, redact)
    except NoMatchError:
        return
    except ApiError as error:
        if not error.not_found:
            raise ResourceError(redact(str(error))) from None
    except NotReadyError as error:
        live = error.live or state.live
        shown = Properties({**outputs.values, **live}, outputs.secrets)
        raise PartialFailure(str(error), State(object_id(live), shown), (str(error),)) from None


def _wait(cluster: Cluster, resource: Resource, state: Checkpoint, timeout: float | None, redact: Redactor) -> None:
    status = StatusLog(lambda level, text: resource.status(level, redact(text)))
    condition = Deleted(state.live, status, cluster)
    try:
        wait(cluster, condition, time_limit(state.inputs, timeout, cluster.timing.operation))
    except NotReadyError:
        resource.log("warning", f"finalizers might be preventing deletion ({', '.join(condition.finalizers)})")
        raise


def _give_up(cluster: Cluster, state: Checkpoint) -> None:
    try:
        relinquish(cluster, state.live, field_manager(state.inputs, state.field_manager))
    except ApiError as error:
        field = error.required_field() if error.invalid else None
        if field is None:
            raise
        raise ResourceError(
            "this Patch resource is currently managing a required field, so it can't be deleted "
            "directly. Either set the `retainOnDelete` resource option, or transfer ownership of the "
            f"field before deleting: {field}"
        ) from None
