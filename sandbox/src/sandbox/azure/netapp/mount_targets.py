"""Mount targets: the address of a volume, and for SMB the name of the server that was joined to the domain.

An SMB server belongs to an account's Active Directory connection in one subnet: its volumes there share the machine
account (`<prefix>-<4 hex>.<domain>`) and its address. With its last volume the machine account goes; a later one has
another name. Volumes of another protocol in that subnet have an address of their own per account.
"""

import secrets
import uuid
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

_VOLUMES: Final = "Microsoft.NetApp/netAppAccounts/capacityPools/volumes"
_RESERVED: Final = 4
"""Azure keeps the first four addresses of a subnet, and the last."""


def mount_target(model: "Model", volume: Resource, account: Resource) -> dict[str, Any]:
    """The mount target of a volume whose creation has just ended."""
    neighbours = [
        other
        for other in model.store.of_type(_VOLUMES)
        if other.properties["mountTargets"]
        and other.properties["subnetId"].lower() == volume.properties["subnetId"].lower()
    ]
    mine = [v for v in neighbours if v.id.key.startswith(f"{account.id.key}/") and _speaks(v) == _speaks(volume)]
    target: dict[str, Any] = {"mountTargetId": str(uuid.uuid4()), "fileSystemId": volume.properties["fileSystemId"]}
    if mine:
        server = mine[0].properties["mountTargets"][0]
        return target | {name: server[name] for name in ("ipAddress", "smbServerFqdn") if name in server}
    taken = {v.properties["mountTargets"][0]["ipAddress"] for v in neighbours}
    target["ipAddress"] = _free_address(model, volume, taken)
    if _speaks(volume):
        target["smbServerFqdn"] = _new_server(model, account)
    return target


def machine_account(account: Resource, volume: Resource) -> str:
    """The name under which a server would join the domain, as a failure to do so shows it."""
    prefix = account.properties["activeDirectories"][0]["smbServerName"]
    return f"{prefix}-{volume.properties['fileSystemId'][:4]}".upper()


def _speaks(volume: Resource) -> bool:
    return "CIFS" in volume.properties["protocolTypes"]


def _new_server(model: "Model", account: Resource) -> str:
    entry = account.properties["activeDirectories"][0]
    taken = {t.get("smbServerFqdn") for v in model.store.of_type(_VOLUMES) for t in v.properties["mountTargets"]}
    while True:
        fqdn = f"{entry['smbServerName']}-{secrets.token_hex(2)}.{entry['domain']}".lower()
        if fqdn not in taken:
            return fqdn


def _free_address(model: "Model", volume: Resource, taken: set[str]) -> str:
    subnet = model.store.find(volume.properties["subnetId"].lower())
    if subnet is None:
        raise LookupError(f"{volume.properties['subnetId']} cannot have been deleted while {volume.id} was made in it")
    prefix = IPv4Network(subnet.properties["addressPrefix"])
    first, last = int(prefix.network_address) + _RESERVED, int(prefix.broadcast_address) - 1
    for value in range(first, last + 1):
        if str(IPv4Address(value)) not in taken:
            return str(IPv4Address(value))
    raise ArmError(
        500,
        "InternalServerError",
        f"Error when creating - No free IP address is left in subnet {volume.properties['subnetId']}.",
    )
