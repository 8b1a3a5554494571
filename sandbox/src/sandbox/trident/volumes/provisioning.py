"""From a claim to a PersistentVolume and back: the sidecar external-provisioner.

Sources: controller/controller.go in kubernetes-sigs/sig-storage-lib-external-provisioner, pkg/controller/controller.go
in kubernetes-csi/external-provisioner. The controller manager annotates the claims that this provisioner is to serve,
and binds claim and volume. Secrets for other uses than the mount (publishing, expanding, …) and templates in names of
Secrets (`${pvc.name}`) are not played.
"""

import json
import random
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from sandbox.kube.api import ConflictError, KubeApi, NotFoundError
from sandbox.kube.controller import Watches
from sandbox.kube.events import EventRecorder
from sandbox.kube.objects import Json, Key, key, uid
from sandbox.trident.backends.registry import TridentVolume
from sandbox.trident.names import PROVISIONER
from sandbox.trident.retries import TryAgainError
from sandbox.trident.sizes import show_quantity
from sandbox.trident.volumes.csi_controller import CsiController, RpcError
from sandbox.trident.volumes.finalizers import add_finalizer, remove_finalizer

_FINALIZER: Final = "external-provisioner.volume.kubernetes.io/finalizer"
_PROVISIONED_BY: Final = "pv.kubernetes.io/provisioned-by"
_PROVISIONER: Final = "volume.kubernetes.io/storage-provisioner"
_SELECTED_NODE: Final = "volume.kubernetes.io/selected-node"
_DELETION_SECRET: Final = "volume.kubernetes.io/provisioner-deletion-secret"  # noqa: S105  the name of an annotation
_SLOW_RETRY_SINCE: Final = (25, 6)

_PREFIX: Final = "csi.storage.k8s.io/"
_NAME: Final = f"{_PREFIX}node-stage-secret-name"
_NAMESPACE: Final = f"{_PREFIX}node-stage-secret-namespace"
_NOT_PLAYED: Final = re.compile(
    r"((provisioner|controller-publish|controller-expand|controller-modify|node-publish|node-expand)-)?"
    r"secret-(name|namespace)"
)
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_USE: Final = "NodeStage secrets"
_FAILED: Final = "failed to get name and namespace template from params: "


class ParameterError(Exception):
    """A StorageClass's parameters cannot be used; the text is external-provisioner's."""


class ClaimProvisioner:
    """Serves claims for one run of the sidecar."""

    def __init__(
        self, api: KubeApi, controller: CsiController, release: tuple[int, int], infeasible_seconds: float
    ) -> None:
        self._api = api
        self._controller = controller
        self._infeasible_seconds = infeasible_seconds if release >= _SLOW_RETRY_SINCE else None
        # Names as of a Pod's sidecar: when it started, and something to tell replicas apart.
        number = random.randrange(10_000)  # noqa: S311
        self._identity = f"{time.time_ns() // 1_000_000}-{number}-{PROVISIONER}"
        self._events = EventRecorder(api, f"{PROVISIONER}_trident-controller_{number:04d}")
        self._trident_events = EventRecorder(api, PROVISIONER)

    def sync(self, claim_key: Key) -> None:
        """Provision for a claim that waits for a volume; raise TryAgainError if that must wait."""
        namespace, name = claim_key
        claim = self._api.find(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}")
        if claim is None or (storage_class := self._class_to_provision(claim)) is None:
            return
        pv_name = f"pvc-{uid(claim)}"
        if self._api.find(f"/api/v1/persistentvolumes/{pv_name}"):
            return
        said = f'External provisioner is provisioning volume for claim "{namespace}/{name}"'
        self._events.record(claim, "Normal", "Provisioning", said)
        try:
            self._provision(claim, storage_class, pv_name)
        except (RpcError, ParameterError) as error:
            raise self._failure(claim, error) from error
        done = f"Successfully provisioned volume {pv_name}"
        self._events.record(claim, "Normal", "ProvisioningSucceeded", done)

    def _class_to_provision(self, claim: Json) -> Json | None:
        annotations: dict[str, str] = claim["metadata"].get("annotations") or {}
        if claim["spec"].get("volumeName") or annotations.get(_PROVISIONER) != PROVISIONER:
            return None
        class_name = claim["spec"].get("storageClassName") or ""
        storage_class = self._api.find(f"/apis/storage.k8s.io/v1/storageclasses/{class_name}")
        if storage_class is None:
            raise TryAgainError(f'storageclasses.storage.k8s.io "{class_name}" not found')
        late = storage_class.get("volumeBindingMode") == "WaitForFirstConsumer"
        if storage_class["provisioner"] != PROVISIONER or (late and not annotations.get(_SELECTED_NODE)):
            return None
        return storage_class

    def _provision(self, claim: Json, storage_class: Json, pv_name: str) -> None:
        if claim["spec"].get("selector") is not None:
            raise ParameterError("claim Selector is not supported")
        if claim["spec"].get("dataSource") or claim["spec"].get("dataSourceRef"):
            raise ParameterError("the sandbox's Trident copies no snapshots and no other claims: leave out dataSource")
        parameters: dict[str, str] = storage_class.get("parameters") or {}
        secret = stage_secret(parameters)
        source: Json = {"driver": PROVISIONER, **({"nodeStageSecretRef": secret} if secret else {})}
        if file_system := parameters.get("csi.storage.k8s.io/fstype") or parameters.get("fsType"):
            source["fsType"] = file_system
        volume = self._controller.create_volume(claim, storage_class, pv_name)
        self._trident_events.record(claim, "Normal", "ProvisioningSuccess", "provisioned a volume")
        with suppress(ConflictError):  # an earlier attempt created it and got no answer
            body = self._persistent_volume(claim, storage_class, volume, source)
            self._api.create("/api/v1/persistentvolumes", body)

    def _persistent_volume(self, claim: Json, storage_class: Json, volume: TridentVolume, source: Json) -> Json:
        namespace, name = key(claim)
        annotations = {f"{_DELETION_SECRET}-{part}": "" for part in ("name", "namespace")}
        spec: Json = {
            "accessModes": claim["spec"]["accessModes"],
            "capacity": {"storage": show_quantity(volume.size)},
            "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
            "storageClassName": key(storage_class)[1],
            "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
            "mountOptions": storage_class.get("mountOptions"),
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": namespace,
                "name": name,
                "uid": uid(claim),
                "resourceVersion": claim["metadata"]["resourceVersion"],
            },
            "csi": {
                **source,
                "volumeHandle": volume.name,
                "volumeAttributes": {
                    "backendUUID": volume.backend_uuid,
                    "internalID": volume.id,
                    "internalName": volume.config["internalName"],
                    "name": volume.name,
                    "protocol": volume.config["protocol"],
                    "storage.kubernetes.io/csiProvisionerIdentity": self._identity,
                },
            },
        }
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {
                "name": volume.name,
                "annotations": {_PROVISIONED_BY: PROVISIONER, **annotations},
                "finalizers": [_FINALIZER],
            },
            "spec": spec,
        }

    def _failure(self, claim: Json, error: RpcError | ParameterError) -> TryAgainError:
        """Record an event; what cannot succeed as it is, is tried again later than the rest."""
        infeasible = isinstance(error, RpcError) and error.code == "InvalidArgument"
        seconds = self._infeasible_seconds if infeasible else None
        delayed = "Volume provisioning failed with infeasible error. Retries will be delayed. " if seconds else ""
        self._events.record(claim, "Warning", "ProvisioningFailed", f"{delayed}{error}")
        return TryAgainError(error, seconds)


class VolumeDeleter:
    """Deletes released PersistentVolumes of this provisioner with their volumes in Azure.

    One with Retain stays, and so does its volume in Azure when somebody deletes the object.
    """

    def __init__(self, api: KubeApi, controller: CsiController, watches: Watches) -> None:
        self._api = api
        self._controller = controller
        self._watches = watches
        self._events = EventRecorder(api, f"{PROVISIONER}_trident-controller")

    def sync(self, volume_key: Key) -> None:
        """Keep the finalizer right; delete the volume if it is due; raise TryAgainError if that must wait."""
        path = f"/api/v1/persistentvolumes/{volume_key[1]}"
        with suppress(NotFoundError):
            volume = self._api.get(path)
            annotations: dict[str, str] = volume["metadata"].get("annotations") or {}
            driver = (volume["spec"].get("csi") or {}).get("driver")
            if annotations.get(_PROVISIONED_BY, driver) == PROVISIONER:
                self._sync(path, volume)

    def _sync(self, path: str, volume: Json) -> None:
        phase, deleting = volume.get("status", {}).get("phase"), "deletionTimestamp" in volume["metadata"]
        if volume["spec"].get("persistentVolumeReclaimPolicy") != "Delete":
            remove_finalizer(self._api, path, volume, _FINALIZER)
        elif phase == "Bound" and not deleting:
            add_finalizer(self._api, path, volume, _FINALIZER)
        elif phase == "Released" and not (deleting and _FINALIZER not in (volume["metadata"].get("finalizers") or [])):
            self._delete(path, volume)

    def _delete(self, path: str, volume: Json) -> None:
        name = str(volume["metadata"]["name"])
        try:
            for attachment in self._watches["attachments"].values():
                if attachment["spec"]["source"].get("persistentVolumeName") == name:
                    node = attachment["spec"]["nodeName"]
                    raise TryAgainError(f"persistentvolume {name} is still attached to node {node}")
            self._controller.delete_volume(str(volume["spec"]["csi"]["volumeHandle"]))
        except (RpcError, TryAgainError) as error:
            self._events.record(volume, "Warning", "VolumeFailedDelete", str(error))
            raise TryAgainError(error) from error
        self._api.delete(path)
        remove_finalizer(self._api, path, self._api.get(path), _FINALIZER)


def stage_secret(parameters: Mapping[str, str]) -> Json | None:
    """Return the reference to the Secret of the mount; None where a StorageClass's parameters name none."""
    for parameter in parameters:
        _check(parameter)
    name, namespace = parameters.get(_NAME), parameters.get(_NAMESPACE)
    if name is None and namespace is None:
        return None
    if name is None or namespace is None:
        raise ParameterError(f"{_FAILED}either name and namespace for {_USE} specified, Both must be specified")
    if not name or not namespace:
        raise ParameterError(f"{_FAILED}{_USE} specified in parameters but value of either namespace or name is empty")
    for value, form, what in ((namespace, _LABEL, "namespace"), (name, _SUBDOMAIN, "secret")):
        if "${" in value:
            raise ParameterError(f"the sandbox's Trident does not play templates: {json.dumps(value)}")
        if not form.fullmatch(value):
            raise ParameterError(f"{json.dumps(value)} is not a valid {what} name")
    return {"name": name, "namespace": namespace}


def _check(parameter: str) -> None:
    rest = parameter.removeprefix(_PREFIX)
    if rest == parameter or parameter in {_NAME, _NAMESPACE} or rest == "fstype":
        return
    if _NOT_PLAYED.fullmatch(rest):
        raise ParameterError(f"the sandbox's Trident does not play the parameter {parameter}: leave it out")
    raise ParameterError(
        "failed to strip CSI Parameters of prefixed keys: "
        f'found unknown parameter key "{parameter}" with reserved namespace {_PREFIX}'
    )
