"""The volumes that the nodes have mounted, kept across restarts of the controllers.

A kubelet keeps this on the node's disk (`vol_data.json` beside each mount), not in the API: so do we, in one file. A
mount outlives what it was made from: a rotated Secret, a driver Pod that went, even the share.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class SharePath:
    """A folder on an SMB server: what a volume is mounted from."""

    server: str
    share: str
    folder: str = ""
    """Below the share's root, with forward slashes."""

    def __str__(self) -> str:
        return "\\\\" + "\\".join([self.server, self.share, *filter(None, self.folder.split("/"))])


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


class MountTable:
    """All mounts of all nodes, written to `file` at each change."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mounts: list[VolumeMount] = _load(file)

    def of_pod(self, uid: str) -> dict[str, VolumeMount]:
        """A Pod's mounts by the names of its volumes."""
        return {mount.volume: mount for mount in self._mounts if mount.pod_uid == uid}

    def staged(self, node: str, driver: str, handle: str) -> SharePath | None:
        """What the node has staged for a volume handle.

        A node stages a volume once, in a folder named by driver and handle, for all Pods that use it: of two volumes
        with one handle, the second shows what the first was made from.
        """
        return next(
            (m.source for m in self._mounts if (m.node, m.driver, m.handle) == (node, driver, handle)),
            None,
        )

    def connected(self, node: str) -> frozenset[SharePath]:
        """The shares that a node is connected to, for whatever volumes."""
        return frozenset(mount.source for mount in self._mounts if mount.node == node and mount.source)

    def add(self, mounts: Iterable[VolumeMount]) -> None:
        """Record a Pod's mounts."""
        self._mounts.extend(mounts)
        self._save()

    def keep_only(self, pod_uids: set[str]) -> None:
        """Unmount what belongs to Pods that are gone."""
        kept = [mount for mount in self._mounts if mount.pod_uid in pod_uids]
        if len(kept) != len(self._mounts):
            self._mounts = kept
            self._save()

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(".part")
        partial.write_text(json.dumps([asdict(mount) for mount in self._mounts], indent=2))
        partial.replace(self._file)


def _load(file: Path) -> list[VolumeMount]:
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text())
    except FileNotFoundError:
        return []
    return [_mount(**row) for row in rows]


def _mount(source: dict[str, str] | None, **fields: Any) -> VolumeMount:
    return VolumeMount(source=SharePath(**source) if source else None, **fields)
