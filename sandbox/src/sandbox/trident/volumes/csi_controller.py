"""Trident's answers to the sidecars beside its controller: create, delete, expand and publish volumes.

Sources: frontend/csi/controller_server.go, core/orchestrator_core.go, storage/backend.go and
storage_drivers/azure/azure_anf.go in NetApp/trident. As in the genuine orchestrator, one request is served at a time.
None waits for Azure to create a volume; one that resizes does, and before 24.06 one that deletes.
"""

import time
from dataclasses import replace
from typing import Final

from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json
from sandbox.trident.backends.backend import Backend, Installation
from sandbox.trident.backends.registry import BackendObjects, Backends, TridentVolume
from sandbox.trident.backends.spec import BackendError
from sandbox.trident.sizes import whole_gib
from sandbox.trident.volumes.anf_volumes import AVAILABLE, DELETING, AnfError, AnfVolumes
from sandbox.trident.volumes.creation import Creation, CreationError, check_limit, volume_config
from sandbox.trident.volumes.storage_classes import is_known

_FORGETS_AT_ONCE_SINCE: Final = (24, 6)
_DELETION_SECONDS: Final = 120.0
_DELETION_RETRY_SECONDS: Final = 10.0


class RpcError(Exception):
    """An answer other than OK, printed as gRPC's Go library does."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"rpc error: code = {code} desc = {description}")
        self.code = code


class CsiController:
    """One installation's CSI controller service. Every method raises `RpcError` where it cannot do its work."""

    def __init__(self, api: KubeApi, backends: Backends, installation: Installation, poll: float) -> None:
        self._backends = backends
        self._installation = installation
        self._poll = poll
        self._objects = BackendObjects(api, installation.namespace)
        telemetry = {"version": installation.version, "platformVersion": str(api.get("/version")["gitVersion"])}
        self._creation = Creation(backends, poll, telemetry)

    def create_volume(self, claim: Json, storage_class: Json, name: str) -> TridentVolume:
        if present := self._backends.volume(name):
            return present
        modes = [str(mode) for mode in claim["spec"].get("accessModes") or []]
        shared_block = claim["spec"].get("volumeMode") == "Block" and "ReadWriteMany" in modes
        if shared_block or not self._backends.online():
            raise RpcError("InvalidArgument", f"no available storage for access modes: [{' '.join(modes)}]")
        try:
            config = volume_config(claim, storage_class, name, self._installation.release)
            if not is_known(storage_class):
                raise CreationError(f"unknown storage class: {config['storageClass']}")
            return self._creation.create(config, storage_class.get("parameters") or {})
        except CreationError as error:
            raise RpcError(error.code, str(error)) from error

    def delete_volume(self, name: str) -> None:
        """Begin to delete a volume in Azure, before 24.06 also wait for its end, and forget it."""
        volume = self._backends.volume(name)
        if volume is None:
            return
        backend = self._backends.find(volume.backend_uuid)
        if backend:
            try:
                self._destroy(volume, self._anf(backend))
            except AnfError as error:
                raise RpcError("Unknown", str(error)) from error
        elif known := self._objects.by_uuid(volume.backend_uuid):
            raise RpcError("Unknown", f"backend {known.name} is not Online or Deleting")
        self._backends.forget(name)

    def expand_volume(self, name: str, size: int) -> int:
        """Expand a volume to at least so many bytes; return the bytes that it has now."""
        volume = self._must_know(name)
        if volume.size >= size:
            return volume.size
        backend = self._backends.find(volume.backend_uuid)
        if backend is None:
            if known := self._objects.by_uuid(volume.backend_uuid):
                raise RpcError("Unknown", f"unable to resize the volume: backend {known.name} is not Online")
            raise RpcError("Unknown", f"unable to find backend {volume.backend_uuid} during volume resize")
        try:
            reached = self._resize(volume, backend, size)
        except (AnfError, CreationError) as error:
            raise RpcError("Unknown", f"unable to resize the volume: {error}") from error
        self._backends.record(replace(volume, config={**volume.config, "size": str(reached)}))
        return reached

    def publish_volume(self, name: str, mount_options: str) -> dict[str, str]:
        """Return the metadata by which a node plugin mounts a volume."""
        volume = self._must_know(name)
        backend = self._backends.find(volume.backend_uuid)
        if backend is None:
            raise RpcError("Unknown", f"backend {volume.backend_uuid} not found")
        try:
            present = self._anf(backend).find(volume.id)
        except AnfError as error:
            raise RpcError("Unknown", f"could not find volume {name}; {error}") from error
        if present is None:
            raise RpcError("Unknown", _gone(volume))
        if not present.server:
            raise RpcError("Unknown", f"volume {name} has no mount targets")
        return {
            "protocol": "file",
            "mountOptions": mount_options,
            "formatOptions": "",
            "filesystemType": "smb",
            "backendUUID": volume.backend_uuid,
            "pool": volume.pool,
            "storageClass": str(volume.config.get("storageClass", "")),
            "smbServer": present.server,
            "smbPath": str(volume.config["accessInformation"]["smbPath"]),
        }

    def _must_know(self, name: str) -> TridentVolume:
        volume = self._backends.volume(name)
        if volume is None:
            raise RpcError("NotFound", f"volume {name} not found")
        return volume

    def _anf(self, backend: Backend) -> AnfVolumes:
        try:
            return AnfVolumes(self._backends.refresh(backend), self._poll)
        except BackendError as error:
            raise AnfError(f"could not update ANF resource cache; {error}") from error

    def _destroy(self, volume: TridentVolume, anf: AnfVolumes) -> None:
        present = anf.find(volume.id)
        if present is None:
            return
        begun = present.state == DELETING
        if not begun:
            anf.delete(present.id)
        if self._installation.release >= _FORGETS_AT_ONCE_SINCE:
            return
        deadline = time.monotonic() + (_DELETION_RETRY_SECONDS if begun else _DELETION_SECONDS)
        while present := anf.find(volume.id):
            if time.monotonic() > deadline:
                raise RpcError("DeadlineExceeded", f"volume state is {present.state}, not Deleted")
            time.sleep(self._poll)  # Azure announces nothing

    def _resize(self, volume: TridentVolume, backend: Backend, size: int) -> int:
        anf = self._anf(backend)
        present = anf.find(volume.id)
        if present is None:
            raise AnfError(_gone(volume))
        if present.state != AVAILABLE:
            raise AnfError(f"volume {volume.name} state is {present.state}, not {AVAILABLE}")
        if size == present.size:
            return size
        if size < present.size:
            raise AnfError(f"requested size {size} is less than existing volume size {present.size}")
        check_limit(size, backend)
        anf.resize(present.id, whole_gib(size))
        return whole_gib(size)


def _gone(volume: TridentVolume) -> str:
    return f"could not find volume {volume.name}; volume with ID '{volume.id}' not found"
