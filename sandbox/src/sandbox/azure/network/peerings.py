"""Virtual network peerings: one side of a link between two networks, which is there once both sides are.

States: Initiated while the other network has no peering back, Connected when it has, Disconnected after that one, or
its network, was deleted. A peering keeps the other's address space as it was at the last PUT of the peering.
Source: learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview; texts from reports of users.
"""

import uuid
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import PEERINGS, VIRTUAL_NETWORKS, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.network.address_space import overlapping
from sandbox.azure.network.part_of_network import PartOfNetwork
from sandbox.azure.network.reach import peering_to
from sandbox.azure.network.serial import operation_on
from sandbox.azure.operations import Kind
from sandbox.azure.shapes import mapping
from sandbox.azure.store import Resource

_DEFAULTS: Final = {
    # Guess: an absent allowVirtualNetworkAccess is true; every client sends it.
    "allowVirtualNetworkAccess": True,
    "allowForwardedTraffic": False,
    "allowGatewayTransit": False,
    "useRemoteGateways": False,
    "doNotVerifyRemoteGateways": False,
    "peerCompleteVnets": True,
}
_SUBNET_PEERING: Final = "Microsoft.Network/AllowMultiplePeeringLinksBetweenVnets"


class Peerings(PartOfNetwork):
    """Microsoft.Network/virtualNetworks/virtualNetworkPeerings."""

    name = PEERINGS

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        return peering_draft(model, resource_id, desired.properties, None)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        given = {**resource.properties, **desired.properties} if desired.partial else desired.properties
        draft = peering_draft(model, resource.id, given, resource)
        if draft.properties["peeringState"] == "Disconnected":
            draft.properties["peeringState"] = "Initiated"
        return draft

    def completed(self, model: Model, resource: Resource, kind: Kind) -> None:
        if kind != "delete":
            connect(model, resource)

    def removed(self, model: Model, resource: Resource) -> None:
        if other := _opposite(model, resource):
            other.properties["peeringState"] = "Disconnected"
            model.store.save(other)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        """Add the other network's present address space, and which of the two sides has not the present one yet."""
        properties, remote = resource.properties, model.find(_remote_id(resource))
        known = properties["remoteAddressSpace"]
        present = remote.properties["addressSpace"] if remote else known
        other = _opposite(model, resource)
        mine = model.store.existing(resource.id.parent.key).properties["addressSpace"]
        is_local = other is None or other.properties["remoteAddressSpace"] == mine
        levels = {
            (True, True): "FullyInSync",
            (True, False): "RemoteNotInSync",
            (False, True): "LocalNotInSync",
            (False, False): "LocalAndRemoteNotInSync",
        }
        level = levels[is_local, known == present]
        return {**properties, "remoteVirtualNetworkAddressSpace": present, "peeringSyncLevel": level}


def peering_draft(model: Model, peering_id: ResourceId, properties: dict[str, Any], current: Resource | None) -> Draft:
    """Return a peering as a request asks for it, with the state that it has so far."""
    remote = _check_remote(model, peering_id, properties, current)
    wanted = {name: properties.get(name, default) for name, default in _DEFAULTS.items()}
    if wanted["useRemoteGateways"]:
        text = (
            f"Peering {peering_id} cannot have UseRemoteGateways flag set to true because remote virtual network "
            f"{remote.id} referenced by the peering does not have any gateways."
        )
        raise ArmError(400, "RemoteVnetHasNoGateways", text)
    if not wanted["peerCompleteVnets"]:
        text = (
            f"Subscription {peering_id.subscription} is not registered for feature {_SUBNET_PEERING} required to carry "
            "out the requested operation."
        )
        raise ArmError(400, "SubscriptionNotRegisteredForFeature", text)
    check_overlap(model, peering_id, remote)
    back = peering_to(model.store, remote.id, peering_id.parent)
    if current is None and back is not None and back.properties["peeringState"] == "Disconnected":
        text = (
            f"Cannot create or update peering {peering_id} because remote peering {back.id} referencing parent virtual "
            f"network {peering_id.parent} is in Disconnected state. Update or re-create the remote peering to get it "
            "back to Initiated state. Peering gets Disconnected when remote vnet or remote peering is deleted and "
            "re-created."
        )
        raise ArmError(400, "RemotePeeringIsDisconnected", text)
    state = current.properties["peeringState"] if current else "Initiated"
    kept = {
        "resourceGuid": str(uuid.uuid5(uuid.NAMESPACE_URL, peering_id.key)),
        "remoteVirtualNetwork": {"id": str(remote.id)},
        "remoteAddressSpace": remote.properties["addressSpace"],
        "peeringState": state,
    }
    return Draft({**wanted, **kept})


def connect(model: Model, peering: Resource) -> None:
    """Connect a peering with the one back, if that is there."""
    other = _opposite(model, peering)
    if other is None or other.properties["peeringState"] == "Disconnected":
        return
    peering.properties["peeringState"] = "Connected"
    if other.properties["peeringState"] != "Connected":
        other.properties["peeringState"] = "Connected"
        model.store.save(other)


def check_overlap(model: Model, peering_id: ResourceId, remote: Resource) -> None:
    """Refuse to link networks that overlap, or of which one overlaps with what the other is linked to."""
    network = model.store.existing(peering_id.parent.key)
    refused = f"Cannot create or update peering {peering_id}."
    space, far = _prefixes(network.properties["addressSpace"]), _prefixes(remote.properties["addressSpace"])
    if both := overlapping(space, far):
        text = (
            f"{refused} Virtual networks {network.id} and {remote.id} cannot be peered because their address spaces "
            f"overlap. Overlapping address prefixes: {', '.join(both)}."
        )
        raise ArmError(400, "VnetAddressSpacesOverlap", text)
    for first, mine, second in ((network.id, space, remote.id), (remote.id, far, network.id)):
        for other in model.store.children(second.key):
            if other.id.type != PEERINGS or _remote_id(other).key == first.key:
                continue
            if both := overlapping(mine, _prefixes(other.properties["remoteAddressSpace"])):
                text = (
                    f"{refused} Virtual networks {first} and {second} cannot be peered because address space of the "
                    f"first virtual network overlaps with address space of virtual network {_remote_id(other)} already "
                    f"peered with the second virtual network. Overlapping address prefixes: {', '.join(both)}."
                )
                raise ArmError(400, "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", text)


def _check_remote(
    model: Model, peering_id: ResourceId, properties: dict[str, Any], current: Resource | None
) -> Resource:
    asked = mapping(properties.get("remoteVirtualNetwork"), "remoteVirtualNetwork").get("id")
    remote_id = ResourceId.of(VIRTUAL_NETWORKS, asked)
    if remote_id is None:
        text = f"Property id '{asked or ''}' at path 'properties.remoteVirtualNetwork.id' is invalid."
        raise ArmError(400, "LinkedInvalidPropertyId", text)
    if current is not None and _remote_id(current).key != remote_id.key:
        # Guess: the words for a peering that gets another remote network.
        text = f"Remote virtual network of peering {peering_id} cannot be changed."
        raise ArmError(400, "CannotChangeRemoteVnetOfPeering", text)
    if remote_id.key == peering_id.parent.key:
        # Guess: the words for a network that is peered with itself, after those of Azure's portal.
        text = f"Peering {peering_id} is invalid. A virtual network cannot be peered with itself."
        raise ArmError(400, "VnetCannotBePeeredWithItself", text)
    remote = model.find(remote_id)
    if remote is None:
        if current is not None:  # a Disconnected one may be updated; it stays what it is
            return Resource(remote_id, "", {"addressSpace": current.properties["remoteAddressSpace"]})
        text = (
            f"Resource {remote_id} referenced by resource {peering_id} was not found. Please make sure that the "
            "referenced resource exists."
        )
        raise ArmError(400, "InvalidGlobalResourceReference", text)
    if current is None and (busy := operation_on(model, remote.id)):
        text = (
            f"Cannot proceed with operation because resource {remote.id} used by resource {peering_id} is not in "
            f"Succeeded state. Resource is in Updating state and the last operation that updated/is updating the "
            f"resource is {busy}."
        )
        raise ArmError(400, "ReferencedResourceNotProvisioned", text)
    present = peering_to(model.store, peering_id.parent, remote.id)
    if present is not None and present.id.key != peering_id.key:
        text = (
            f"Peering {present.id} already references remote virtual network {remote.id}. Cannot add another peering "
            f"{peering_id} referencing the same remote virtual network."
        )
        raise ArmError(400, "AnotherPeeringAlreadyReferencesRemoteVnet", text)
    return remote


def _opposite(model: Model, peering: Resource) -> Resource | None:
    return peering_to(model.store, _remote_id(peering), peering.id.parent)


def _remote_id(peering: Resource) -> ResourceId:
    return ResourceId.parse(peering.properties["remoteVirtualNetwork"]["id"])


def _prefixes(space: dict[str, Any]) -> list[str]:
    return space["addressPrefixes"]
