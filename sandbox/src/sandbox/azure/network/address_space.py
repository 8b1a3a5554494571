"""Address prefixes of virtual networks and subnets, and the refusals that Azure has for them."""

from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Network
from itertools import combinations

from sandbox.azure.errors import ArmError


def network(prefix: str, where: str) -> IPv4Network:
    """Read a prefix in CIDR notation, host bits zero."""
    with suppress(ValueError):
        return IPv4Network(prefix)
    text = f"The address prefix {prefix} in resource {where} has an invalid CIDR notation."
    with suppress(ValueError):
        text += f" For the given prefix length, the address prefix should be {IPv4Network(prefix, strict=False)}."
    raise ArmError(400, "InvalidCIDRNotation", text)


def check_space(space: list[str], virtual_network: str) -> None:
    prefixes = [network(each, "addressSpace") for each in space]
    if any(one.overlaps(other) for one, other in combinations(prefixes, 2)):
        text = f"Address space of the virtual network '{virtual_network}' has overlapping prefixes: {', '.join(space)}."
        raise ArmError(400, "VnetAddressSpacesOverlap", text)


def overlapping(one: list[str], other: list[str]) -> list[str]:
    """Return the prefixes of two address spaces that overlap with each other: pairs, one after the other."""
    pairs = [(a, b) for a in one for b in other if IPv4Network(a).overlaps(IPv4Network(b))]
    return [prefix for pair in pairs for prefix in pair]


def check_range(
    prefix: str, subnet: str, virtual_network: str, space: list[str], siblings: Sequence[tuple[str, str]] = ()
) -> None:
    """Refuse a subnet outside its network's address space, or whose range a sibling has too (names and prefixes)."""
    mine, invalid = network(prefix, subnet), f"Subnet '{subnet}' is not valid because its IP address range"
    if not any(mine.subnet_of(network(whole, virtual_network)) for whole in space):
        text = f"{invalid} is outside the IP address range of virtual network '{virtual_network}'."
        raise ArmError(400, "NetcfgSubnetRangeOutsideVnet", text)
    if any(name.lower() != subnet.lower() and mine.overlaps(network(other, name)) for name, other in siblings):
        text = f"{invalid} overlaps with that of an existing subnet in virtual network '{virtual_network}'."
        raise ArmError(400, "NetcfgSubnetRangesOverlap", text)
