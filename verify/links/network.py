"""Checks of the ways between networks: from the volumes' subnet to the directory, and to the nodes."""

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from verify.clients.azure import Azure, RefusedError
from verify.clients.azure_network import Peering, VirtualNetwork, network_id_of
from verify.stack.outputs import StackOutputs
from verify.trouble import BrokenError, Trouble

PEERING_NOT_CONNECTED: Final = Trouble(
    "peering-not-connected",
    "new volumes: `Could not query DNS server`; Pods: `The network path was not found`; peeringState Initiated or "
    "Disconnected",
    "a peering of the volumes' virtual network has one direction only: the other one was deleted, or never created",
    "`az network vnet peering delete --ids {id}`, and the same for the other direction if it exists; then "
    "`pulumi up --refresh --stack {stack}`, or have whoever manages the networks peer them again",
)
PEERING_CLOSED: Final = Trouble(
    "peering-closed",
    "as above, though peeringState is Connected",
    "a peering lets no traffic into the other network: allowVirtualNetworkAccess is false",
    "`az network vnet peering update --ids {id} --set allowVirtualNetworkAccess=true`; for a peering of the stack: "
    "`pulumi up --refresh --stack {stack}`",
)
DIRECTORY_UNREACHED: Final = Trouble(
    "directory-unreached",
    "`Could not query DNS server` when a volume is created",
    "no DNS server of the account's directory is in the volumes' virtual network or in one that is peered with it; "
    "there is neither a gateway nor a route table. A peering leads to no third network",
    "peer {network} with the network of the servers {servers}, in both directions (network.peerings, for a network of "
    "the stack)",
)
NODES_NOT_PEERED: Final = Trouble(
    "nodes-not-peered",
    "`The network path was not found`; Linux: `could not resolve address`, `No route to host`",
    "the nodes' virtual network is neither that of the volumes nor peered with it, and there is neither a gateway nor "
    "a route table. A peering leads to no third network",
    "peer {network} with {nodes}, in both directions (network.peerings, for a network of the stack)",
)
TROUBLES: Final = (PEERING_NOT_CONNECTED, PEERING_CLOSED, DIRECTORY_UNREACHED, NODES_NOT_PEERED)


def ways(azure: Azure, outputs: StackOutputs) -> list[tuple[str, str, Callable[[], str]]]:
    """Return name, title and check of each way that a stack's volumes need."""
    where, cluster = (azure, outputs.subnet_id), outputs.cluster
    to_directory = partial(way_to_directory, *where, outputs.pool_id)
    to_nodes = partial(way_to_nodes, *where, cluster.aks_group, cluster.aks_name, cluster.aks_subscription)
    return [
        ("way-to-directory", "way to the directory", to_directory),
        *([("way-to-nodes", "way to the nodes", to_nodes)] if cluster.aks_name else []),
    ]


def way_to_directory(azure: Azure, subnet_id: str, pool_id: str) -> str:
    """Check that the subnet's network reaches a DNS server of the directory that the pool's account has joined."""
    network, servers = _network(azure, subnet_id), azure.directory_servers(pool_id)
    if network is None or not servers:
        return "Azure names no DNS server of the directory" if network else "not readable: see the delegated subnet"
    inside = [server for server in servers if _holds(network.spaces, [server])]
    if inside:
        return f"{', '.join(inside)} in {network.name}"
    towards = [peering for peering in network.peerings if _holds(peering.spaces, servers)]
    listed = ", ".join(servers)
    if not towards and not _leads_on(azure, network, subnet_id):
        raise BrokenError(
            DIRECTORY_UNREACHED,
            f"{network.name} has no peering with a network of {listed}",
            network=network.id,
            servers=listed,
        )
    return _open(azure, network, towards) or f"{listed}, by a gateway, a route table or a mesh of {network.name}"


def way_to_nodes(azure: Azure, subnet_id: str, group: str, name: str, subscription: str) -> str:
    """Check that the subnet's network is that of the cluster's nodes, or peered with it."""
    network, nodes = _network(azure, subnet_id), azure.node_networks(group, name, subscription)
    if network is None or not nodes:
        return f"AKS names no network of {name}'s nodes" if network else "not readable: see the delegated subnet"
    seen = [_way(azure, network, subnet_id, node_network) for node_network in nodes]
    return "; ".join(seen)


def _way(azure: Azure, network: VirtualNetwork, subnet_id: str, nodes: str) -> str:
    if nodes.lower() == network.id.lower():
        return f"the nodes are in {network.name} too"
    towards = [peering for peering in network.peerings if peering.remote_id.lower() == nodes.lower()]
    if not towards and not _leads_on(azure, network, subnet_id):
        name = nodes.rpartition("/")[2]
        raise BrokenError(
            NODES_NOT_PEERED, f"{network.name} is not peered with {name} of the nodes", network=network.id, nodes=nodes
        )
    return _open(azure, network, towards) or f"to {nodes}, by a gateway, a route table or a mesh of {network.name}"


def _leads_on(azure: Azure, network: VirtualNetwork, subnet_id: str) -> bool:
    """Return True for ways that show in no peering: a gateway, a route table, a mesh of Virtual Network Manager."""
    return network.leads_on(subnet_id) or azure.is_in_mesh(network.id)


def _open(azure: Azure, network: VirtualNetwork, towards: Sequence[Peering]) -> str:
    """Return the first of the peerings that lets traffic through; raise `BrokenError` if none of them does."""
    broken: BrokenError | None = None
    for peering in towards:
        try:
            return _check(azure, network, peering)
        except BrokenError as error:
            broken = broken or error
    if broken:
        raise broken
    return ""


def _check(azure: Azure, network: VirtualNetwork, peering: Peering) -> str:
    for holder, direction in (
        (network.name, peering),
        (peering.remote_name, _other_direction(azure, network, peering)),
    ):
        if direction and direction.state != "Connected":
            raise BrokenError(
                PEERING_NOT_CONNECTED, f"{direction.name} of {holder} is {direction.state}", id=direction.id
            )
        if direction and not direction.is_open:
            raise BrokenError(PEERING_CLOSED, f"{direction.name} of {holder} allows no access", id=direction.id)
    return f"{network.name} is peered with {peering.remote_name}, Connected in both directions"


def _other_direction(azure: Azure, network: VirtualNetwork, peering: Peering) -> Peering | None:
    """Return the peering of the other network; None if this user may not read it: Connected says that it exists."""
    try:
        remote = azure.virtual_network(peering.remote_id)
    except RefusedError:
        return None
    back = (each for each in remote.peerings if each.remote_id.lower() == network.id.lower()) if remote else ()
    return next(iter(back), None)


def _network(azure: Azure, subnet_id: str) -> VirtualNetwork | None:
    return azure.virtual_network(network_id_of(subnet_id))


def _holds(spaces: Iterable[str], servers: Iterable[str]) -> bool:
    ranges = [ipaddress.ip_network(space, strict=False) for space in spaces]
    return any(ipaddress.ip_address(server) in each for server in servers for each in ranges)
