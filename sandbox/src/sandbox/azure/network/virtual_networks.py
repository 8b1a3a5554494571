"""Virtual networks, their subnets among them, and what Azure refuses in their address plan."""

import uuid
from typing import Any

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import SUBNETS, VIRTUAL_NETWORKS, ResourceId
from sandbox.azure.model import Desired, Draft, Model, ResourceType
from sandbox.azure.network.address_space import check_range, check_space
from sandbox.azure.network.subnets import check_network_idle, subnet_draft
from sandbox.azure.shapes import mapping, mappings, texts
from sandbox.azure.store import Resource


class VirtualNetworks(ResourceType):
    """Microsoft.Network/virtualNetworks.

    A PUT without `subnets` leaves the subnets alone; one with an empty list deletes them (Azure's behaviour since 2024:
    techcommunity.microsoft.com, "Azure Virtual Network now supports updates without subnet property").
    """

    name = VIRTUAL_NETWORKS
    creating = "Updating"

    def check_idle(self, model: Model, resource_id: ResourceId, current: Resource | None) -> None:
        check_network_idle(model, resource_id)

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        return _draft(model, resource_id, desired)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        """Change only tags by a PATCH; a PUT may change the address space and the subnets."""
        if desired.partial:
            return Draft(resource.properties, envelope=resource.envelope)
        return _draft(model, resource.id, desired)

    def applied(self, model: Model, resource: Resource, desired: Desired) -> None:
        if desired.partial or (wanted := _subnets(desired.properties)) is None:
            return
        for subnet in _unlisted(model, resource.id, wanted):
            model.remove(subnet)
        for name, properties in wanted.items():
            subnet_id = resource.id.child("subnets", name)
            existing = model.store.find(subnet_id.key)
            draft = subnet_draft(model, subnet_id, properties, existing)
            model.create_child(existing.id if existing else subnet_id, resource.location, draft)

    def check_delete(self, model: Model, resource: Resource) -> None:
        """Refuse while one of its subnets is in use; they are deleted with it."""
        for subnet in model.store.children(resource.id.key):
            model.type(subnet.id).check_delete(model, subnet)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
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


def _draft(model: Model, network_id: ResourceId, desired: Desired) -> Draft:
    given, vnet = desired.properties, network_id.name
    space = texts(mapping(given.get("addressSpace"), "addressSpace").get("addressPrefixes"), "addressPrefixes")
    if not space:
        text = "Cannot parse the request. Required property 'addressSpace' is missing or empty."
        raise ArmError(400, "InvalidRequestFormat", text)
    check_space(space, vnet)
    wanted = _subnets(given)
    if wanted is None:
        for subnet in model.store.children(network_id.key):
            check_range(subnet.properties["addressPrefix"], subnet.id.name, vnet, space)
    else:
        _check_subnets(model, network_id, wanted, space)
    defaults = {"enableDdosProtection": False, "virtualNetworkPeerings": [], "privateEndpointVNetPolicies": "Disabled"}
    shown = {name: value for name, value in given.items() if name not in {"subnets", "provisioningState"}}
    # A network's resourceGuid stays the same while it lives.
    guid = str(uuid.uuid5(uuid.NAMESPACE_URL, network_id.key))
    return Draft({"resourceGuid": guid, **defaults, **shown}, envelope=desired.envelope)


def _subnets(given: dict[str, Any]) -> dict[str, dict[str, Any]] | None:
    """Return the subnets' properties by name, or None where a request says nothing of subnets."""
    if "subnets" not in given:
        return None
    subnets = mappings(given["subnets"], "subnets")
    if any(not isinstance(each.get("name"), str) or not each["name"] for each in subnets):
        raise ArmError(400, "InvalidRequestFormat", "Cannot parse the request. A subnet has no name.")
    return {each["name"]: mapping(each.get("properties"), "properties") for each in subnets}


def _unlisted(model: Model, network_id: ResourceId, wanted: dict[str, dict[str, Any]]) -> list[Resource]:
    listed = {name.lower() for name in wanted}
    return [subnet for subnet in model.store.children(network_id.key) if subnet.id.name.lower() not in listed]


def _check_subnets(model: Model, network_id: ResourceId, wanted: dict[str, dict[str, Any]], space: list[str]) -> None:
    for subnet in _unlisted(model, network_id, wanted):
        model.type(subnet.id).check_delete(model, subnet)
    siblings: list[tuple[str, str]] = []
    for name, properties in wanted.items():
        subnet_id = network_id.child("subnets", name)
        draft = subnet_draft(model, subnet_id, properties, model.store.find(subnet_id.key))
        prefix = draft.properties["addressPrefix"]
        check_range(prefix, name, network_id.name, space, siblings)
        siblings.append((name, prefix))
