"""A virtual network as it is in Azure, and what a subnet in it reaches."""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, Self, cast

import pulumi

from components.rules.network import DELEGATE_TO, NetworkPath, ipv4
from components.support.lookup import LookupFailedError, find

_GATEWAYS: Final = frozenset({"gatewaysubnet", "routeserversubnet"})


class Reach(Enum):
    """What is known of the way from a subnet to servers."""

    DIRECT = auto()
    """A server is in the subnet's virtual network, or in one that is peered with it. A peering leads no further."""
    POSSIBLE = auto()
    """A gateway, or a route table with the way through an appliance, may lead there."""
    INTERRUPTED = auto()
    """Only a peering leads there that is not Connected, or that lets nothing through."""
    NONE = auto()


@dataclass(frozen=True)
class LiveSubnet:
    """A subnet of a virtual network."""

    id: str
    name: str
    prefixes: tuple[str, ...]
    is_delegated: bool
    """It is delegated to Azure NetApp Files."""
    has_routes: bool
    """It has a route table."""


@dataclass(frozen=True)
class LivePeering:
    """One direction of a peering: from the virtual network that has it to another one."""

    name: str
    remote: NetworkPath
    spaces: tuple[str, ...]
    """The address ranges of the other network."""
    is_open: bool
    """It is Connected and lets traffic through."""
    uses_gateway: bool
    """The network uses a gateway of the other one."""


@dataclass(frozen=True)
class LiveNetwork:
    """A virtual network."""

    id: str
    spaces: tuple[str, ...]
    """Its address ranges."""
    subnets: tuple[LiveSubnet, ...] = ()
    peerings: tuple[LivePeering, ...] = ()

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return the network that azure-native reports."""
        return cls(
            str(found["id"]),
            _prefixes(found.get("addressSpace")),
            tuple(_subnet(each) for each in found.get("subnets") or ()),
            tuple(
                _peering(each) for each in found.get("virtualNetworkPeerings") or () if each.get("remoteVirtualNetwork")
            ),
        )

    @property
    def has_gateway(self) -> bool:
        """Return True if a gateway or a route server has a subnet in it."""
        return any(subnet.name.lower() in _GATEWAYS for subnet in self.subnets)

    @property
    def delegated(self) -> LiveSubnet | None:
        """Return the subnet that is delegated to Azure NetApp Files; a network has one at most."""
        return next((subnet for subnet in self.subnets if subnet.is_delegated), None)

    def subnet(self, name: str) -> LiveSubnet | None:
        """Return the subnet of a name."""
        return next((subnet for subnet in self.subnets if subnet.name.lower() == name.lower()), None)

    def reach(self, servers: Sequence[str], *, has_routes: bool) -> Reach:
        """Return what is known of the way to the servers from a subnet, which may have a route table."""
        towards = [peering for peering in self.peerings if holds(peering.spaces, servers)]
        if holds(self.spaces, servers) or any(peering.is_open for peering in towards):
            return Reach.DIRECT
        if has_routes or self.has_gateway or any(peering.uses_gateway for peering in self.peerings):
            return Reach.POSSIBLE
        return Reach.INTERRUPTED if towards else Reach.NONE


def reach_by_peerings(peers: Sequence[LiveNetwork | None], servers: Sequence[str], *, has_routes: bool) -> Reach:
    """Return what is known of the way to the servers from a new network that is peered with these; None: unknown."""
    known = [peer for peer in peers if peer]
    if any(holds(peer.spaces, servers) for peer in known):
        return Reach.DIRECT
    if has_routes or any(peer is None or peer.has_gateway for peer in peers):
        return Reach.POSSIBLE
    return Reach.NONE


def holds(spaces: Iterable[str], servers: Iterable[str]) -> bool:
    """Return True if one of the servers lies in one of the ranges."""
    ranges = ipv4(spaces)
    return any(ipaddress.IPv4Address(server) in each for server in servers for each in ranges)


async def live_network(network_id: str, options: pulumi.InvokeOptions) -> LiveNetwork | None:
    """Return a virtual network; None if there is none.

    Raises:
        LookupFailedError: it could not be read.

    """
    path = NetworkPath.of(network_id)
    names = {"resourceGroupName": path.resource_group, "virtualNetworkName": path.name}
    try:
        found = await find("azure-native:network:getVirtualNetwork", names, options)
    except Exception as error:
        raise LookupFailedError(f"The virtual network {network_id} could not be read: {error}") from None
    return LiveNetwork.of(found) if found else None


def _prefixes(space: Any) -> tuple[str, ...]:
    return tuple(str(prefix) for prefix in (space or {}).get("addressPrefixes") or ())


def _subnet(found: Mapping[str, Any]) -> LiveSubnet:
    prefixes = found.get("addressPrefixes") or [found.get("addressPrefix")]
    services = (str(each.get("serviceName")).lower() for each in found.get("delegations") or ())
    return LiveSubnet(
        str(found.get("id")),
        str(found.get("name")),
        tuple(str(prefix) for prefix in prefixes if prefix),
        DELEGATE_TO.lower() in services,
        bool(found.get("routeTable")),
    )


def _peering(found: Mapping[str, Any]) -> LivePeering:
    remote = cast("Mapping[str, Any]", found["remoteVirtualNetwork"])
    return LivePeering(
        str(found.get("name")),
        NetworkPath.of(str(remote["id"])),
        _prefixes(found.get("remoteAddressSpace")) or _prefixes(found.get("remoteVirtualNetworkAddressSpace")),
        found.get("peeringState") == "Connected" and found.get("allowVirtualNetworkAccess") is not False,
        bool(found.get("useRemoteGateways")),
    )
