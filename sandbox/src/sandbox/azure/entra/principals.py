"""Who may ask for tokens: two app registrations with secrets, and the identities that Azure manages."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sandbox.azure.entra.credentials import TENANT, ServicePrincipal
from sandbox.azure.identity.identities import IDENTITIES, in_directory
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model


@dataclass(frozen=True)
class Principal:
    """A service principal of the tenant. Only an app registration has a secret."""

    client_id: str
    object_id: str
    client_secret: str | None = field(default=None, repr=False)
    identity: Resource | None = field(default=None, repr=False)
    """The user-assigned identity whose principal it is."""
    resource_id: str = ""
    """The resource that a managed identity belongs to: what its tokens say it is."""


KUBELET: Final = Principal(
    str(uuid.uuid5(uuid.UUID(TENANT), "kubelet client")), str(uuid.uuid5(uuid.UUID(TENANT), "kubelet principal"))
)
"""The identity of the nodes. Every named cluster is the one control plane, so all share it. It has no roles of its own:
AKS grants it none on what a Pod might want."""

CLUSTER: Final = Principal(
    str(uuid.uuid5(uuid.UUID(TENANT), "cluster client")), str(uuid.uuid5(uuid.UUID(TENANT), "cluster principal"))
)
"""The system-assigned identity of the control plane: no token of it is ever given out."""


class Principals:
    """The directory of service principals."""

    def __init__(self, owner: ServicePrincipal, trident: ServicePrincipal, model: "Model") -> None:
        self._model = model
        self._fixed = (*(_application(each) for each in (owner, trident)), KUBELET, CLUSTER)

    def with_client_id(self, client_id: str) -> Principal | None:
        """The principal of that application (client) id."""
        return next((each for each in self._all() if each.client_id == client_id.lower()), None)

    def in_directory(self, object_id: str) -> bool:
        """Whether the directory has a principal of that object id: one made just now, not everywhere yet."""
        for principal in self._all():
            if principal.object_id == object_id.lower():
                return principal.identity is None or in_directory(self._model, principal.identity)
        return False

    def _all(self) -> Iterator[Principal]:
        yield from self._fixed
        for identity in self._model.store.of_type(IDENTITIES):
            ids = identity.properties
            yield Principal(ids["clientId"], ids["principalId"], identity=identity, resource_id=str(identity.id))


def _application(registered: ServicePrincipal) -> Principal:
    return Principal(registered.client_id, registered.object_id, registered.client_secret)
