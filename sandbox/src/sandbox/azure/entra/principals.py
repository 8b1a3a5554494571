"""The principals that may ask for tokens: two app registrations with secrets, and managed identities."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sandbox.azure.entra.credentials import TENANT, ServicePrincipal
from sandbox.azure.entra.people import PEOPLE
from sandbox.azure.identity.identities import in_directory
from sandbox.azure.ids import IDENTITIES
from sandbox.azure.model import Model
from sandbox.azure.store import Resource


@dataclass(frozen=True)
class Principal:
    """A service principal of the tenant. Only an app registration has a secret."""

    client_id: str
    object_id: str
    name: str = ""
    """The name that the directory shows."""
    client_secret: str | None = field(default=None, repr=False)
    identity: Resource | None = field(default=None, repr=False)
    """The user-assigned identity whose principal it is."""
    resource_id: str = ""
    """The resource that a managed identity belongs to, which its tokens name."""


def _fixed(name: str) -> Principal:
    client, principal = (str(uuid.uuid5(uuid.UUID(TENANT), f"{name} {what}")) for what in ("client", "principal"))
    return Principal(client, principal, name)


KUBELET: Final = _fixed("kubelet")
"""The identity of the nodes. Every named cluster is the one control plane, so all share it. It has no roles of its own:
AKS grants it none on what a Pod might want."""

CLUSTER: Final = _fixed("cluster")
"""The system-assigned identity of the control plane: no token of it is ever issued."""


class Principals:
    """The directory of service principals."""

    def __init__(self, model: Model, *registered: ServicePrincipal) -> None:
        self._model = model
        registrations = (
            Principal(each.client_id, each.object_id, each.name, each.client_secret) for each in registered
        )
        self._fixed = (*registrations, KUBELET, CLUSTER)

    def with_client_id(self, client_id: str) -> Principal | None:
        return next((each for each in self._all() if each.client_id == client_id.lower()), None)

    def known(self) -> list[Principal]:
        """Return those that the directory knows everywhere: a new identity's is not yet."""
        return [each for each in self._all() if each.identity is None or in_directory(self._model, each.identity)]

    def type_of(self, object_id: str) -> str | None:
        """Return `User` or `ServicePrincipal` for an object id; None where the directory has none, or none yet."""
        if any(person.object_id == object_id.lower() for person in PEOPLE):
            return "User"
        return "ServicePrincipal" if any(each.object_id == object_id.lower() for each in self.known()) else None

    def _all(self) -> Iterator[Principal]:
        yield from self._fixed
        for identity in self._model.store.of_type(IDENTITIES):
            ids = identity.properties
            name, resource = identity.id.name, str(identity.id)
            yield Principal(ids["clientId"], ids["principalId"], name, identity=identity, resource_id=resource)
