"""The end of a PersistentVolume, as external-provisioner brings it about: its finalizer, and the volume in Azure.

A released volume whose reclaim policy is Delete is deleted with what is stored on it; one with Retain stays, and so
does its volume in Azure when somebody deletes the object.
"""

from collections.abc import Callable, Iterable

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.events import EventRecorder
from sandbox.kube.objects import Json, Key
from sandbox.nodes.kubelet.csi_driver import RpcError
from sandbox.trident.backends.backends import PROVISIONER
from sandbox.trident.volumes.claims import FINALIZER, PROVISIONED_BY
from sandbox.trident.volumes.core import Controller
from sandbox.trident.volumes.queue import TryAgainError


class VolumeDeleter:
    """Watches over the PersistentVolumes of this provisioner."""

    def __init__(self, api: KubeApi, controller: Controller, attachments: Callable[[], Iterable[Json]]) -> None:
        self._api = api
        self._controller = controller
        self._attachments = attachments
        self._events = EventRecorder(api, f"{PROVISIONER}_trident-controller")

    def sync(self, volume_key: Key) -> None:
        """Keep the finalizer right; delete what is to be deleted.

        Raises:
            TryAgainError: not now.

        """
        path = f"/api/v1/persistentvolumes/{volume_key[1]}"
        try:
            volume = self._api.get(path)
            if not _is_ours(volume):
                return
            volume = self._set_finalizer(path, volume)
            if _should_delete(volume):
                self._delete(path, volume)
        except NotFoundError:
            return

    def _set_finalizer(self, path: str, volume: Json) -> Json:
        policy = volume["spec"].get("persistentVolumeReclaimPolicy")
        present: list[str] = volume["metadata"].get("finalizers") or []
        wanted = present
        bound = volume.get("status", {}).get("phase") == "Bound" and "deletionTimestamp" not in volume["metadata"]
        if policy == "Delete" and bound and FINALIZER not in present:
            wanted = [*present, FINALIZER]
        elif policy in {"Retain", "Recycle"}:
            wanted = [each for each in present if each != FINALIZER]
        return volume if wanted == present else self._patch_finalizers(path, volume, wanted)

    def _patch_finalizers(self, path: str, volume: Json, finalizers: list[str]) -> Json:
        version = volume["metadata"]["resourceVersion"]
        return self._api.merge(path, {"metadata": {"finalizers": finalizers or None, "resourceVersion": version}})

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
        left = self._api.get(path)
        kept = [each for each in left["metadata"].get("finalizers") or [] if each != FINALIZER]
        self._patch_finalizers(path, left, kept)


def _is_ours(volume: Json) -> bool:
    annotations: dict[str, str] = volume["metadata"].get("annotations") or {}
    csi: Json = volume["spec"].get("csi") or {}
    return annotations.get(PROVISIONED_BY, csi.get("driver")) == PROVISIONER


def _should_delete(volume: Json) -> bool:
    metadata = volume["metadata"]
    if "deletionTimestamp" in metadata and FINALIZER not in (metadata.get("finalizers") or []):
        return False
    released = volume.get("status", {}).get("phase") == "Released"
    return released and volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete"
