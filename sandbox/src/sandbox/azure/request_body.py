"""The envelope that all resources have in common: location, tags, name, properties."""

from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.regions import check_location, normalized
from sandbox.azure.resource_type import Desired, ResourceType
from sandbox.azure.shapes import mapping
from sandbox.azure.store import Resource

_ENVELOPE: Final = ("zones", "identity", "sku", "managedBy", "extendedLocation")


def desired_state(
    rules: ResourceType,
    resource_id: ResourceId,
    body: dict[str, Any],
    current: Resource | None,
    parent: Resource | None,
    *,
    partial: bool,
) -> Desired:
    """Read the body of a PUT or PATCH. What is nested has its parent's location."""
    properties = mapping(body.get("properties"), "properties")
    mapping(body.get("tags"), "tags")
    if body.get("name") not in {None, resource_id.name, resource_id.full_name}:
        raise ArmError(
            400,
            "InvalidRequestContent",
            f"The {rules.name} name must be the same as the resource identifier name.",
        )
    location = current.location if current else ""
    if rules.has_location and not partial:
        location = check_location(body.get("location"), rules.name)
    if current is not None and location != normalized(current.location):
        rules.refuse_move(current, location)
    if not rules.has_location and current is None:
        location = parent.location if parent else ""
    envelope = {name: body[name] for name in _ENVELOPE if body.get(name) is not None}
    return Desired(location, properties, envelope, partial)
