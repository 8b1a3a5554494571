"""Virtual networks, their subnets and peerings among them, and what Azure refuses in their address plan."""

import uuid
from ipaddress import IPv4Address
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import PEERINGS, VIRTUAL_NETWORKS, ResourceId
from sandbox.azure.model import Desired, Draft, Model, ResourceType
from sandbox.azure.network.address_space import check_range, check_space
from sandbox.azure.network.peerings import check_overlap, connect, peering_draft
from sandbox.azure.network.serial import check_network_idle
from sandbox.azure.network.subnets import subnet_draft, subnets_of
from sandbox.azure.shapes import mapping, mappings, texts
from sandbox.azure.store import Resource

_NOT_KEPT: Final = frozenset({"subnets", "virtualNetworkPeerings", "provisioningState", "enableVmProtection"})


class VirtualNetworks(ResourceType):
    """Microsoft.Network/virtualNetworks.

    A PUT without `subnets` leaves the subnets alone; one with an empty list deletes them (Azure's behaviour since 2024:
    techcommunity.microsoft.com, "Azure Virtual Network now supports updates without subnet property"). It is the same
    with `virtualNetworkPeerings`.
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
        if desired.partial:
            return
        if (wanted := _listed(desired.properties, "subnets")) is not None:
            _apply_subnets(model, resource, wanted)
        if (wanted := _listed(desired.properties, "virtualNetworkPeerings")) is not None:
            _apply_peerings(model, resource, wanted)
        for peering in _peerings_of(model, resource.id):
            remote = ResourceId.parse(peering.properties["remoteVirtualNetwork"]["id"])
            if found := model.find(remote):
                check_overlap(model, peering.id, found)

    def check_delete(self, model: Model, resource: Resource) -> None:
        """Refuse while one of its subnets is in use; they and the peerings are deleted with it."""
        for subnet in subnets_of(model, resource.id):
            model.type(subnet.id).check_delete(model, subnet)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        subnets = [_shown(model, each) for each in subnets_of(model, resource.id) if model.find(each.id)]
        peerings = [_shown(model, each) for each in _peerings_of(model, resource.id) if model.find(each.id)]
        return {**resource.properties, "subnets": subnets, "virtualNetworkPeerings": peerings}


def _shown(model: Model, child: Resource) -> dict[str, Any]:
    rules = model.type(child.id)
    return {
        "id": str(child.id),
        "name": child.id.name,
        "type": rules.name,
        "etag": child.etag,
        "properties": {**rules.show(model, child), "provisioningState": child.state},
    }


def _apply_subnets(model: Model, network: Resource, wanted: dict[str, dict[str, Any]]) -> None:
    for subnet in _unlisted(subnets_of(model, network.id), wanted):
        model.remove(subnet)
    for name, properties in wanted.items():
        subnet_id = network.id.child("subnets", name)
        existing = model.store.find(subnet_id.key)
        draft = subnet_draft(model, subnet_id, properties, existing)
        model.create_child(existing.id if existing else subnet_id, network.location, draft)


def _apply_peerings(model: Model, network: Resource, wanted: dict[str, dict[str, Any]]) -> None:
    for peering in _unlisted(_peerings_of(model, network.id), wanted):
        model.remove(peering)
    for name, properties in wanted.items():
        peering_id = network.id.child("virtualNetworkPeerings", name)
        existing = model.store.find(peering_id.key)
        if existing is None:
            model.type(peering_id).check_name(peering_id)
        draft = peering_draft(model, peering_id, properties, existing)
        model.create_child(existing.id if existing else peering_id, network.location, draft)
        if existing is None:
            peering = model.store.existing(peering_id.key)
            connect(model, peering)
            model.store.save(peering)


def _peerings_of(model: Model, network_id: ResourceId) -> list[Resource]:
    return [each for each in model.store.children(network_id.key) if each.id.type == PEERINGS]


def _draft(model: Model, network_id: ResourceId, desired: Desired) -> Draft:
    given, vnet = desired.properties, network_id.name
    space = texts(mapping(given.get("addressSpace"), "addressSpace").get("addressPrefixes"), "addressPrefixes")
    if not space:
        text = "Cannot parse the request. Required property 'addressSpace' is missing or empty."
        raise ArmError(400, "InvalidRequestFormat", text)
    check_space(space, vnet)
    _check_dns_servers(given)
    wanted = _listed(given, "subnets")
    if wanted is None:
        for subnet in subnets_of(model, network_id):
            check_range(subnet.properties["addressPrefix"], subnet.id.name, vnet, space)
    else:
        _check_subnets(model, network_id, wanted, space)
    defaults = {"enableDdosProtection": False, "privateEndpointVNetPolicies": "Disabled"}
    shown = {name: value for name, value in given.items() if name not in _NOT_KEPT}
    if "dhcpOptions" in shown:
        shown["dhcpOptions"] = {"dnsServers": [], **mapping(shown["dhcpOptions"], "dhcpOptions")}
    # A network's resourceGuid stays the same while it lives.
    guid = str(uuid.uuid5(uuid.NAMESPACE_URL, network_id.key))
    return Draft({"resourceGuid": guid, **defaults, **shown}, envelope=desired.envelope)


def _check_dns_servers(given: dict[str, Any]) -> None:
    for server in texts(mapping(given.get("dhcpOptions"), "dhcpOptions").get("dnsServers"), "dnsServers"):
        try:
            IPv4Address(server)
        except ValueError:
            # Guess: the words for a DNS server that is no address; the code is Azure's for addresses.
            text = f"DNS server address '{server}' is not a valid IP address."
            raise ArmError(400, "InvalidIPAddressFormat", text) from None


def _listed(given: dict[str, Any], kind: str) -> dict[str, dict[str, Any]] | None:
    """Return the properties of a network's subnets or peerings by name; None where a request says nothing of them."""
    if kind not in given:
        return None
    children = mappings(given[kind], kind)
    if any(not isinstance(each.get("name"), str) or not each["name"] for each in children):
        raise ArmError(400, "InvalidRequestFormat", f"Cannot parse the request. One of {kind} has no name.")
    return {each["name"]: mapping(each.get("properties"), "properties") for each in children}


def _unlisted(children: list[Resource], wanted: dict[str, dict[str, Any]]) -> list[Resource]:
    listed = {name.lower() for name in wanted}
    return [child for child in children if child.id.name.lower() not in listed]


def _check_subnets(model: Model, network_id: ResourceId, wanted: dict[str, dict[str, Any]], space: list[str]) -> None:
    for subnet in _unlisted(subnets_of(model, network_id), wanted):
        model.type(subnet.id).check_delete(model, subnet)
    siblings: list[tuple[str, str]] = []
    for name, properties in wanted.items():
        subnet_id = network_id.child("subnets", name)
        draft = subnet_draft(model, subnet_id, properties, model.store.find(subnet_id.key))
        prefix = draft.properties["addressPrefix"]
        check_range(prefix, name, network_id.name, space, siblings)
        siblings.append((name, prefix))
