"""Resource groups: created at once, deleted with all that is in them."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final, NoReturn

from sandbox.azure.errors import ArmError, group_being_deleted
from sandbox.azure.ids import GROUP_TYPE, ResourceId
from sandbox.azure.model import Desired, Draft, Model, ResourceType
from sandbox.azure.operations import Kind
from sandbox.azure.store import Resource

_NAME: Final = re.compile(r"[-\w._()]{1,90}(?<!\.)")


class ResourceGroups(ResourceType):
    """Microsoft.Resources/resourceGroups."""

    name = GROUP_TYPE
    undeleted = "Succeeded"
    has_etag = False
    synchronous: ClassVar[frozenset[Kind]] = frozenset({"create", "update"})

    def check_name(self, resource_id: ResourceId) -> None:
        if not _NAME.fullmatch(resource_id.group):
            text = (
                f"The provided resource group name '{resource_id.group}' has these invalid characters or its length "
                "is not between 1 and 90. The name can only be a letter, digit, '-', '.', '(', ')' or '_' and cannot "
                "end with '.'."
            )
            raise ArmError(400, "InvalidResourceGroup", text)

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        return Draft({}, envelope=desired.envelope)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        return Draft({}, envelope={**resource.envelope, **desired.envelope} if desired.partial else desired.envelope)

    def refuse_move(self, resource: Resource, location: str) -> NoReturn:
        text = (
            f"The provided location '{location}' is not valid: Invalid resource group location '{location}'. The "
            f"Resource group already exists in location '{resource.location}'."
        )
        raise ArmError(409, "InvalidResourceGroupLocation", text)

    def check_idle(self, model: Model, resource_id: ResourceId, current: Resource | None) -> None:
        if current is not None and current.state == "Deleting":
            raise group_being_deleted(current.id.group)

    def check_delete(self, model: Model, resource: Resource) -> None:
        """Allow it: all that is in a group goes with it."""

    def completed(self, model: Model, resource: Resource, kind: Kind) -> None:
        """Fail a deletion, and keep the group, while something elsewhere needs what is in it."""
        blocked = _blocked(model, resource) if kind == "delete" else []
        if not blocked:
            return
        names = ",".join(each.id.type_and_name for each, _ in blocked)
        raise ArmError(
            409,
            "ResourceGroupDeletionBlocked",
            f"Deletion of resource group '{resource.id.group}' failed as resources with identifiers '{names}' could "
            "not be deleted. The provisioning state of the resource group will be rolled back. Please check audit "
            "logs for more details.",
            details=[
                ArmError(409, "InUse", f"{each.id} is in use by {user} and cannot be deleted.")
                for each, user in blocked
            ],
        )


def _blocked(model: Model, group: Resource) -> list[tuple[Resource, str]]:
    users = [(each, model.type(each.id).blocked_by(model, each, group.id.key)) for each in _inside(model, group.id)]
    return [(resource, user) for resource, user in users if user]


def resources_of(model: Model, group: ResourceId) -> list[Resource]:
    model.settle()
    return [each for each in _inside(model, group) if model.type(each.id).has_location and model.find(each.id)]


def _inside(model: Model, outer: ResourceId) -> Iterator[Resource]:
    for resource in model.store.children(outer.key):
        yield resource
        yield from _inside(model, resource.id)
