"""The backends and volumes of the cluster's Trident.

Backends are in memory, for all parts of the process. Volumes are TridentVolume objects (short name tvol) in the
cluster: a backend with volumes cannot be deleted.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.objects import Json
from sandbox.trident.backends.backend import Backend, Installation
from sandbox.trident.backends.spec import BackendError
from sandbox.trident.crds import API, FINALIZER, GROUP_VERSION, force_delete

MANAGER: Final = "trident-controller"
"""Field manager of what Trident's controller writes."""


@dataclass(frozen=True)
class TridentVolume:
    """A volume as Trident remembers it."""

    name: str
    """`pvc-<uid of the claim>`."""
    backend_uuid: str
    pool: str
    config: Json
    """Genuine keys: internalID, size (bytes, as text), storageClass, accessInformation {smbServer, smbPath}, …"""

    @property
    def id(self) -> str:
        """Its resource id in Azure."""
        return str(self.config["internalID"])

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.config["size"])


class Backends:
    """All backends of the cluster's Trident, and its volumes. Safe to use from several threads."""

    def __init__(self, api: KubeApi) -> None:
        self._api = api
        self._lock = threading.RLock()
        self._backends: dict[str, Backend] = {}
        self._installation: Installation | None = None
        self.refresh: Callable[[Backend], Backend] = lambda backend: backend
        """Discover anew what an old backend knows of Azure; raises BackendError, worded for "could not update ANF
        resource cache; <error>"."""

    @property
    def installation(self) -> Installation | None:
        """The Trident whose controller runs now; None: nobody provisions, expands or deletes."""
        with self._lock:
            return self._installation

    @installation.setter
    def installation(self, installation: Installation | None) -> None:
        """A controller that does not run has no backends in memory."""
        with self._lock:
            self._installation = installation
            if installation is None:
                self._backends.clear()

    def online(self) -> list[Backend]:
        """Return every backend that is bound, including those being deleted."""
        with self._lock:
            return list(self._backends.values())

    def find(self, uuid: str) -> Backend | None:
        """Return a backend by its UUID (`backendUUID` in a PersistentVolume's attributes)."""
        with self._lock:
            return self._backends.get(uuid)

    def fitting(self, parameters: Mapping[str, str]) -> list[Backend]:
        """Return the backends that satisfy a StorageClass's parameters."""
        return [backend for backend in self.online() if not backend.deleting and backend.satisfies(parameters)]

    def put(self, backend: Backend) -> None:
        """Add a backend, or replace the one with its UUID."""
        with self._lock:
            self._backends[backend.uuid] = backend

    def mark_deleting(self, uuid: str) -> None:
        """Create no more volumes on a backend."""
        with self._lock:
            if backend := self._backends.get(uuid):
                self._backends[uuid] = replace(backend, deleting=True)

    def remove(self, uuid: str) -> None:
        """Forget a backend."""
        with self._lock:
            self._backends.pop(uuid, None)

    def record(self, volume: TridentVolume) -> None:
        """Create or update a volume's TridentVolume."""
        path = self._volume_path(volume.name)
        body: Json = {
            "apiVersion": GROUP_VERSION,
            "kind": "TridentVolume",
            "metadata": {"name": volume.name, "finalizers": [FINALIZER]},
            "config": volume.config,
            "backendUUID": volume.backend_uuid,
            "pool": volume.pool,
            "orphaned": False,
            "state": "online",
        }
        self._api.apply(path, body, MANAGER)

    def forget(self, name: str) -> None:
        """Delete the TridentVolume of a volume that has gone from Azure."""
        force_delete(self._api, self._volume_path(name))

    def volume(self, name: str) -> TridentVolume | None:
        """Return a recorded volume."""
        try:
            return _read(self._api.get(self._volume_path(name)))
        except NotFoundError:
            return None

    def has_volumes(self, backend_uuid: str) -> bool:
        """Return whether a backend has volumes."""
        items: list[Json] = self._api.get(self._volume_path("").rstrip("/"))["items"]
        return any(_read(item).backend_uuid == backend_uuid for item in items)

    def _volume_path(self, name: str) -> str:
        installation = self.installation
        if installation is None:
            raise BackendError("Trident's controller does not run")
        return f"{API}/namespaces/{installation.namespace}/tridentvolumes/{name}"


def _read(item: Json) -> TridentVolume:
    return TridentVolume(
        name=str(item["metadata"]["name"]),
        backend_uuid=str(item.get("backendUUID", "")),
        pool=str(item.get("pool", "")),
        config=item.get("config") or {},
    )
