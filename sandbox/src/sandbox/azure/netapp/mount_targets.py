"""How clients reach a volume: its subnet, the name under which it appears there, its address, and its SMB server.

An SMB server belongs to an account's Active Directory connection in one subnet: its volumes there share the machine
account (`<prefix>-<4 hex>.<domain>`, the prefix as typed) and its address. With its last volume the machine account
goes; a later one has another name. Volumes of another protocol in that subnet have an address of their own per account.
"""

import re
import secrets
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import SUBNETS, VOLUMES, ResourceId
from sandbox.azure.model import Model
from sandbox.azure.netapp.properties import missing
from sandbox.azure.network.address_space import network
from sandbox.azure.network.subnets import is_delegated
from sandbox.azure.store import Resource

_SMALLEST_SUBNET: Final = 28
_RESERVED_ADDRESSES: Final = 4
"""Azure keeps the first four addresses of a subnet, and the last."""

_ADDRESS: Final = "mountTargets[0].ipAddress"
_SERVER: Final = "mountTargets[0].smbServerFqdn"

RESERVED_TOKENS: Final = ("default", "none")
CREATION_TOKEN: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9\-]{0,79}")
FILE_PATH_RULE: Final = 'The file path name can contain letters, numbers, and hyphens (""-"") only.'


def parse_subnet_id(value: object) -> ResourceId:
    subnet_id = ResourceId.of(SUBNETS, value)
    if subnet_id is None:
        raise ArmError(400, "InvalidSubnet", "SubnetId is in invalid format.")
    return subnet_id


def check_subnet(model: Model, value: object, location: str, subscription: str) -> Resource:
    subnet_id = parse_subnet_id(value)
    subnet, vnet = model.find(subnet_id), model.find(subnet_id.parent)
    if subnet is None or vnet is None:
        raise ArmError(404, "SubnetNotFound", f"The requested subnet '{subnet_id}' was not found.")
    if subnet_id.subscription.lower() != subscription.lower() or subnet.location != location:
        text = "The property: Location for Volume must be the same as that of the virtual network of subnetId."
        raise ArmError(400, "InvalidSubnet", text)
    if not is_delegated(subnet):
        raise ArmError(400, "SubnetNotDelegated", "Subnet must have a 'Microsoft.NetApp/volumes' delegation.")
    prefix = network(subnet.properties["addressPrefix"], subnet.id.name)
    if prefix.prefixlen > _SMALLEST_SUBNET:
        text = f"Subnet {subnet.id.name} ({prefix}) is too small for volumes: it must be /{_SMALLEST_SUBNET} or larger."
        raise ArmError(400, "SubnetTooSmall", text)
    space = vnet.properties["addressSpace"]["addressPrefixes"]
    if all(network(each, vnet.id.name) == prefix for each in space):
        text = (
            f"The address space of virtual network {vnet.id.name} must be larger than that of its delegated subnet "
            f"{prefix}."
        )
        raise ArmError(400, "VirtualNetworkTooSmall", text)
    for used in model.store.texts_of_type(VOLUMES, "subnetId"):
        other = parse_subnet_id(used)
        if other.parent.key == vnet.id.key and other.key != subnet.id.key:
            other = model.store.existing(other.key).id
            text = (
                "In each virtual network, only one subnet can be delegated to Azure NetApp Files: "
                f"{other.name} of {other.parent.name} already holds volumes."
            )
            raise ArmError(400, "OnlyOneDelegatedSubnetAllowed", text)
    return subnet


def check_creation_token(model: Model, token: object, subnet: ResourceId, location: str) -> None:
    if not isinstance(token, str) or not token:
        raise missing("creationToken")
    if len(token) > 80:
        raise ArmError(400, "CreationTokenTooLong", "File path too long.")
    if not CREATION_TOKEN.fullmatch(token):
        raise ArmError(400, "InvalidCreationToken", f"{FILE_PATH_RULE} It begins with a letter.")
    if token.lower() in RESERVED_TOKENS:
        raise ArmError(400, "CreationTokenReserved", "Specified creation token is reserved")
    if is_taken(model, token, subnet, location):
        raise ArmError(409, "CreationTokenExists", "Specified creation token already exists")


def is_taken(model: Model, token: str, subnet: ResourceId, location: str) -> bool:
    """Look for a volume of that name in the subnet and region; SMB does not tell cases apart."""
    texts = {"subnetId": str(subnet), "creationToken": token}
    return model.store.first_of_type(VOLUMES, Criteria(location=location, texts=texts)) is not None


def mount_target(model: Model, account: Resource, volume: Resource) -> dict[str, Any]:
    neighbours = Criteria(texts={"subnetId": volume.properties["subnetId"]})
    here = {_ADDRESS: True, _SERVER: _is_smb(volume)}
    mine = model.store.first_of_type(VOLUMES, replace(neighbours, below=account.id.key, present=here))
    file_system = volume.properties["fileSystemId"]
    target: dict[str, Any] = {"mountTargetId": file_system, "fileSystemId": file_system}
    if mine:
        server = mine.properties["mountTargets"][0]
        return target | {name: server[name] for name in ("ipAddress", "smbServerFqdn") if name in server}
    target["ipAddress"] = _free_address(model, volume, {*model.store.texts_of_type(VOLUMES, _ADDRESS, neighbours)})
    if _is_smb(volume):
        taken = {*model.store.texts_of_type(VOLUMES, _SERVER)}
        entry = account.properties["activeDirectories"][0]
        while (fqdn := f"{entry['smbServerName']}-{server_digits()}.{entry['domain']}").lower() in taken:
            pass
        target["smbServerFqdn"] = fqdn
    return target


def server_digits() -> str:
    """Return the four digits by which the SMB servers of a prefix differ."""
    return secrets.token_hex(2)


def _is_smb(volume: Resource) -> bool:
    return "CIFS" in volume.properties["protocolTypes"]


def _free_address(model: Model, volume: Resource, taken: set[str]) -> str:
    subnet = model.store.existing(volume.properties["subnetId"].lower())
    prefix = IPv4Network(subnet.properties["addressPrefix"])
    values = range(int(prefix.network_address) + _RESERVED_ADDRESSES, int(prefix.broadcast_address))
    # A /28 has the 11 addresses that ten accounts and one SMB server can take.
    return next(address for address in map(str, map(IPv4Address, values)) if address not in taken)
