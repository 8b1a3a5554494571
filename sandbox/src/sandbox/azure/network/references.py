"""References from one resource to another: to what is not there, or lies elsewhere, Azure refuses them."""

from typing import Any

from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import SUBNETS, ResourceId
from sandbox.azure.model import Model
from sandbox.azure.shapes import mapping
from sandbox.azure.store import Resource


def referenced(model: Model, given: dict[str, Any], name: str, kind: str, referrer: ResourceId) -> str | None:
    """Return the id, as Azure spells it, of the resource of a type that a property `{id: …}` names; None without one.

    It must be there, in the region of the network that `referrer` is a subnet of.
    """
    asked = mapping(given.get(name), name).get("id")
    if asked is None:
        return None
    wanted = ResourceId.of(kind, asked)
    if wanted is None:
        raise ArmError(
            400, "LinkedInvalidPropertyId", f"Property id '{asked}' at path 'properties.{name}.id' is invalid."
        )
    found, network = model.find(wanted), model.store.find(referrer.parent.key)  # a new network is not there yet
    if found is None or (network is not None and found.location != network.location):
        raise not_referable(wanted, referrer)
    return str(found.id)


def not_referable(wanted: ResourceId, referrer: ResourceId) -> ArmError:
    text = (
        f"Resource {wanted} referenced by resource {referrer} was not found. Please make sure that the referenced "
        "resource exists, and that both resources are in the same region."
    )
    missing = ArmError(400, "NotFound", f"Resource {wanted} not found.")
    return ArmError(400, "InvalidResourceReference", text, details=[missing])


def subnets_with(model: Model, name: str, resource: Resource) -> list[str]:
    """Return the ids of the subnets whose property of that name refers to a resource."""
    subnets = model.store.of_type(SUBNETS, Criteria(resource.id.subscription))
    return [str(s.id) for s in subnets if s.properties.get(name, {}).get("id", "").lower() == resource.id.key]
