"""Reading objects: for a refresh, for an import, and to see whether they are well."""

import copy
from typing import Any

from sandbox.providers.kubernetes import kinds
from sandbox.providers.kubernetes.annotations import LAST_APPLIED
from sandbox.providers.kubernetes.checkpoint import Checkpoint, field_manager, outputs_of, pruned, to_api
from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.errors import ApiError, NoMatchError, UnreachableError
from sandbox.providers.kubernetes.handler import PartialFailure, Resource, ResourceError, State
from sandbox.providers.kubernetes.kinds import of_object
from sandbox.providers.kubernetes.naming import name_of, namespace_of, object_id, parse_id
from sandbox.providers.kubernetes.normalization import READ_ONLY, normalized
from sandbox.providers.kubernetes.secretness import Redactor, secret_places
from sandbox.providers.kubernetes.waits.awaiters import on_reading
from sandbox.providers.kubernetes.waits.condition import NotReadyError, StatusLog, check_now
from sandbox.providers.kubernetes.waits.job import JobComplete
from sandbox.providers.values import Properties

Json = dict[str, Any]

_NOT_INPUT_ANNOTATIONS = ("deployment.kubernetes.io/revision", LAST_APPLIED)


def read(
    cluster: Cluster,
    resource: Resource,
    resource_id: str,
    old_inputs: Properties | None,
    old_outputs: Properties | None,
) -> State | None:
    """The live object; None if it or its type is not there. Raises PartialFailure for one that is not well."""
    namespace, name = parse_id(resource_id)
    if not name:
        raise ResourceError(
            f"failed to read resource because of a failure to parse resource name from request ID: {resource_id}"
        )
    like = old_inputs or Properties({})
    state = Checkpoint.parse(old_outputs or Properties({}), like)
    shape = normalized(to_api(like.values))
    imported = not shape.get("kind")
    if imported:
        kind = of_object(state.live) if state.live.get("kind") else kinds.of_token(resource.type)
        shape |= {"apiVersion": kind.api_version, "kind": kind.kind}
        metadata = shape.setdefault("metadata", {})
        metadata.setdefault("name", name)
        if namespace:
            metadata.setdefault("namespace", namespace)
    redact = Redactor(old_inputs, old_outputs)
    try:
        live = cluster.api.get(of_object(shape), namespace_of(shape), name)
    except NoMatchError:
        return None
    except ApiError as error:
        if error.not_found:
            return None
        raise ResourceError(redact(str(error))) from None
    except UnreachableError as error:
        raise ResourceError(str(error)) from None

    # Nothing tells which members of an imported custom resource are inputs.
    inputs = _imported(live) if imported and of_object(live).built_in else pruned(live, shape)
    outputs = outputs_of(
        live,
        inputs,
        like,
        state.initial_api_version or str(live["apiVersion"]),
        field_manager(shape, state.field_manager),
    )
    found = State(resource_id or object_id(live), outputs, Properties(inputs, secret_places(inputs, like)))
    if not imported:
        _check(cluster, resource, shape, live, found, redact)
    return found


def job_complete(cluster: Cluster, live: Json) -> bool:
    """Whether a Job has succeeded by now. One that cannot be read counts as complete."""
    try:
        found = cluster.api.get(of_object(live), namespace_of(live), name_of(live))
        return JobComplete(found, StatusLog(lambda _level, _text: None)).met()
    except NotReadyError:
        return False
    except (ApiError, NoMatchError, UnreachableError):
        return True


def _check(cluster: Cluster, resource: Resource, shape: Json, live: Json, found: State, redact: Redactor) -> None:
    status = StatusLog(lambda level, text: resource.status(level, redact(text)))
    condition = on_reading(cluster, shape, live, status)
    if condition is None:
        return
    try:
        check_now(cluster, condition)
    except NotReadyError as error:
        reasons = tuple(redact(reason) for reason in error.reasons)
        raise PartialFailure(str(error), found, (str(error), *reasons)) from None


def _imported(live: Json) -> Json:
    """Inputs of an object that no program has described yet: all that is not the server's own."""
    inputs: Json = copy.deepcopy({key: value for key, value in live.items() if key != "status"})
    metadata = inputs["metadata"]
    for key in READ_ONLY:
        metadata.pop(key, None)
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        for key in _NOT_INPUT_ANNOTATIONS:
            annotations.pop(key, None)
    return inputs
