"""VolumeAttachments: the sidecar external-attacher (pkg/controller/csi_handler.go in kubernetes-csi/external-attacher).

Trident's CSIDriver requires attaching. The controller manager makes an attachment for a volume and a node; once Trident
has published the volume there, the attachment carries what the node plugin mounts it by.
"""

from datetime import UTC, datetime
from typing import Final

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.objects import Json, Key
from sandbox.nodes.kubelet.csi_driver import RpcError
from sandbox.trident.backends.backends import PROVISIONER
from sandbox.trident.volumes.core import Controller
from sandbox.trident.volumes.publications import CSI_ACCESS_MODES
from sandbox.trident.volumes.queue import TryAgainError

FINALIZER: Final = f"external-attacher/{PROVISIONER.replace('.', '-')}"

_ATTACHMENTS: Final = "/apis/storage.k8s.io/v1/volumeattachments"
_NODE_ID: Final = "csi.alpha.kubernetes.io/node-id"


class _AttachError(Exception):
    """Why a volume is not attached, or not detached."""


def attachment_signature(attachment: Json) -> object:
    """What of an attachment has the attacher look at it again when it changes; errors that it noted do not."""
    metadata, status = attachment["metadata"], attachment.get("status", {})
    return (
        metadata.get("uid"),
        metadata.get("deletionTimestamp"),
        tuple(metadata.get("finalizers") or ()),
        status.get("attached"),
    )


class Attacher:
    """Attaches and detaches Trident's volumes."""

    def __init__(self, api: KubeApi, controller: Controller) -> None:
        self._api = api
        self._controller = controller

    def sync(self, attachment_key: Key) -> None:
        """Bring an attachment to where it should be.

        Raises:
            TryAgainError: not now.

        """
        path = f"{_ATTACHMENTS}/{attachment_key[1]}"
        try:
            attachment = self._api.get(path)
            if attachment["spec"]["attacher"] != PROVISIONER:
                return
            going = "deletionTimestamp" in attachment["metadata"]
            try:
                if going:
                    self._detach(path, attachment)
                elif not attachment.get("status", {}).get("attached"):
                    self._attach(path, attachment)
            except (_AttachError, RpcError) as error:
                self._save_error(path, "detachError" if going else "attachError", error)
        except NotFoundError:
            return

    def release(self, volume_key: Key) -> None:
        """Take the finalizer from a PersistentVolume that is to go and is attached nowhere."""
        path = f"/api/v1/persistentvolumes/{volume_key[1]}"
        try:
            volume = self._api.get(path)
            finalizers: list[str] = volume["metadata"].get("finalizers") or []
            if "deletionTimestamp" not in volume["metadata"] or FINALIZER not in finalizers:
                return
            items: list[Json] = self._api.get(_ATTACHMENTS)["items"]
            if any(item["spec"]["source"].get("persistentVolumeName") == volume_key[1] for item in items):
                return
            self._set_finalizers(path, volume, [each for each in finalizers if each != FINALIZER])
        except NotFoundError:
            return

    def _attach(self, path: str, attachment: Json) -> None:
        volume = self._volume(attachment)
        name = str(volume["metadata"]["name"])
        if "deletionTimestamp" in volume["metadata"]:
            raise _AttachError(f'PersistentVolume "{name}" is marked for deletion')
        finalizers: list[str] = volume["metadata"].get("finalizers") or []
        if FINALIZER not in finalizers:
            volume = self._set_finalizers(f"/api/v1/persistentvolumes/{name}", volume, [*finalizers, FINALIZER])
        node = self._node_id(attachment, registered_only=True)
        attachment = self._prepare(path, attachment, node)
        csi, modes = volume["spec"]["csi"], volume["spec"].get("accessModes") or []
        metadata = self._controller.publish_volume(
            str(csi["volumeHandle"]),
            node,
            read_only=bool(csi.get("readOnly")),
            access_mode=_csi_mode(modes),
            mount_options=",".join(volume["spec"].get("mountOptions") or []),
        )
        status: Json = {"attached": True, "attachmentMetadata": metadata, "attachError": None}
        self._api.merge(f"{path}/status", {"status": status})

    def _detach(self, path: str, attachment: Json) -> None:
        finalizers: list[str] = attachment["metadata"].get("finalizers") or []
        if FINALIZER not in finalizers:
            return
        volume = self._volume(attachment)
        node = self._node_id(attachment, registered_only=False)
        self._controller.unpublish_volume(str(volume["spec"]["csi"]["volumeHandle"]), node)
        self._set_finalizers(path, attachment, [each for each in finalizers if each != FINALIZER])

    def _prepare(self, path: str, attachment: Json, node: str) -> Json:
        """Note what is needed to detach, before anything is attached."""
        metadata = attachment["metadata"]
        finalizers: list[str] = metadata.get("finalizers") or []
        wanted = finalizers if FINALIZER in finalizers else [*finalizers, FINALIZER]
        if wanted == finalizers and (metadata.get("annotations") or {}).get(_NODE_ID) == node:
            return attachment
        patch: Json = {"finalizers": wanted, "annotations": {_NODE_ID: node}}
        return self._api.merge(path, {"metadata": {**patch, "resourceVersion": metadata["resourceVersion"]}})

    def _volume(self, attachment: Json) -> Json:
        name = attachment["spec"]["source"].get("persistentVolumeName")
        if name is None:
            raise _AttachError("neither InlineCSIVolumeSource nor PersistentVolumeName specified in VA source")
        try:
            volume = self._api.get(f"/api/v1/persistentvolumes/{name}")
        except NotFoundError as error:
            raise _AttachError(str(error)) from error
        if not volume["spec"].get("csi"):
            raise _AttachError("pv spec contained non-csi source that was not migrated")
        return volume

    def _node_id(self, attachment: Json, *, registered_only: bool) -> str:
        """The node's name to the driver: from its CSINode, and when detaching from what was noted at attaching."""
        node = str(attachment["spec"]["nodeName"])
        try:
            listed: list[Json] = self._api.get(f"/apis/storage.k8s.io/v1/csinodes/{node}")["spec"].get("drivers") or []
        except NotFoundError as error:
            problem = str(error)
        else:
            found = next((str(driver["nodeID"]) for driver in listed if driver["name"] == PROVISIONER), None)
            if found:
                return found
            problem = f"CSINode {node} does not contain driver {PROVISIONER}"
        noted = (attachment["metadata"].get("annotations") or {}).get(_NODE_ID)
        if registered_only or not noted:
            raise _AttachError(problem)
        return str(noted)

    def _set_finalizers(self, path: str, item: Json, finalizers: list[str]) -> Json:
        version = item["metadata"]["resourceVersion"]
        return self._api.merge(path, {"metadata": {"finalizers": finalizers or None, "resourceVersion": version}})

    def _save_error(self, path: str, field: str, error: Exception) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._api.merge(f"{path}/status", {"status": {"attached": False, field: {"message": str(error), "time": now}}})
        word = "detach" if field == "detachError" else "attach"
        raise TryAgainError(f"failed to {word}: {error}") from error


def _csi_mode(modes: list[str]) -> int:
    """CSI's access mode: the widest of several."""
    if "ReadWriteMany" in modes or {"ReadWriteOnce", "ReadOnlyMany"} <= set(modes):
        return CSI_ACCESS_MODES["ReadWriteMany"]
    return CSI_ACCESS_MODES[modes[0]]
