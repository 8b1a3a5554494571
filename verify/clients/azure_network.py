"""Virtual networks and their peerings as Azure Resource Manager reports them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

_GATEWAYS: Final = frozenset({"gatewaysubnet", "routeserversubnet"})


@dataclass(frozen=True)
class Peering:
    """One direction of a peering."""

    id: str
    name: str
    remote_id: str
    """The id of the other virtual network."""
    spaces: tuple[str, ...]
    """The address ranges of the other virtual network."""
    state: str
    """Its peeringState: Initiated, Connected or Disconnected."""
    is_open: bool
    """True if it lets traffic through: allowVirtualNetworkAccess."""
    uses_gateway: bool = False

    @property
    def remote_name(self) -> str:
        """Return the name of the other virtual network."""
        return self.remote_id.rpartition("/")[2]


@dataclass(frozen=True)
class VirtualNetwork:
    """A virtual network."""

    id: str
    spaces: tuple[str, ...]
    peerings: tuple[Peering, ...] = ()
    has_gateway: bool = False
    routed_subnets: frozenset[str] = frozenset()
    """The names, in small letters, of its subnets that have a route table."""

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return the network in a response."""
        properties: Mapping[str, Any] = found["properties"]
        subnets: list[Mapping[str, Any]] = properties.get("subnets") or []
        return cls(
            str(found["id"]),
            _prefixes(properties.get("addressSpace")),
            tuple(_peering(each) for each in properties.get("virtualNetworkPeerings") or ()),
            any(str(each["name"]).lower() in _GATEWAYS for each in subnets),
            frozenset(
                str(each["name"]).lower() for each in subnets if (each.get("properties") or {}).get("routeTable")
            ),
        )

    @property
    def name(self) -> str:
        """Return its name."""
        return self.id.rpartition("/")[2]

    def leads_on(self, subnet_id: str) -> bool:
        """Return True if a gateway or the subnet's route table may lead to networks that are not peered."""
        routed = subnet_id.rpartition("/")[2].lower() in self.routed_subnets
        return routed or self.has_gateway or any(peering.uses_gateway for peering in self.peerings)


def network_id_of(subnet_id: str) -> str:
    """Return the id of a subnet's virtual network."""
    return "/".join(subnet_id.split("/")[:9])


def _peering(found: Mapping[str, Any]) -> Peering:
    properties: Mapping[str, Any] = found.get("properties") or {}
    return Peering(
        str(found.get("id")),
        str(found.get("name")),
        str((properties.get("remoteVirtualNetwork") or {}).get("id")),
        _prefixes(properties.get("remoteAddressSpace") or properties.get("remoteVirtualNetworkAddressSpace")),
        str(properties.get("peeringState")),
        properties.get("allowVirtualNetworkAccess") is not False,
        bool(properties.get("useRemoteGateways")),
    )


def _prefixes(space: Any) -> tuple[str, ...]:
    return tuple(str(prefix) for prefix in (space or {}).get("addressPrefixes") or ())
