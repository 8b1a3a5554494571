"""User-assigned managed identities, and the federated credentials by which they trust tokens of others.

An identity is a service principal of the tenant, with no secret. A federated credential trusts one issuer, for one
subject and one audience.
"""

import re
import uuid
from typing import Any, ClassVar, Final

from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import IDENTITIES, ResourceId
from sandbox.azure.model import Desired, Draft, Model, ResourceType
from sandbox.azure.operations import Kind
from sandbox.azure.shapes import texts
from sandbox.azure.store import Resource

FEDERATED_CREDENTIALS: Final = f"{IDENTITIES}/federatedIdentityCredentials"
CREDENTIALS_PER_IDENTITY: Final = 20
"""learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations."""

_URL: Final = re.compile(r"https://[^\s/?#]+[^\s?#]*")
_LONGEST: Final = 600


class IdentityType(ResourceType):
    """The types of Microsoft.ManagedIdentity: created, changed and deleted at once, with no ETag and no state."""

    synchronous: ClassVar[frozenset[Kind]] = frozenset({"create", "update", "delete"})
    has_etag = False
    shows_state = False
    longest_name: ClassVar[int]

    def check_name(self, resource_id: ResourceId) -> None:
        if not re.fullmatch(rf"[a-zA-Z0-9][\w-]{{2,{self.longest_name - 1}}}", resource_id.name, re.ASCII):
            text = (
                f"The resource name '{resource_id.name}' is invalid: it must have 3 to {self.longest_name} characters, "
                "letters, digits, '-' and '_', and begin with a letter or digit."
            )
            raise ArmError(400, "InvalidResourceName", text)


class UserAssignedIdentities(IdentityType):
    """Microsoft.ManagedIdentity/userAssignedIdentities.

    The identity stays the same while the resource lives. A new resource of the same name is another identity, and does
    not have the roles of the first.
    """

    name = IDENTITIES
    longest_name = 128

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        ids = {"tenantId": TENANT, "principalId": str(uuid.uuid4()), "clientId": str(uuid.uuid4())}
        return Draft(ids, private={"created": model.now()})

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        return Draft(resource.properties, private=resource.private)

    def check_delete(self, model: Model, resource: Resource) -> None:
        """Allow it: federated credentials go with their identity, and roles stay behind, for nobody."""


def in_directory(model: Model, identity: Resource) -> bool:
    """Return True once all of the directory knows the new principal: its replication takes a while.

    Source: learn.microsoft.com/azure/role-based-access-control/troubleshooting, "New principal".
    """
    return model.now() >= float(identity.private["created"]) + model.durations.of(IDENTITIES, "create")


class FederatedIdentityCredentials(IdentityType):
    """Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials.

    Entra goes by a new one a little later (`counts`), as its directory is replicated.
    """

    name = FEDERATED_CREDENTIALS
    has_location = False
    longest_name = 120

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        siblings = model.store.children(resource_id.parent.key)
        if len(siblings) >= CREDENTIALS_PER_IDENTITY:
            raise _invalid(
                f"Too many Federated Identity Credentials. The identity '{resource_id.parent.name}' already has the "
                f"maximum number of {CREDENTIALS_PER_IDENTITY}."
            )
        return _draft(model, desired.properties, siblings)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        siblings = [s for s in model.store.children(resource.id.parent.key) if s.id.key != resource.id.key]
        return _draft(model, desired.properties, siblings)


def counts(model: Model, credential: Resource) -> bool:
    """Return True once Entra goes by this version of a credential."""
    return model.now() >= float(credential.private["written"]) + model.durations.of(FEDERATED_CREDENTIALS, "create")


def _draft(model: Model, properties: dict[str, Any], siblings: list[Resource]) -> Draft:
    issuer, subject = _text(properties, "issuer"), _text(properties, "subject")
    if not _URL.fullmatch(issuer):
        raise _invalid(f"The issuer '{issuer}' is not a valid https URL.")
    audiences = texts(properties.get("audiences"), "audiences")
    if len(audiences) != 1 or not 0 < len(audiences[0]) <= _LONGEST:
        raise _invalid("The property 'audiences' must contain exactly one audience of at most 600 characters.")
    if any((other.properties["issuer"], other.properties["subject"]) == (issuer, subject) for other in siblings):
        text = "Issuer and subject combination already exists for this Managed Identity."
        raise ArmError(409, "Conflict", text)
    kept = {"issuer": issuer, "subject": subject, "audiences": audiences}
    return Draft(kept, private={"written": model.now()})


def _text(properties: dict[str, Any], name: str) -> str:
    value = properties.get(name)
    if not isinstance(value, str) or not value:
        raise _invalid(f"The property '{name}' is required.")
    if len(value) > _LONGEST:
        raise _invalid(f"The property '{name}' must not be longer than {_LONGEST} characters.")
    return value


def _invalid(message: str) -> ArmError:
    return ArmError(400, "BadRequest", message)
