"""The estate in the sandbox's Azure: networks, peerings, domain controllers and clusters, created and changed.

It is created as by any client, so that what Azure would refuse is refused. Other processes may serve the same store.
"""

from typing import Any, Final

from sandbox.azure.changes import Changes
from sandbox.azure.durations import Durations
from sandbox.azure.ids import ResourceId
from sandbox.azure.network.machines import (
    add_domain_controller,
    add_node_pools,
    domain_controllers,
    node_pools,
)
from sandbox.azure.network.reach import peering_to
from sandbox.azure.registry import TYPES
from sandbox.azure.roles.role_assignments import forget_scope
from sandbox.azure.store import Resource, Store

_TEAM: Final = "44444444-4444-4444-4444-444444444444"
"""The client id of who created what is there."""
_AT_ONCE: Final = Durations("at once", default=0.0, retry_after=0.0, nested_lag=0.0)
_PEERED: Final = {"allowVirtualNetworkAccess": True, "allowForwardedTraffic": True}


class Estate:
    """What network teams and administrators have in the Azure of one sandbox. Ids are those of Azure."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._model = Changes(store, TYPES, forget=forget_scope, durations=_AT_ONCE)

    def network(
        self,
        network_id: str,
        address_space: list[str],
        *,
        subnets: dict[str, str] | None = None,
        dns_servers: list[str] | None = None,
        location: str = "koreacentral",
    ) -> None:
        """Create a virtual network, and its resource group where that is missing. Subnets are prefixes by name."""
        listed = [{"name": name, "properties": {"addressPrefix": each}} for name, each in (subnets or {}).items()]
        properties: dict[str, Any] = {"addressSpace": {"addressPrefixes": address_space}, "subnets": listed}
        if dns_servers:
            properties["dhcpOptions"] = {"dnsServers": dns_servers}
        self.create(network_id, {"properties": properties}, location)

    def create(self, resource_id: str, body: dict[str, Any], location: str, location_of_group: str = "") -> None:
        """Create a resource of any type, and its resource group where that is missing, by default in its location."""
        wanted = ResourceId.parse(resource_id)
        if self._model.find(wanted.resource_group) is None:
            self._put(str(wanted.resource_group), {"location": location_of_group or location})
        self._put(resource_id, {"location": location, **body})

    def domain_controllers(self, domain: str, addresses: list[str], network_id: str) -> None:
        """Put domain controllers of a domain, DNS servers too, into a network, which has these addresses."""
        for address in addresses:
            add_domain_controller(self._store, domain, address, ResourceId.parse(network_id))

    def cluster(self, cluster_id: str, subnet_id: str) -> None:
        """Put the nodes of an AKS cluster into a subnet."""
        add_node_pools(self._store, ResourceId.parse(cluster_id), ResourceId.parse(subnet_id))

    def peer(self, one: str, other: str) -> None:
        """Peer two networks in both directions: what is Disconnected is put again, what is missing is created."""
        directions = ((one, other), (other, one))
        for network, remote in directions:
            present = self._peering(network, remote)
            if present is not None and present.properties["peeringState"] == "Disconnected":
                self._put(str(present.id), {"properties": present.properties})
        for network, remote in directions:
            if self._peering(network, remote) is None:
                wanted = ResourceId.parse(remote)
                name = f"to-{wanted.group}-{wanted.name}"[:80].rstrip(".-")  # as Azure allows names to be
                body = {"properties": {"remoteVirtualNetwork": {"id": remote}, **_PEERED}}
                self._put(f"{network}/virtualNetworkPeerings/{name}", body)

    def unpeer(self, network: str, remote: str) -> None:
        """Delete the peering from a network to another one; the one back is Disconnected then."""
        found = self._peering(network, remote)
        if found is None:
            raise LookupError(f"{network} has no peering to {remote}")
        self._model.delete(found.id)
        self._model.settle()

    def connect(self, network_id: str) -> None:
        """Peer a network with all networks of its subscription that hold domain controllers or nodes.

        SMB volumes in it then join the directory, and Pods mount them, unless the networks' addresses overlap.
        """
        wanted = ResourceId.parse(network_id)
        servers = [ResourceId.parse(server.network) for server in domain_controllers(self._store)]
        holding = [*servers, *(pools.subnet.parent for pools in node_pools(self._store))]
        for other in {each.key: each for each in holding}.values():
            if other.subscription.lower() == wanted.subscription.lower() and other.key != wanted.key:
                self.peer(network_id, str(other))

    def set_dns_servers(self, network_id: str, addresses: list[str]) -> None:
        """Give a network other DNS servers; without any it has Azure's own."""
        network = self._store.existing(ResourceId.parse(network_id).key)
        space = network.properties["addressSpace"]
        properties = {"addressSpace": space, "dhcpOptions": {"dnsServers": addresses}}
        self._put(network_id, {"location": network.location, "properties": properties})

    def _peering(self, network: str, remote: str) -> Resource | None:
        return peering_to(self._store, ResourceId.parse(network), ResourceId.parse(remote))

    def _put(self, resource_id: str, body: dict[str, Any]) -> None:
        self._model.put(ResourceId.parse(resource_id), body, by=_TEAM)
        self._model.settle()
