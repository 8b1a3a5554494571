"""Address prefixes of virtual networks and subnets, and the refusals that Azure has for them."""

from ipaddress import IPv4Network

from sandbox.azure.errors import ArmError


def networks(prefixes: list[str], where: str) -> list[IPv4Network]:
    """Read prefixes in CIDR notation, host bits zero."""
    return [network(prefix, where) for prefix in prefixes]


def network(prefix: str, where: str) -> IPv4Network:
    """Read one prefix in CIDR notation, host bits zero."""
    try:
        return IPv4Network(prefix)
    except ValueError:
        pass
    try:
        hint = f" For the given prefix length, the address prefix should be {IPv4Network(prefix, strict=False)}."
    except ValueError:
        hint = ""
    raise ArmError(
        400,
        "InvalidCIDRNotation",
        f"The address prefix {prefix} in resource {where} has an invalid CIDR notation.{hint}",
    )


def check_prefix(prefix: str, subnet: str, virtual_network: str, space: list[str]) -> None:
    """Refuse a subnet outside its network's address space."""
    inside = network(prefix, subnet)
    if not any(inside.subnet_of(whole) for whole in networks(space, virtual_network)):
        raise ArmError(
            400,
            "NetcfgSubnetRangeOutsideVnet",
            f"Subnet '{subnet}' is not valid because its IP address range is outside the IP address range of virtual "
            "network "
            f"'{virtual_network}'.",
        )


def check_apart(prefix: str, subnet: str, virtual_network: str, siblings: list[tuple[str, str]]) -> None:
    """Refuse a subnet whose range is also another's; `siblings` are names and prefixes."""
    mine = network(prefix, subnet)
    if any(name.lower() != subnet.lower() and mine.overlaps(network(other, name)) for name, other in siblings):
        raise ArmError(
            400,
            "NetcfgSubnetRangesOverlap",
            f"Subnet '{subnet}' is not valid because its IP address range overlaps with that of an existing subnet "
            "in virtual "
            f"network '{virtual_network}'.",
        )


def refuse_overlap(space: list[str], virtual_network: str) -> None:
    """Refuse an address space whose prefixes overlap."""
    seen: list[IPv4Network] = []
    for each in networks(space, virtual_network):
        if any(each.overlaps(other) for other in seen):
            raise ArmError(
                400,
                "VnetAddressSpacesOverlap",
                f"Address space of the virtual network '{virtual_network}' has overlapping prefixes: "
                f"{', '.join(space)}.",
            )
        seen.append(each)
