"""The volumes that the nodes have mounted, kept across restarts.

A kubelet keeps this on the node's disk (`vol_data.json` beside each mount), not in the API: so do we, in one file. A
mount outlives its sources: a rotated Secret, a deleted driver Pod, even the share.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class SharePath:
    """A folder on an SMB server, from which a volume is mounted."""

    server: str
    share: str
    folder: str = ""
    """Below the share's root, with forward slashes."""

    def __str__(self) -> str:
        return "\\\\" + "\\".join([self.server, self.share, *filter(None, self.folder.split("/"))])


@dataclass(frozen=True)
class Staged:
    """A volume as its driver has staged it on a node."""

    source: SharePath
    user: str = ""
    r"""Windows: the user of the node's session with the server, `domain\user`; empty on Linux."""


@dataclass(frozen=True)
class VolumeMount:
    """A volume of one Pod, mounted on its node."""

    pod_uid: str
    node: str
    volume: str
    """The volume's name in the Pod."""
    driver: str
    handle: str
    source: SharePath | None
    """None for volumes of the node itself (hostPath, local …)."""
    read_only: bool
    user: str = ""
    """As in Staged."""


@dataclass(frozen=True)
class NodeMounts:
    """The mounts of one node."""

    mounts: Sequence[VolumeMount]

    def staged(self, driver: str, handle: str) -> Staged | None:
        """Return what the node has staged for a volume handle.

        A node stages a volume once, in a folder named by driver and handle, for all Pods that use it: of two volumes
        with one handle, the second shows the first one's files.
        """
        found = (m for m in self.mounts if (m.driver, m.handle) == (driver, handle) and m.source)
        return next((Staged(m.source, m.user) for m in found if m.source), None)

    def connected(self) -> Mapping[SharePath, str]:
        """Return the shares that the node is connected to, and the user of each connection."""
        return {mount.source: mount.user for mount in self.mounts if mount.source}


class MountTable:
    """All mounts of all nodes, written to `file` at each change."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mounts = [_mount(**row) for row in json.loads(file.read_text())] if file.exists() else []

    def of_pod(self, uid: str) -> dict[str, VolumeMount]:
        return {mount.volume: mount for mount in self._mounts if mount.pod_uid == uid}

    def of_node(self, node: str) -> list[VolumeMount]:
        return [mount for mount in self._mounts if mount.node == node]

    def add(self, mounts: Iterable[VolumeMount]) -> None:
        self._replace([*self._mounts, *mounts])

    def keep_only(self, pod_uids: set[str]) -> None:
        self._replace([mount for mount in self._mounts if mount.pod_uid in pod_uids])

    def _replace(self, mounts: list[VolumeMount]) -> None:
        if mounts == self._mounts:
            return
        self._mounts = mounts
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(".part")
        partial.write_text(json.dumps([asdict(mount) for mount in mounts], indent=2))
        partial.replace(self._file)


def _mount(source: dict[str, str] | None, **fields: Any) -> VolumeMount:
    return VolumeMount(source=SharePath(**source) if source else None, **fields)
