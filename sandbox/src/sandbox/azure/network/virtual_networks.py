"""Virtual networks, their subnets among them, and what Azure refuses in their address plan."""

import uuid
from typing import TYPE_CHECKING, Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Desired, Draft, ResourceType
from sandbox.azure.network.address_space import check_apart, check_prefix, networks, refuse_overlap
from sandbox.azure.network.subnets import SUBNETS, check_network_idle, subnet_draft
from sandbox.azure.shapes import mapping, mappings, texts
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

VIRTUAL_NETWORKS: Final = "Microsoft.Network/virtualNetworks"


class VirtualNetworks(ResourceType):
    """Microsoft.Network/virtualNetworks.

    A PUT without `subnets` leaves the subnets alone; one with an empty list deletes them (Azure's behaviour since 2024:
    techcommunity.microsoft.com, "Azure Virtual Network now supports updates without subnet property").
    """

    name = VIRTUAL_NETWORKS
    creating = "Updating"

    def check_idle(self, model: "Model", resource_id: ResourceId, current: Resource | None) -> None:
        """Changes to a network and its subnets are serialised."""
        check_network_idle(model, resource_id)

    def create(self, model: "Model", resource_id: ResourceId, desired: Desired) -> Draft:
        """An address space, and subnets that lie in it apart from each other."""
        self._check_subnets(model, resource_id, desired)
        return Draft(_properties(resource_id, desired.properties), envelope=desired.envelope)

    def update(self, model: "Model", resource: Resource, desired: Desired) -> Draft:
        """A PATCH changes tags alone; a PUT may change the address space and the subnets."""
        if desired.partial:
            return Draft(resource.properties, envelope=resource.envelope)
        self._check_subnets(model, resource.id, desired)
        kept = None if "subnets" in desired.properties else model.store.children(resource.id.key)
        for subnet in kept or []:
            check_prefix(
                subnet.properties["addressPrefix"], subnet.id.name, resource.id.name, _space(desired.properties)
            )
        return Draft(_properties(resource.id, desired.properties), envelope=desired.envelope)

    def applied(self, model: "Model", resource: Resource, desired: Desired) -> None:
        """Make, change and delete subnets as the request lists them."""
        if "subnets" not in desired.properties or desired.partial:
            return
        wanted = _subnets(desired.properties)
        for subnet in model.store.children(resource.id.key):
            if subnet.id.name.lower() not in {str(each["name"]).lower() for each in wanted}:
                model.remove(subnet)
        for each in wanted:
            subnet_id = resource.id.child("subnets", str(each["name"]))
            existing = model.store.find(subnet_id.key)
            draft = subnet_draft(model, subnet_id, mapping(each.get("properties"), "properties"), existing)
            model.create_child(existing.id if existing else subnet_id, resource.location, draft)

    def check_delete(self, model: "Model", resource: Resource) -> None:
        """A network goes with its subnets, unless one is in use."""
        for subnet in model.store.children(resource.id.key):
            model.type(subnet.id).check_delete(model, subnet)

    def show(self, model: "Model", resource: Resource) -> dict[str, Any]:
        """With its subnets, as they are in a GET of their own."""
        rules = model.type(resource.id.child("subnets", "each"))
        subnets = [
            {
                "id": str(subnet.id),
                "name": subnet.id.name,
                "type": SUBNETS,
                "etag": subnet.etag,
                "properties": {**rules.show(model, subnet), "provisioningState": subnet.state},
            }
            for subnet in model.store.children(resource.id.key)
            if model.find(subnet.id)
        ]
        return {**resource.properties, "subnets": subnets}

    def _check_subnets(self, model: "Model", resource_id: ResourceId, desired: Desired) -> None:
        space = _space(desired.properties)
        refuse_overlap(space, resource_id.name)
        if "subnets" not in desired.properties:
            return
        wanted = _subnets(desired.properties)
        names = {str(each["name"]).lower() for each in wanted}
        for subnet in model.store.children(resource_id.key):
            if subnet.id.name.lower() not in names:
                model.type(subnet.id).check_delete(model, subnet)
        siblings: list[tuple[str, str]] = []
        for each in wanted:
            name, properties = str(each["name"]), mapping(each.get("properties"), "properties")
            subnet_id = resource_id.child("subnets", name)
            draft = subnet_draft(model, subnet_id, properties, model.store.find(subnet_id.key))
            prefix = draft.properties["addressPrefix"]
            check_prefix(prefix, name, resource_id.name, space)
            check_apart(prefix, name, resource_id.name, siblings)
            siblings.append((name, prefix))


def _space(properties: dict[str, Any]) -> list[str]:
    space = texts(mapping(properties.get("addressSpace"), "addressSpace").get("addressPrefixes"), "addressPrefixes")
    if not space:
        raise ArmError(
            400,
            "InvalidRequestFormat",
            "Cannot parse the request. Required property 'addressSpace' is missing or empty.",
        )
    networks(space, "addressSpace")
    return space


def _subnets(properties: dict[str, Any]) -> list[dict[str, Any]]:
    subnets = mappings(properties.get("subnets"), "subnets")
    if any(not isinstance(each.get("name"), str) or not each["name"] for each in subnets):
        raise ArmError(400, "InvalidRequestFormat", "Cannot parse the request. A subnet has no name.")
    return subnets


def _properties(resource_id: ResourceId, properties: dict[str, Any]) -> dict[str, Any]:
    defaults = {"enableDdosProtection": False, "virtualNetworkPeerings": [], "privateEndpointVNetPolicies": "Disabled"}
    shown = {name: value for name, value in properties.items() if name not in {"subnets", "provisioningState"}}
    return {"resourceGuid": resource_guid(resource_id), **defaults, **shown}


def resource_guid(resource_id: ResourceId) -> str:
    """A GUID that stays the same for one id, as resourceGuid does while the network lives."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, resource_id.key))
