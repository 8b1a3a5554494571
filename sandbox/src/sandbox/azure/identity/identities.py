"""User-assigned managed identities: a service principal of the tenant each, with no secret."""

import re
import uuid
from typing import ClassVar, Final

from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Desired, Draft, Model, ResourceType
from sandbox.azure.operations import Kind
from sandbox.azure.store import Resource

IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"


class IdentityType(ResourceType):
    """The types of Microsoft.ManagedIdentity: created, changed and deleted at once, with no ETag and no state."""

    synchronous: ClassVar[frozenset[Kind]] = frozenset({"create", "update", "delete"})
    shows_state = False
    longest_name: ClassVar[int]

    def check_name(self, resource_id: ResourceId) -> None:
        if not re.fullmatch(rf"[a-zA-Z0-9][\w-]{{2,{self.longest_name - 1}}}", resource_id.name, re.ASCII):
            text = (
                f"The resource name '{resource_id.name}' is invalid: it must have 3 to {self.longest_name} characters, "
                "letters, digits, '-' and '_', and begin with a letter or digit."
            )
            raise ArmError(400, "InvalidResourceName", text)

    def etag(self, now: float) -> None:
        """Return none."""


class UserAssignedIdentities(IdentityType):
    """Microsoft.ManagedIdentity/userAssignedIdentities.

    The identity stays the same while the resource lives. A new resource of the same name is another identity, and does
    not have the roles of the first.
    """

    name = IDENTITIES
    longest_name = 128

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        return Draft(
            {"tenantId": TENANT, "principalId": str(uuid.uuid4()), "clientId": str(uuid.uuid4())},
            private={"created": model.now()},
        )

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        return Draft(resource.properties, private=resource.private)

    def check_delete(self, model: Model, resource: Resource) -> None:
        """Allow it: federated credentials go with their identity, and roles stay behind, for nobody."""


def in_directory(model: Model, identity: Resource) -> bool:
    """Return True once all of the directory knows the new principal: its replication takes a while.

    Source: learn.microsoft.com/azure/role-based-access-control/troubleshooting, "New principal".
    """
    return model.now() >= float(identity.private["created"]) + model.durations.of(IDENTITIES, "create")
