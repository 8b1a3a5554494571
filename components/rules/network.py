"""Rules of virtual networks and of the subnet that is delegated to Azure NetApp Files."""

import ipaddress
from typing import Final

from components.rules import AZURE_NAMES, Rule, parses, text

DELEGATION: Final = "https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-delegate-subnet"

VIRTUAL_NETWORK_NAME = text(
    r"[a-zA-Z0-9][\w.-]{0,62}\w", "2 to 64 letters, digits, . _ -, starting with a letter or digit", AZURE_NAMES
)
SUBNET_NAME = text(
    r"[a-zA-Z0-9]([\w.-]{0,78}\w)?", "1 to 80 letters, digits, . _ -, starting with a letter or digit", AZURE_NAMES
)
SUBNET_ID = text(
    r"/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[^/]+/providers/Microsoft\.Network"
    r"/virtualNetworks/[^/]+/subnets/[^/]+",
    "/subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.Network/virtualNetworks/NAME/subnets/NAME",
    DELEGATION,
)
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


def subnet_outside(address_space: str, subnet_prefix: str) -> str | None:
    """Return what is allowed if the subnet is not a proper part of the virtual network (DELEGATION)."""
    space, subnet = ipaddress.IPv4Network(address_space), ipaddress.IPv4Network(subnet_prefix)
    if not subnet.subnet_of(space):
        return f"a range inside the address space {address_space}"
    if subnet == space:
        return f"a range smaller than the address space {address_space}: Azure wants the virtual network larger"
    return None
