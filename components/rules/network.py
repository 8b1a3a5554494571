"""Rules of virtual networks and of the subnet that is delegated to Azure NetApp Files."""

import hashlib
import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Self

from components.rules import AZURE_NAMES, Rule, parses, text

DELEGATION: Final = "https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-delegate-subnet"
PEERING: Final = "https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview"
DELEGATE_TO: Final = "Microsoft.Netapp/volumes"

VIRTUAL_NETWORK_NAME = text(
    r"[a-zA-Z0-9][\w.-]{0,62}\w", "2 to 64 letters, digits, . _ -, starting with a letter or digit", AZURE_NAMES
)
SUBNET_NAME = text(
    r"[a-zA-Z0-9]([\w.-]{0,78}\w)?", "1 to 80 letters, digits, . _ -, starting with a letter or digit", AZURE_NAMES
)


def _id_of(resource: str, source: str) -> Rule[str]:
    """Return a rule for the id of a type of Microsoft.Network. Azure ignores the case of all its words."""
    path = resource.replace("NAME", "[^/]+")
    return text(
        rf"(?i)/subscriptions/[0-9a-f-]{{36}}/resourceGroups/[^/]+/providers/Microsoft\.Network/{path}",
        f"/subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.Network/{resource}",
        source,
    )


VIRTUAL_NETWORK_ID = _id_of("virtualNetworks/NAME", DELEGATION)
SUBNET_ID = _id_of("virtualNetworks/NAME/subnets/NAME", DELEGATION)
NETWORK_SECURITY_GROUP_ID = _id_of("networkSecurityGroups/NAME", AZURE_NAMES)
ROUTE_TABLE_ID = _id_of("routeTables/NAME", AZURE_NAMES)
ADDRESS_SPACE: Rule[str] = Rule(
    "an IPv4 range in CIDR form whose address is its first, such as 10.40.0.0/16",
    parses(ipaddress.IPv4Network),
    DELEGATION,
)
SMALLEST_SUBNET: Final = 28
SUBNET_PREFIX: Rule[str] = Rule(
    f"an IPv4 range in CIDR form, /{SMALLEST_SUBNET} or larger, whose address is its first, such as 10.40.1.0/26",
    lambda value: (
        ADDRESS_SPACE.holds(value) and "/" in value and ipaddress.IPv4Network(value).prefixlen <= SMALLEST_SUBNET
    ),
    DELEGATION,
)


class NetworkPath(NamedTuple):
    """A virtual network, or something of Microsoft.Network in it or beside it, by the parts of its id."""

    subscription_id: str
    resource_group: str
    name: str
    """The name of the virtual network, network security group or route table."""
    subnet: str | None = None

    @classmethod
    def of(cls, resource_id: str) -> Self:
        """Return the parts of an id that obeys a rule of this module."""
        segments = resource_id.split("/")
        return cls(segments[2], segments[4], segments[8], segments[10] if len(segments) > 10 else None)

    @property
    def key(self) -> str:
        """Return what is the same for two spellings of one virtual network's id."""
        return "/".join((self.subscription_id, self.resource_group, self.name)).lower()


def network_id_of(subnet_id: str) -> str:
    """Return the id of a subnet's virtual network."""
    return "/".join(subnet_id.split("/")[:9])


def peering_name(remote: NetworkPath) -> str:
    """Return the name of a peering with a virtual network: unique among all networks of that name."""
    digest = hashlib.sha256(remote.key.encode()).hexdigest()[:8]
    return f"{remote.name}-{digest}"


def subnet_outside(address_space: Sequence[str], subnet_prefix: str) -> str | None:
    """Return what is allowed if the subnet is not a proper part of the virtual network (DELEGATION)."""
    listed, subnet = ", ".join(address_space), ipaddress.IPv4Network(subnet_prefix)
    spaces = ipv4(address_space)
    if not any(subnet.subnet_of(space) for space in spaces):
        return f"a range inside the address space {listed}"
    if [subnet] == spaces:
        return f"a range smaller than the address space {listed}: Azure wants the virtual network larger"
    return None


def overlapping(prefix: str, others: Iterable[str]) -> str | None:
    """Return the first of the ranges that a range overlaps."""
    range_ = ipaddress.IPv4Network(prefix)
    return next((str(other) for other in ipv4(others) if other.overlaps(range_)), None)


def ipv4(prefixes: Iterable[str]) -> list[ipaddress.IPv4Network]:
    """Return the IPv4 ranges among a virtual network's: it may have IPv6 ones too."""
    networks = (ipaddress.ip_network(prefix, strict=False) for prefix in prefixes)
    return [network for network in networks if isinstance(network, ipaddress.IPv4Network)]
