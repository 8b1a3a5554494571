"""The backends that Trident has: what they offer to storage classes, and the volumes that live on them.

One registry for all parts of the process. Whoever makes volumes asks it for backends that fit a StorageClass, each with
Azure's own client in the name of the backend's identity, and records each volume as a TridentVolume: a backend with
volumes does not go away.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from azure.mgmt.netapp import NetAppManagementClient

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.objects import Json
from sandbox.trident.backends.class_pools import satisfies
from sandbox.trident.crds import API, FINALIZER, GROUP_VERSION
from sandbox.trident.operator.releases import release

DRIVER: Final = "azure-netapp-files"
PROVISIONER: Final = "csi.trident.netapp.io"
MANAGER: Final = "trident-controller"
"""Field manager of what Trident's controller writes."""

_GIB: Final = 1024**3


class BackendError(Exception):
    """What Trident says of a backend that does not work; the text is Trident's own."""


@dataclass(frozen=True)
class Installation:
    """A Trident whose controller runs."""

    namespace: str
    version: str
    """As in images: `26.06.0`."""

    @property
    def release(self) -> tuple[int, int]:
        """Year and month: (26, 6)."""
        return release(self.version)

    @property
    def minimum_volume_size(self) -> int:
        """Bytes to which smaller requests are raised: 50 GiB, and 100 GiB before 24.10."""
        return (50 if self.release >= (24, 10) else 100) * _GIB


@dataclass(frozen=True)
class CapacityPool:
    """A capacity pool as discovery found it."""

    resource_group: str
    account: str
    name: str
    service_level: str
    qos_type: str
    location: str

    @property
    def account_full_name(self) -> str:
        """`resource group/account`."""
        return f"{self.resource_group}/{self.account}"

    @property
    def full_name(self) -> str:
        """`resource group/account/pool`."""
        return f"{self.resource_group}/{self.account}/{self.name}"


@dataclass(frozen=True)
class Subnet:
    """A subnet that is delegated to Azure NetApp Files, as discovery found it."""

    id: str
    resource_group: str
    virtual_network: str
    name: str

    @property
    def network_full_name(self) -> str:
        """`resource group/virtual network`."""
        return f"{self.resource_group}/{self.virtual_network}"

    @property
    def full_name(self) -> str:
        """`resource group/virtual network/subnet`."""
        return f"{self.resource_group}/{self.virtual_network}/{self.name}"


@dataclass(frozen=True)
class StoragePool:
    """What a backend offers as one pool: all of it, or an entry of its `storage`. Filters are applied already."""

    name: str
    """`<backend>_pool`, or `<backend>_pool_<index>` of a virtual one."""
    nas_type: str
    service_level: str
    """Empty: whatever the capacity pool has."""
    qos_type: str
    max_throughput: str
    """MiB/s of a volume where `qos_type` is Manual."""
    default_size: str
    """Of a volume whose claim asks for none: bytes, or with a unit."""
    network_features: str
    """Empty: Azure's default."""
    snapshot_directory: str
    labels: Mapping[str, str]
    supported_topologies: tuple[Mapping[str, str], ...]
    capacity_pools: tuple[CapacityPool, ...]
    """Every one that fits; Trident tries them in random order until a volume is made."""
    subnets: tuple[Subnet, ...]
    """Every one that fits; Trident takes one at random. None: "no subnets found for storage pool <name>"."""


@dataclass(frozen=True)
class Backend:
    """An online backend."""

    name: str
    uuid: str
    subscription_id: str
    location: str
    storage_prefix: str
    """`trident-` unless set; CSI names volumes without it: `pvc-<uid>`."""
    limit_volume_size: str
    """Largest volume (bytes, or with a unit); empty: no limit."""
    minimum_volume_size: int
    """Bytes."""
    storage_pools: tuple[StoragePool, ...]
    netapp: NetAppManagementClient = field(repr=False, compare=False)
    """Microsoft's own client, authenticated as the backend's identity."""
    deleting: bool = False
    """It is to go once its last volume has: no new ones are made on it."""


@dataclass(frozen=True)
class TridentVolume:
    """What Trident remembers of a volume, as a TridentVolume object (short name tvol)."""

    name: str
    """`pvc-<uid of the claim>`."""
    backend_uuid: str
    pool: str
    """The storage pool's name."""
    config: Json
    """Genuine keys: version, name, internalName, internalID, size (bytes, as text), protocol, accessMode, volumeMode,
    storageClass, namespace, requestName, accessInfo {smbServer, smbPath}, ..."""
    state: str = "online"
    orphaned: bool = False

    @classmethod
    def read(cls, item: Json) -> "TridentVolume":
        """From the object."""
        return cls(
            name=str(item["metadata"]["name"]),
            backend_uuid=str(item.get("backendUUID", "")),
            pool=str(item.get("pool", "")),
            config=item.get("config") or {},
            state=str(item.get("state", "")),
            orphaned=bool(item.get("orphaned")),
        )


class Backends:
    """All backends of the cluster's Trident. Safe to use from several threads."""

    def __init__(self, api: KubeApi) -> None:
        self._api = api
        self._lock = threading.RLock()
        self._backends: dict[str, Backend] = {}
        self._installation: Installation | None = None
        self._refresh: Callable[[Backend], Backend] = lambda backend: backend

    # What volumes are made with.

    def installation(self) -> Installation | None:
        """The Trident whose controller runs now; None: nobody provisions, expands or deletes."""
        with self._lock:
            return self._installation

    def online(self) -> list[Backend]:
        """Every backend that is bound, those being deleted included."""
        with self._lock:
            return list(self._backends.values())

    def find(self, uuid: str) -> Backend | None:
        """A backend by its UUID (`backendUUID` in a PersistentVolume's attributes)."""
        with self._lock:
            return self._backends.get(uuid)

    def fitting(self, parameters: Mapping[str, str]) -> list[tuple[Backend, StoragePool]]:
        """Backends and their pools that satisfy a StorageClass's parameters, in the order in which they were bound.

        None fit: Trident answers "no available backends for storage class <name>".
        """
        return [
            (backend, pool)
            for backend in self.online()
            if not backend.deleting
            for pool in backend.storage_pools
            if satisfies(
                parameters, backend.name, pool.name, {"backendType": DRIVER, "nasType": pool.nas_type}, pool.labels
            )
        ]

    def refreshed(self, backend: Backend) -> Backend:
        """The backend with its pools and subnets discovered anew if what is known is older than ten minutes.

        Raises:
            BackendError: what is there does not serve; to be worded as "could not update ANF resource cache; <it>".

        """
        return self._refresh(backend)

    def record(self, volume: TridentVolume) -> None:
        """Remember a volume: creates or updates its TridentVolume.

        Raises:
            ApiError, ApiUnreachableError: it could not be written; try again.

        """
        namespace = self._namespace()
        body: Json = {
            "apiVersion": GROUP_VERSION,
            "kind": "TridentVolume",
            "metadata": {"name": volume.name, "namespace": namespace, "finalizers": [FINALIZER]},
            "config": volume.config,
            "backendUUID": volume.backend_uuid,
            "pool": volume.pool,
            "orphaned": volume.orphaned,
            "state": volume.state,
        }
        self._api.apply(_volume_path(namespace, volume.name), body, MANAGER)

    def forget(self, name: str) -> None:
        """The volume is gone from Azure: remove its TridentVolume, finalizer included. Absent already is as good."""
        path = _volume_path(self._namespace(), name)
        try:
            self._api.merge(path, {"metadata": {"finalizers": None}})
            self._api.delete(path)
        except NotFoundError:
            return

    def volumes(self, backend_uuid: str | None = None) -> list[TridentVolume]:
        """Recorded volumes, of one backend or of all."""
        try:
            items: list[Json] = self._api.get(f"{API}/namespaces/{self._namespace()}/tridentvolumes")["items"]
        except NotFoundError:  # the operator has not made the kind yet
            return []
        volumes = [TridentVolume.read(item) for item in items]
        return [volume for volume in volumes if backend_uuid in {None, volume.backend_uuid}]

    # What the backends' own controller reports.

    def set_installation(self, installation: Installation | None) -> None:
        """Whose controller runs. One that does not run has no backends in memory."""
        with self._lock:
            self._installation = installation
            if installation is None:
                self._backends.clear()

    def put(self, backend: Backend) -> None:
        """Add a backend, or replace the one with its UUID."""
        with self._lock:
            self._backends[backend.uuid] = backend

    def mark_deleting(self, uuid: str) -> None:
        """Make no more volumes on it."""
        with self._lock:
            if backend := self._backends.get(uuid):
                self._backends[uuid] = replace(backend, deleting=True)

    def remove(self, uuid: str) -> None:
        """It is gone."""
        with self._lock:
            self._backends.pop(uuid, None)

    def on_refresh(self, refresh: Callable[[Backend], Backend]) -> None:
        """How `refreshed` looks anew."""
        self._refresh = refresh

    def _namespace(self) -> str:
        installation = self.installation()
        if installation is None:
            raise BackendError("Trident's controller does not run")
        return installation.namespace


def _volume_path(namespace: str, name: str) -> str:
    return f"{API}/namespaces/{namespace}/tridentvolumes/{name}"
