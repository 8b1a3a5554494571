"""User-assigned managed identities: a service principal of the tenant each, with no secret."""

import re
import uuid
from typing import TYPE_CHECKING, ClassVar, Final

from sandbox.azure.api_versions import MANAGED_IDENTITY_VERSIONS
from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.operations import Kind
from sandbox.azure.resource_type import Desired, Draft, ResourceType
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"

_NAME: Final = re.compile(r"[a-zA-Z0-9][\w-]{2,127}", re.ASCII)


class UserAssignedIdentities(ResourceType):
    """Microsoft.ManagedIdentity/userAssignedIdentities: made, changed and deleted at once.

    The identity itself stays the same while the resource lives; made anew under the same name, it is another one, and
    what was granted to the first does not hold for it.
    """

    name = IDENTITIES
    api_versions = MANAGED_IDENTITY_VERSIONS
    synchronous: ClassVar[frozenset[Kind]] = frozenset({"create", "update", "delete"})
    shows_state = False

    def check_name(self, resource_id: ResourceId) -> None:
        """3 to 128 letters, digits, `-` and `_`; a letter or digit first."""
        if not _NAME.fullmatch(resource_id.name):
            raise ArmError(
                400,
                "InvalidResourceName",
                f"The resource name '{resource_id.name}' is invalid: it must have 3 to 128 characters, letters, "
                "digits, '-' and '_', and begin with a letter or digit.",
            )

    def create(self, model: "Model", resource_id: ResourceId, desired: Desired) -> Draft:
        """A new principal of the tenant, with ids that nobody else has."""
        return Draft(
            {"tenantId": TENANT, "principalId": str(uuid.uuid4()), "clientId": str(uuid.uuid4())},
            private={"created": model.now()},
        )

    def update(self, model: "Model", resource: Resource, desired: Desired) -> Draft:
        """Only tags change."""
        return Draft(resource.properties, private=resource.private)

    def check_delete(self, model: "Model", resource: Resource) -> None:
        """An identity goes with what it trusts; roles granted to it stay behind, for nobody."""

    def etag(self, now: float) -> None:
        """Identities have none."""


def in_directory(model: "Model", identity: Resource) -> bool:
    """Whether all of the directory knows the new principal by now: its replication takes a while.

    Source: learn.microsoft.com/azure/role-based-access-control/troubleshooting, "New principal".
    """
    delay = model.durations.of(IDENTITIES, "create")
    return model.now() >= float(identity.private["created"]) + delay
