"""The backends and volumes of the cluster's Trident: in memory, and as it remembers them in the cluster.

There they are objects of the kinds TridentBackend (short name tbe) and TridentVolume (tvol). A backend with volumes
cannot be deleted.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json
from sandbox.trident.backends.backend import Backend, Installation
from sandbox.trident.backends.spec import BackendError
from sandbox.trident.crds import API, FINALIZER, GROUP_VERSION, force_delete

MANAGER: Final = "trident-controller"
"""Field manager of what Trident's controller writes."""
_CONFIG_KEY: Final = "azure_config"


@dataclass(frozen=True)
class BackendObject:
    """One TridentBackend."""

    object_name: str
    """Generated: `tbe-…`; empty while it is not in the cluster."""
    name: str
    uuid: str
    spec: Json
    config_ref: str
    """UID of the TridentBackendConfig that it belongs to; empty: of none."""
    state: str = "online"
    reason: str = ""
    user_state: str = "normal"


class BackendObjects:
    """The TridentBackends of one Trident."""

    def __init__(self, api: KubeApi, namespace: str) -> None:
        self._api = api
        self._path = f"{API}/namespaces/{namespace}/tridentbackends"

    def all(self) -> list[BackendObject]:
        return [
            BackendObject(
                object_name=str(item["metadata"]["name"]),
                name=str(item.get("backendName", "")),
                uuid=str(item.get("backendUUID", "")),
                spec=dict((item.get("config") or {}).get(_CONFIG_KEY) or {}),
                config_ref=str(item.get("configRef", "")),
                state=str(item.get("state", "")),
                reason=str(item.get("stateReason", "")),
                user_state=str(item.get("userState", "normal")),
            )
            for item in self._api.get(self._path)["items"]
        ]

    def by_uuid(self, uuid: str) -> BackendObject | None:
        return next((each for each in self.all() if each.uuid == uuid), None)

    def by_name(self, name: str) -> BackendObject | None:
        return next((each for each in self.all() if each.name == name), None)

    def save(self, backend: BackendObject) -> None:
        """Create or update an object. Its spec holds no secret, only the name of one."""
        secrets = {"clientid", "clientsecret"}
        spec = {name: value for name, value in backend.spec.items() if name.lower() not in secrets}
        content: Json = {
            "config": {_CONFIG_KEY: spec},
            "backendName": backend.name,
            "backendUUID": backend.uuid,
            "version": "1",
            "online": backend.state == "online",
            "state": backend.state,
            "stateReason": backend.reason or None,
            "userState": backend.user_state,
            "configRef": backend.config_ref,
        }
        if backend.object_name:
            self._api.merge(f"{self._path}/{backend.object_name}", content)
            return
        metadata = {"generateName": "tbe-", "finalizers": [FINALIZER]}
        kind = {"apiVersion": GROUP_VERSION, "kind": "TridentBackend", "metadata": metadata}
        self._api.create(self._path, {**kind, **content})

    def delete(self, backend: BackendObject) -> None:
        force_delete(self._api, f"{self._path}/{backend.object_name}")


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
        """The resource id in Azure."""
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
        """Return the backends in memory, including those being deleted."""
        with self._lock:
            return list(self._backends.values())

    def find(self, uuid: str) -> Backend | None:
        with self._lock:
            return self._backends.get(uuid)

    def fitting(self, parameters: Mapping[str, str]) -> list[Backend]:
        return [backend for backend in self.online() if not backend.deleting and backend.satisfies(parameters)]

    def put(self, backend: Backend) -> None:
        with self._lock:
            self._backends[backend.uuid] = backend

    def mark_deleting(self, uuid: str) -> None:
        """Create no more volumes on a backend."""
        with self._lock:
            if backend := self._backends.get(uuid):
                self._backends[uuid] = replace(backend, deleting=True)

    def remove(self, uuid: str) -> None:
        with self._lock:
            self._backends.pop(uuid, None)

    def record(self, volume: TridentVolume) -> None:
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
        found = self._api.find(self._volume_path(name))
        return _read(found) if found else None

    def has_volumes(self, backend_uuid: str) -> bool:
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
