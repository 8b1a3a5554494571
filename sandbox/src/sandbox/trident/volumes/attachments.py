"""VolumeAttachments: the sidecar external-attacher (pkg/controller/csi_handler.go in kubernetes-csi/external-attacher).

Trident's CSIDriver requires attaching. The controller manager creates an attachment for a volume and a node; once
Trident has published the volume there, the attachment carries what the node plugin mounts it by.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.objects import Json, Key
from sandbox.trident.names import PROVISIONER
from sandbox.trident.retries import TryAgainError
from sandbox.trident.volumes.csi_controller import CsiController, RpcError
from sandbox.trident.volumes.finalizers import add_finalizer, remove_finalizer

FINALIZER: Final = f"external-attacher/{PROVISIONER.replace('.', '-')}"
"""On attachments, and on PersistentVolumes that are or were attached: without Trident neither can be deleted."""

_ATTACHMENTS: Final = "/apis/storage.k8s.io/v1/volumeattachments"


class _AttachError(Exception):
    pass


def attachment_signature(attachment: Json) -> object:
    """Return what makes the attacher look at an attachment again when it changes; errors that it noted do not."""
    metadata, status = attachment["metadata"], attachment.get("status", {})
    finalizers = tuple(metadata.get("finalizers") or ())
    return metadata["uid"], metadata.get("deletionTimestamp"), finalizers, status.get("attached")


class Attacher:
    """Attaches and detaches Trident's volumes."""

    def __init__(self, api: KubeApi, controller: CsiController) -> None:
        self._api = api
        self._controller = controller

    def sync(self, attachment_key: Key) -> None:
        """Bring an attachment to its wanted state; raise TryAgainError if that must wait."""
        path = f"{_ATTACHMENTS}/{attachment_key[1]}"
        with suppress(NotFoundError):
            attachment = self._api.get(path)
            if attachment["spec"]["attacher"] != PROVISIONER:
                return
            if "deletionTimestamp" in attachment["metadata"]:
                remove_finalizer(self._api, path, attachment, FINALIZER)
            elif not attachment.get("status", {}).get("attached"):
                self._attach(path, attachment)

    def release(self, volume_key: Key) -> None:
        """Take the finalizer off a PersistentVolume that is being deleted and is attached nowhere."""
        path = f"/api/v1/persistentvolumes/{volume_key[1]}"
        with suppress(NotFoundError):
            volume = self._api.get(path)
            if "deletionTimestamp" not in volume["metadata"]:
                return
            items: list[Json] = self._api.get(_ATTACHMENTS)["items"]
            if not any(item["spec"]["source"].get("persistentVolumeName") == volume_key[1] for item in items):
                remove_finalizer(self._api, path, volume, FINALIZER)

    def _attach(self, path: str, attachment: Json) -> None:
        try:
            name = str(attachment["spec"]["source"].get("persistentVolumeName"))
            volume = self._needed(f"/api/v1/persistentvolumes/{name}")
            if "deletionTimestamp" in volume["metadata"]:
                raise _AttachError(f'PersistentVolume "{name}" is marked for deletion')
            add_finalizer(self._api, f"/api/v1/persistentvolumes/{name}", volume, FINALIZER)
            self._check_driver(str(attachment["spec"]["nodeName"]))
            add_finalizer(self._api, path, attachment, FINALIZER)
            options = ",".join(volume["spec"].get("mountOptions") or [])
            metadata = self._controller.publish_volume(str(volume["spec"]["csi"]["volumeHandle"]), options)
        except (_AttachError, RpcError) as error:
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            noted: Json = {"attached": False, "attachError": {"message": str(error), "time": now}}
            self._api.merge(f"{path}/status", {"status": noted})
            raise TryAgainError(f"failed to attach: {error}") from error
        status: Json = {"attached": True, "attachmentMetadata": metadata, "attachError": None}
        self._api.merge(f"{path}/status", {"status": status})

    def _needed(self, path: str) -> Json:
        try:
            return self._api.get(path)
        except NotFoundError as error:
            raise _AttachError(str(error)) from error

    def _check_driver(self, node: str) -> None:
        """Refuse a node on which Trident's node plugin is not registered."""
        drivers: list[Json] = self._needed(f"/apis/storage.k8s.io/v1/csinodes/{node}")["spec"].get("drivers") or []
        if not any(driver["name"] == PROVISIONER for driver in drivers):
            raise _AttachError(f"CSINode {node} does not contain driver {PROVISIONER}")
