"""SMB shares, as the file server of the sandbox sees them: volumes of the emulator that speak CIFS."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.azure.criteria import EVERYTHING, Criteria
from sandbox.azure.domain_names import netbios_name
from sandbox.azure.ids import VOLUMES, ResourceId
from sandbox.azure.store import Resource, Store


@dataclass(frozen=True)
class Share:
    r"""The share `\\fqdn\name`, with its volume's quota and state, and the domain whose users it accepts."""

    fqdn: str
    name: str
    size_bytes: int
    domain: str
    netbios: str
    provisioning_state: str
    network: ResourceId
    """The virtual network of its volume, in which it has the address."""
    address: str


def find(store: Store, fqdn: str) -> list[Share]:
    """Return the shares of a server. A volume that is being created or deleted, or whose creation failed, has none."""
    return everywhere(store, Criteria(texts={"mountTargets[0].smbServerFqdn": fqdn}))


def share(store: Store, fqdn: str, name: str) -> Share | None:
    """Return one share of a server, without reading its other volumes."""
    criteria = Criteria(texts={"mountTargets[0].smbServerFqdn": fqdn, "creationToken": name})
    return next((each for each in everywhere(store, criteria) if each.name == name), None)


def everywhere(store: Store, criteria: Criteria = EVERYTHING) -> list[Share]:
    """Return all shares, of the volumes that meet the criteria."""
    ready = [each for each in store.of_type(VOLUMES, criteria) if each.ready and each.state != "Deleting"]
    return [_share(volume) for volume in ready if "CIFS" in volume.properties["protocolTypes"]]


def _share(volume: Resource) -> Share:
    properties = volume.properties
    target = properties["mountTargets"][0]
    fqdn: str = target["smbServerFqdn"]
    domain = fqdn.split(".", maxsplit=1)[1]
    return Share(
        fqdn=fqdn,
        name=properties["creationToken"],
        size_bytes=properties["usageThreshold"],
        domain=domain,
        netbios=netbios_name(domain),
        provisioning_state=volume.state,
        network=ResourceId.parse(properties["subnetId"]).parent,
        address=target["ipAddress"],
    )


_COPIES: Final = ".copies"


class ShareFiles:
    """The files of the shares, in a folder of this machine: `<smbServerFqdn>/<creationToken>/`.

    Snapshots and backups keep copies of them, each under an id of its own.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, fqdn: str, name: str) -> Path:
        return self.root / fqdn.lower() / name

    def used_bytes(self, volume: dict[str, Any]) -> int:
        return sum(_size(folder) for folder in self._folders(volume))

    def delete(self, volume: dict[str, Any]) -> None:
        for folder in self._folders(volume):
            shutil.rmtree(folder, ignore_errors=True)
            if folder.parent.is_dir() and not any(folder.parent.iterdir()):
                folder.parent.rmdir()

    def keep(self, volume: dict[str, Any], copy: str) -> None:
        """Copy the files of a volume; a volume without a share has none."""
        for folder in self._folders(volume):
            self._replace(folder, self._copy(copy))

    def keep_again(self, copy: str, other: str) -> None:
        self._replace(self._copy(copy), self._copy(other))

    def restore(self, copy: str, volume: dict[str, Any]) -> None:
        """Give a volume the files of a copy, instead of its own."""
        for folder in self._folders(volume):
            self._replace(self._copy(copy), folder)

    def forget(self, copy: str) -> None:
        shutil.rmtree(self._copy(copy), ignore_errors=True)

    def copied_bytes(self, copy: str) -> int:
        return _size(self._copy(copy))

    def _copy(self, copy: str) -> Path:
        return self.root / _COPIES / copy

    def _replace(self, source: Path, target: Path) -> None:
        shutil.rmtree(target, ignore_errors=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)

    def _folders(self, volume: dict[str, Any]) -> list[Path]:
        fqdns = [target.get("smbServerFqdn") for target in volume["mountTargets"]]
        return [self.folder(fqdn, volume["creationToken"]) for fqdn in fqdns if fqdn]


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
