"""Reachability: which addresses a network reaches, and which domain controllers answer it.

A network reaches its own addresses, and those of a network with which it is peered: in both directions, each Connected
with allowVirtualNetworkAccess. There is no way over a second peering. Gateways, routes and security rules play no part.
Source: learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-network-topologies, and that of peerings.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from sandbox.azure.ids import PEERINGS, ResourceId
from sandbox.azure.network.machines import DomainController, domain_controllers
from sandbox.azure.store import Resource, Store


def reaches(store: Store, source: ResourceId, target: ResourceId, address: str) -> bool:
    """Return True if what stands in network `source` reaches an address of network `target`."""
    network = store.find(target.key)
    if network is None or store.find(source.key) is None:
        return False
    if source.key == target.key:
        return _holds(network.properties["addressSpace"], address)
    there, back = peering_to(store, source, target), peering_to(store, target, source)
    if there is None or back is None or not (_is_open(there) and _is_open(back)):
        return False
    return _holds(there.properties["remoteAddressSpace"], address)


def answering(store: Store, source: ResourceId, addresses: Iterable[str]) -> list[DomainController]:
    """Return the domain controllers at some of these addresses that a network reaches."""
    wanted = {each.strip() for each in addresses}
    found = [server for server in domain_controllers(store) if server.address in wanted]
    return [s for s in found if reaches(store, source, ResourceId.parse(s.network), s.address)]


def peering_to(store: Store, network: ResourceId, remote: ResourceId) -> Resource | None:
    """Return the peering of a network that names another one; none that is being deleted."""
    return next(
        (
            each
            for each in store.children(network.key)
            if each.id.type == PEERINGS
            and each.properties["remoteVirtualNetwork"]["id"].lower() == remote.key
            and each.state != "Deleting"
        ),
        None,
    )


def _is_open(peering: Resource) -> bool:
    properties = peering.properties
    return properties["peeringState"] == "Connected" and properties["allowVirtualNetworkAccess"] is True


def _holds(space: dict[str, list[str]], address: str) -> bool:
    return any(IPv4Address(address) in IPv4Network(prefix) for prefix in space["addressPrefixes"])
