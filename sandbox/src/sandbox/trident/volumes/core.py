"""Trident's controller where volumes are concerned: what its CSI sidecars ask of it, and what it answers.

Sources: frontend/csi/controller_server.go, core/orchestrator_core.go, storage/backend.go and
storage_drivers/azure/azure_anf.go in NetApp/trident. Requests are served one at a time, as the genuine orchestrator
does. None waits for Azure to make a volume; one that resizes does, and before 24.06 one that deletes.
"""

import threading
import time
from dataclasses import replace
from typing import Final

from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json, key
from sandbox.nodes.kubelet.csi_driver import RpcError
from sandbox.trident.backends.backends import Backend, BackendError, Backends, Installation, TridentVolume, release
from sandbox.trident.crds import API
from sandbox.trident.volumes.anf import AVAILABLE, DELETING, Anf, AnfError, AnfVolume
from sandbox.trident.volumes.config import ConfigError, access_modes, block_mode, volume_config
from sandbox.trident.volumes.creation import Creation, CreationError, check_limit
from sandbox.trident.volumes.publications import Publications
from sandbox.trident.volumes.sizes import parse_quantity, whole_gib
from sandbox.trident.volumes.transactions import Transactions

_FORGETS_AT_ONCE_SINCE: Final = (24, 6)
_DELETION_SECONDS: Final = 120.0
_DELETION_RETRY_SECONDS: Final = 10.0


class Controller:
    """One installation's CSI controller service. Every method answers with `RpcError` where it cannot do its work."""

    def __init__(self, api: KubeApi, backends: Backends, installation: Installation, poll: float) -> None:
        self._api = api
        self._backends = backends
        self._installation = installation
        self._poll = poll
        self._lock = threading.Lock()
        self._publications = Publications(api, installation.namespace)
        labels = {"version": installation.version, "platformVersion": str(api.get("/version")["gitVersion"])}
        self._creation = Creation(backends, Transactions(api, installation.namespace), poll, labels)

    def create_volume(self, claim: Json, storage_class: Json, name: str) -> TridentVolume:
        """CreateVolume: the volume, once it serves."""
        with self._lock:
            required = parse_quantity(claim["spec"]["resources"]["requests"]["storage"])
            present = self._recorded(name)
            if present:
                if int(present.config["size"]) < required:
                    raise RpcError("AlreadyExists", f"volume {name} (with different size) already exists")
                return present
            modes = access_modes(claim)
            shared_device = block_mode(claim) and "ReadWriteMany" in modes
            if shared_device or not self._backends.online():
                raise RpcError("InvalidArgument", f"no available storage for access modes: [{' '.join(modes)}]")
            try:
                config = volume_config(claim, storage_class, name, release(self._installation.version))
                return self._creation.create(config, storage_class.get("parameters") or {})
            except ConfigError as error:
                raise RpcError("Unknown", str(error)) from error
            except CreationError as error:
                raise RpcError(error.code, str(error)) from error

    def delete_volume(self, name: str) -> None:
        """DeleteVolume: Azure has begun to delete it, before 24.06 has done so; what is not known counts as deleted."""
        with self._lock:
            volume = self._recorded(name)
            if volume is None:
                return
            backend = self._backends.find(volume.backend_uuid)
            if backend:
                self._destroy(volume, backend)
            elif known := self._backend_name(volume.backend_uuid):
                raise RpcError("Unknown", f"backend {known} is not Online or Deleting")
            self._backends.forget(name)

    def expand_volume(self, name: str, size: int) -> int:
        """ControllerExpandVolume to at least so many bytes: the bytes that it has now."""
        with self._lock:
            volume = self._must_know(name)
            if int(volume.config["size"]) >= size:
                return int(volume.config["size"])
            backend = self._backends.find(volume.backend_uuid)
            if backend is None:
                raise RpcError(
                    "Unknown",
                    f"unable to resize the volume: backend {known} is not Online"
                    if (known := self._backend_name(volume.backend_uuid))
                    else f"unable to find backend {volume.backend_uuid} during volume resize",
                )
            try:
                reached = self._resize(volume, backend, size)
            except (AnfError, CreationError) as error:
                raise RpcError("Unknown", f"unable to resize the volume: {error}") from error
            self._backends.record(replace(volume, config={**volume.config, "size": str(reached)}))
            return reached

    def publish_volume(
        self, name: str, node: str, *, read_only: bool, access_mode: int, mount_options: str
    ) -> dict[str, str]:
        """ControllerPublishVolume: what the node plugin needs in order to mount the volume."""
        with self._lock:
            volume = self._must_know(name)
            backend = self._backends.find(volume.backend_uuid)
            if backend is None:
                raise RpcError("Unknown", f"backend {volume.backend_uuid} not found")
            published = self._publications.find(name, node)
            if published is None:
                self._publications.add(volume, node, read_only=read_only, access_mode=access_mode)
            elif (published["readOnly"], published["accessMode"]) != (read_only, access_mode):
                raise RpcError("AlreadyExists", "this volume is already published to this node with different options")
            present = self._in_azure(volume, backend)
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

    def unpublish_volume(self, name: str, node: str) -> None:
        """ControllerUnpublishVolume."""
        with self._lock:
            self._publications.remove(name, node)

    def _recorded(self, name: str) -> TridentVolume | None:
        return next((volume for volume in self._backends.volumes() if volume.name == name), None)

    def _must_know(self, name: str) -> TridentVolume:
        volume = self._recorded(name)
        if volume is None:
            raise RpcError("NotFound", f"volume {name} not found")
        return volume

    def _backend_name(self, uuid: str) -> str | None:
        """The name of a backend that is not online, from its TridentBackend."""
        items: list[Json] = self._api.get(f"{API}/namespaces/{self._installation.namespace}/tridentbackends")["items"]
        return next(
            (str(item.get("backendName") or key(item)[1]) for item in items if item["backendUUID"] == uuid), None
        )

    def _anf(self, backend: Backend) -> Anf:
        try:
            backend = self._backends.refreshed(backend)
        except BackendError as error:
            raise AnfError(f"could not update ANF resource cache; {error}") from error
        return Anf(backend.netapp, backend.subscription_id, self._poll)

    def _in_azure(self, volume: TridentVolume, backend: Backend) -> AnfVolume:
        """A volume that Trident has made."""
        try:
            found = self._anf(backend).find(str(volume.config["internalID"]))
        except AnfError as error:
            raise RpcError("Unknown", f"could not find volume {volume.name}; {error}") from error
        if found is None:
            raise RpcError("Unknown", _gone(volume))
        return found

    def _destroy(self, volume: TridentVolume, backend: Backend) -> None:
        try:
            anf = self._anf(backend)
            present = anf.find(str(volume.config["internalID"]))
            if present is None:
                return
            begun = present.state == DELETING
            if not begun:
                anf.delete(present.id)
            if release(self._installation.version) < _FORGETS_AT_ONCE_SINCE:
                self._await_end(anf, present.id, _DELETION_RETRY_SECONDS if begun else _DELETION_SECONDS)
        except AnfError as error:
            raise RpcError("Unknown", str(error)) from error

    def _await_end(self, anf: Anf, volume_id: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while present := anf.find(volume_id):
            if time.monotonic() > deadline:
                raise RpcError("DeadlineExceeded", f"volume state is {present.state}, not Deleted")
            time.sleep(self._poll)  # Azure announces nothing

    def _resize(self, volume: TridentVolume, backend: Backend, size: int) -> int:
        anf = self._anf(backend)
        present = anf.find(str(volume.config["internalID"]))
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
    return f"could not find volume {volume.name}; volume with ID '{volume.config['internalID']}' not found"


_LATER: Final = ("DeadlineExceeded", "Unavailable", "Aborted", "Canceled", "ResourceExhausted")


def may_be_under_way(error: RpcError) -> bool:
    """Whether the work that was asked for may still be going on."""
    return error.code in _LATER
