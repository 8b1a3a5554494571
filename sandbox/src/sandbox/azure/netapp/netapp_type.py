"""The common behaviour of all resource types of Azure NetApp Files."""

import re
from typing import Any, ClassVar

from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Desired, Model, ResourceType
from sandbox.azure.operations import Operation
from sandbox.azure.shapes import timestamp
from sandbox.azure.store import Resource


class NetAppType(ResourceType):
    """Full names (`account/pool/volume`), dated ETags, systemData; what an update changes is seen when it has ended."""

    full_names = True
    patching = "Patching"
    changes_at_end = True
    has_system_data = True
    pattern: ClassVar[str] = r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,63}"
    reserved: ClassVar[tuple[str, ...]] = ()

    def check_name(self, resource_id: ResourceId) -> None:
        name, kind = resource_id.name, resource_id.types[-1]
        if name.lower() in self.reserved:
            raise ArmError(400, "NameReserved", f"The name '{name}' is reserved and cannot be used for {kind}.")
        if not re.fullmatch(self.pattern, name):
            text = f"The name '{name}' is invalid: a name of {kind} must match {self.pattern}."
            raise ArmError(400, "InvalidResourceName", text)

    def etag(self, now: float) -> str:
        """Return `W/"datetime'2026-01-01T00%3A00%3A00.0000000Z'"`."""
        return f"W/\"datetime'{timestamp(now).replace(':', '%3A')}'\""

    def show_new(self, model: Model, resource: Resource, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what was sent, as it was sent."""
        return {name: value for name, value in asked.items() if value is not None}


def check_location(kind: str, desired: Desired, parent: Resource, parent_kind: str) -> None:
    if parent.location != desired.location:
        text = f"The property: Location for {kind} must be the same as {parent_kind}"
        raise ArmError(400, "InvalidLocation", text)


def volumes_in(account: Resource) -> Criteria:
    """Return the criteria for the volumes of an account, those that are being created or deleted included."""
    return Criteria(account.id.subscription, below=account.id.key)


def changing(model: Model, resource: Resource) -> tuple[Resource, Operation]:
    """Save a resource that an action has changed; return it as it is while the action lasts, and the operation."""
    rules = model.type(resource.id)
    resource.state, resource.etag = rules.updating, rules.etag(model.now())
    model.store.save(resource)
    seconds = model.durations.of(rules.name, "update")
    return resource, model.operations.start(str(resource.id), "update", model.now(), seconds)
