"""Making an object, with patience for a type or a namespace that is about to come."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.apply import apply
from sandbox.providers.kubernetes.checkpoint import CREATION_MANAGER
from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.errors import ApiError, NoMatchError
from sandbox.providers.kubernetes.handler import Resource
from sandbox.providers.kubernetes.kinds import is_patch, of_object
from sandbox.providers.kubernetes.secretness import Redactor

Json = dict[str, Any]

TRIES: Final = 6
_FACTOR: Final = 2

_ALREADY_EXISTS: Final = """

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)
    to manage specific fields without owning the resource lifecycle.
  - Adopting a resource into Pulumi: use `pulumi import`. Note that
    protected resources (e.g. kube-system) cannot be deleted on destroy.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create."""


class AlreadyExistsError(Exception):
    """There is such an object, and it is not this resource's."""

    def __init__(self, refusal: ApiError) -> None:
        super().__init__(f"{refusal}{_ALREADY_EXISTS}")


class NamespaceMissingError(Exception):
    """A preview cannot ask about an object whose namespace is not there yet."""


def pauses(first: float) -> Iterator[float]:
    """Seconds after each failed try: 1, 2, 4, 8, 16, 32. The last pause comes before giving up, as it does there."""
    for tried in range(TRIES):
        yield first * _FACTOR**tried


def create(
    cluster: Cluster, resource: Resource, inputs: Mapping[str, Any], manager: str, redact: Redactor, preview: bool
) -> Json:
    """Make the object, or foretell it, and return what the server made of it.

    Raises ApiError, NoMatchError, AlreadyExistsError, ConflictError, in previews NamespaceMissingError.
    """
    tries = pauses(cluster.timing.first_retry)
    number = 0
    while True:
        try:
            return _try(cluster, resource, inputs, manager, preview)
        except (ApiError, NoMatchError) as error:
            if isinstance(error, ApiError):
                if preview and error.namespace_missing:
                    raise NamespaceMissingError(str(error)) from None
                if error.already_exists:
                    resource.status("info", f"Retry #{number}; creation failed: {redact(str(error))}")
                    raise AlreadyExistsError(error) from None
            resource.status("info", f"Retry #{number}; creation failed: {redact(str(error))}")
            retried = isinstance(error, NoMatchError) or error.not_found
            pause = next(tries, None) if retried else None
            if pause is None or cluster.cancellation.wait(pause) or number + 1 == TRIES:
                raise
            number += 1


def _try(cluster: Cluster, resource: Resource, inputs: Mapping[str, Any], manager: str, preview: bool) -> Json:
    kind = of_object(inputs)
    body = dict(inputs)
    if cluster.settings.upsert_existing_objects or is_patch(resource.type, kind.kind):
        return apply(cluster, body, manager, None, preview)
    return cluster.api.create(kind, body, CREATION_MANAGER, dry_run=preview)
