"""Resource groups: made at once, deleted with all that is in them."""

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn

from sandbox.azure.api_versions import RESOURCES_VERSIONS
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import GROUP_TYPE, ResourceId
from sandbox.azure.operations import Kind
from sandbox.azure.resource_type import Desired, Draft, ResourceType
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

_NAME: Final = re.compile(r"[-\w._()]{1,90}(?<!\.)")


class ResourceGroups(ResourceType):
    """Microsoft.Resources/resourceGroups."""

    name = GROUP_TYPE
    api_versions = RESOURCES_VERSIONS
    undeleted = "Succeeded"
    synchronous: ClassVar[frozenset[Kind]] = frozenset({"create", "update"})

    def check_name(self, resource_id: ResourceId) -> None:
        """Letters, digits, `-_.()`, at most 90, no period at the end."""
        if not _NAME.fullmatch(resource_id.group):
            raise ArmError(
                400,
                "InvalidResourceGroup",
                f"The provided resource group name '{resource_id.group}' has these invalid characters or its length "
                "is not "
                "between 1 and 90. The name can only be a letter, digit, '-', '.', '(', ')' or '_' and cannot end "
                "with '.'.",
            )

    def create(self, model: "Model", resource_id: ResourceId, desired: Desired) -> Draft:
        """Nothing but what the request says."""
        return Draft({}, envelope=desired.envelope)

    def update(self, model: "Model", resource: Resource, desired: Desired) -> Draft:
        """Tags and managedBy may change."""
        return Draft({}, envelope={**resource.envelope, **desired.envelope} if desired.partial else desired.envelope)

    def refuse_move(self, resource: Resource, location: str) -> NoReturn:
        """A group stays where it was made."""
        raise ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"The provided location '{location}' is not valid: Invalid resource group location '{location}'. The "
            "Resource "
            f"group already exists in location '{resource.location}'.",
        )

    def check_idle(self, model: "Model", resource_id: ResourceId, current: Resource | None) -> None:
        """A group that is being deleted takes no changes."""
        if current is not None and current.state == "Deleting":
            raise ArmError(
                409,
                "ResourceGroupBeingDeleted",
                f"The resource group '{current.id.group}' is in deprovisioning state and cannot perform this "
                "operation.",
            )

    def check_delete(self, model: "Model", resource: Resource) -> None:
        """All that is in a group goes with it, so nothing refuses the request itself."""

    def completed(self, model: "Model", resource: Resource, kind: Kind) -> None:
        """Deletion fails, and the group stays, if something elsewhere still needs what is in it."""
        if kind != "delete":
            return
        blocked = list(_blocked(model, resource))
        if not blocked:
            return
        names = ",".join(each.id.type_and_name for each, _ in blocked)
        raise ArmError(
            409,
            "ResourceGroupDeletionBlocked",
            f"Deletion of resource group '{resource.id.group}' failed as resources with identifiers '{names}' could "
            "not be "
            "deleted. The provisioning state of the resource group will be rolled back. Please check audit logs for "
            "more "
            "details.",
            details=[
                ArmError(409, "InUse", f"{each.id} is in use by {user} and cannot be deleted.")
                for each, user in blocked
            ],
        )

    def etag(self, now: float) -> None:
        """Resource groups have none."""


def _blocked(model: "Model", group: Resource) -> list[tuple[Resource, str]]:
    found: list[tuple[Resource, str]] = []
    waiting: list[Resource] = model.store.children(group.id.key)
    while waiting:
        resource = waiting.pop()
        if user := model.type(resource.id).blocked_by(model, resource, group.id.key):
            found.append((resource, user))
        waiting += model.store.children(resource.id.key)
    return found


def resources_of(model: "Model", group: ResourceId) -> list[Resource]:
    """Everything in a resource group that has a location of its own, as `GET …/resources` lists it."""
    model.list(GROUP_TYPE, group.subscription, None)
    found: list[Resource] = []
    waiting: list[Any] = model.store.children(group.key)
    while waiting:
        resource = waiting.pop(0)
        if model.type(resource.id).has_location and model.find(resource.id):
            found.append(resource)
        waiting += model.store.children(resource.id.key)
    return found
