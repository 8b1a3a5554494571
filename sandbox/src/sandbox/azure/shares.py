"""SMB shares, as the file server of the sandbox sees them: volumes of the emulator that speak CIFS."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.azure.directory import netbios_name
from sandbox.azure.store import Resource, Store

_VOLUMES: Final = "Microsoft.NetApp/netAppAccounts/capacityPools/volumes"


@dataclass(frozen=True)
class Share:
    r"""One share: `\\fqdn\name`, with the size of its volume's quota in bytes and the domain that guards it."""

    volume_id: str
    fqdn: str
    name: str
    size_bytes: int
    domain: str
    netbios: str
    provisioning_state: str


def find(store: Store, fqdn: str) -> list[Share]:
    """Return the shares of the SMB server of that name (any case); empty if there is no such server."""
    return [share for share in everywhere(store) if share.fqdn == fqdn.lower()]


def everywhere(store: Store) -> list[Share]:
    """Return all shares. A volume that is being created, that failed, or that is being deleted has none."""
    return [share for volume in store.of_type(_VOLUMES) if volume.state != "Deleting" for share in _shares(volume)]


def _shares(volume: Resource) -> Iterable[Share]:
    if not volume.ready or "CIFS" not in volume.properties["protocolTypes"]:
        return
    for target in volume.properties["mountTargets"]:
        fqdn: str = target["smbServerFqdn"]
        domain = fqdn.split(".", maxsplit=1)[1]
        yield Share(
            volume_id=str(volume.id),
            fqdn=fqdn,
            name=volume.properties["creationToken"],
            size_bytes=volume.properties["usageThreshold"],
            domain=domain,
            netbios=netbios_name(domain),
            provisioning_state=volume.state,
        )


class ShareFiles:
    """The files of the shares, in a folder of this machine: `<smbServerFqdn>/<creationToken>/`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, fqdn: str, name: str) -> Path:
        """Return the folder of a share's files."""
        return self.root / fqdn.lower() / name

    def used_bytes(self, volume_properties: dict[str, Any]) -> int:
        """Return the size of a volume's files."""
        files = [file for folder in self._folders(volume_properties) for file in folder.rglob("*")]
        return sum(file.stat().st_size for file in files if file.is_file())

    def delete(self, volume_properties: dict[str, Any]) -> None:
        """Delete the files of a volume."""
        for folder in self._folders(volume_properties):
            shutil.rmtree(folder, ignore_errors=True)
            if folder.parent.is_dir() and not any(folder.parent.iterdir()):
                folder.parent.rmdir()

    def _folders(self, properties: dict[str, Any]) -> list[Path]:
        fqdns = [target["smbServerFqdn"] for target in properties["mountTargets"] if target.get("smbServerFqdn")]
        return [self.folder(fqdn, properties["creationToken"]) for fqdn in fqdns]
