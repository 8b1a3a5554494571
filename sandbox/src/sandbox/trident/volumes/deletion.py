"""The end of a PersistentVolume, as external-provisioner brings it about: its finalizer, and the volume in Azure.

A released volume whose reclaim policy is Delete is deleted with what is stored on it; one with Retain stays, and so
does its volume in Azure when somebody deletes the object.
"""

from collections.abc import Callable, Iterable

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.events import EventRecorder
from sandbox.kube.objects import Json, Key
from sandbox.trident.names import PROVISIONER
from sandbox.trident.retries import TryAgainError
from sandbox.trident.volumes.claims import FINALIZER, PROVISIONED_BY
from sandbox.trident.volumes.csi_controller import CsiController, RpcError
from sandbox.trident.volumes.finalizers import add_finalizer, remove_finalizer


class VolumeDeleter:
    """Watches over the PersistentVolumes of this provisioner."""

    def __init__(self, api: KubeApi, controller: CsiController, attachments: Callable[[], Iterable[Json]]) -> None:
        self._api = api
        self._controller = controller
        self._attachments = attachments
        self._events = EventRecorder(api, f"{PROVISIONER}_trident-controller")

    def sync(self, volume_key: Key) -> None:
        """Keep the finalizer right; delete the volume if it is due; raise TryAgainError if that must wait."""
        path = f"/api/v1/persistentvolumes/{volume_key[1]}"
        try:
            volume = self._api.get(path)
            annotations: dict[str, str] = volume["metadata"].get("annotations") or {}
            driver = (volume["spec"].get("csi") or {}).get("driver")
            if annotations.get(PROVISIONED_BY, driver) != PROVISIONER:
                return
            volume = self._keep_finalizer(path, volume)
            if _should_delete(volume):
                self._delete(path, volume)
        except NotFoundError:
            return

    def _keep_finalizer(self, path: str, volume: Json) -> Json:
        policy = volume["spec"].get("persistentVolumeReclaimPolicy")
        bound = volume.get("status", {}).get("phase") == "Bound" and "deletionTimestamp" not in volume["metadata"]
        if policy == "Delete" and bound:
            return add_finalizer(self._api, path, volume, FINALIZER)
        return volume if policy == "Delete" else remove_finalizer(self._api, path, volume, FINALIZER)

    def _delete(self, path: str, volume: Json) -> None:
        name = str(volume["metadata"]["name"])
        try:
            for attachment in self._attachments():
                if attachment["spec"]["source"].get("persistentVolumeName") == name:
                    node = attachment["spec"]["nodeName"]
                    raise TryAgainError(f"persistentvolume {name} is still attached to node {node}")
            self._controller.delete_volume(str(volume["spec"]["csi"]["volumeHandle"]))
        except (RpcError, TryAgainError) as error:
            self._events.record(volume, "Warning", "VolumeFailedDelete", str(error))
            raise TryAgainError(error) from error
        self._api.delete(path)
        remove_finalizer(self._api, path, self._api.get(path), FINALIZER)


def _should_delete(volume: Json) -> bool:
    metadata = volume["metadata"]
    if "deletionTimestamp" in metadata and FINALIZER not in (metadata.get("finalizers") or []):
        return False
    released = volume.get("status", {}).get("phase") == "Released"
    return released and volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete"
