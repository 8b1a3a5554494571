"""The subnet of a volume, and the name under which the volume appears in it."""

import re
from typing import TYPE_CHECKING, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.network.address_space import network
from sandbox.azure.network.subnets import SUBNETS, is_delegated
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

_VOLUMES: Final = "Microsoft.NetApp/netAppAccounts/capacityPools/volumes"
_SMALLEST: Final = 28

CREATION_TOKEN: Final = r"[a-zA-Z][a-zA-Z0-9\-]{0,79}"  # noqa: S105  a share's name, not a secret
_RESERVED_TOKENS: Final = ("default", "none")


def parse_subnet_id(value: object) -> ResourceId:
    """The id of a subnet; an error if it is anything else."""
    try:
        subnet_id = ResourceId.parse(value) if isinstance(value, str) else None
    except ValueError:
        subnet_id = None
    if subnet_id is None or subnet_id.type.lower() != SUBNETS.lower():
        raise ArmError(400, "InvalidSubnet", "SubnetId is in invalid format.")
    return subnet_id


def check_subnet(model: "Model", value: object, location: str, subscription: str) -> Resource:
    """The subnet that a new volume names; an error if no volume can be made in it."""
    subnet_id = parse_subnet_id(value)
    subnet, vnet = model.find(subnet_id), model.find(subnet_id.parent)
    if subnet is None or vnet is None:
        raise ArmError(404, "SubnetNotFound", f"The requested subnet '{subnet_id}' was not found.")
    if subnet_id.subscription.lower() != subscription.lower() or subnet.location != location:
        raise ArmError(
            400,
            "InvalidSubnet",
            "The property: Location for Volume must be the same as that of the virtual network of subnetId.",
        )
    if not is_delegated(subnet):
        raise ArmError(400, "SubnetNotDelegated", "Subnet must have a 'Microsoft.NetApp/volumes' delegation.")
    prefix = network(subnet.properties["addressPrefix"], subnet.id.name)
    if prefix.prefixlen > _SMALLEST:
        raise ArmError(
            400,
            "SubnetTooSmall",
            f"Subnet {subnet.id.name} ({prefix}) is too small for volumes: it must be /{_SMALLEST} or larger.",
        )
    space = vnet.properties["addressSpace"]["addressPrefixes"]
    if all(network(each, vnet.id.name) == prefix for each in space):
        raise ArmError(
            400,
            "VirtualNetworkTooSmall",
            f"The address space of virtual network {vnet.id.name} must be larger than that of its delegated subnet "
            f"{prefix}.",
        )
    _check_only_delegated_subnet(model, subnet)
    return subnet


def check_creation_token(model: "Model", token: object, subnet_id: str, location: str) -> str:
    """The share's name; an error if it is malformed, reserved, or taken in the subnet."""
    if not isinstance(token, str) or not token:
        raise ArmError(400, "MissingValue", "Missing value for 'creationToken'.")
    if len(token) > 80:
        raise ArmError(400, "CreationTokenTooLong", "File path too long.")
    if not re.fullmatch(CREATION_TOKEN, token):
        raise ArmError(
            400,
            "InvalidCreationToken",
            'The file path name can contain letters, numbers, and hyphens (""-"") only. It begins with a letter.',
        )
    if token.lower() in _RESERVED_TOKENS:
        raise ArmError(400, "CreationTokenReserved", "Specified creation token is reserved")
    if token_taken(model, token, subnet_id, location):
        raise ArmError(409, "CreationTokenExists", "Specified creation token already exists")
    return token


def token_taken(model: "Model", token: str, subnet_id: str, location: str) -> bool:
    """Whether a volume in that subnet and region already has the name; SMB does not tell cases apart."""
    return any(
        volume.location == location
        and volume.properties["subnetId"].lower() == subnet_id.lower()
        and volume.properties["creationToken"].lower() == token.lower()
        for volume in model.store.of_type(_VOLUMES)
    )


def _check_only_delegated_subnet(model: "Model", subnet: Resource) -> None:
    """Azure lets a network have several delegated subnets, but volumes in only one of them."""
    network_key = subnet.id.parent.key
    for volume in model.store.of_type(_VOLUMES):
        other = parse_subnet_id(volume.properties["subnetId"])
        if other.parent.key == network_key and other.key != subnet.id.key:
            raise ArmError(
                400,
                "OnlyOneDelegatedSubnetAllowed",
                f"In each virtual network, only one subnet can be delegated to Azure NetApp Files: {other.name} of "
                f"{other.parent.name} already holds volumes.",
            )
