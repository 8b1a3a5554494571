"""From a claim to a PersistentVolume: the sidecar external-provisioner.

Sources: controller/controller.go in kubernetes-sigs/sig-storage-lib-external-provisioner, pkg/controller/controller.go
in kubernetes-csi/external-provisioner. The controller manager annotates the claims that this provisioner is to serve,
and binds claim and volume.
"""

import random
import time
from typing import Final

from sandbox.kube.api import ConflictError, KubeApi, NotFoundError
from sandbox.kube.events import EventRecorder
from sandbox.kube.objects import Json, Key, key, uid
from sandbox.nodes.kubelet.csi_driver import RpcError
from sandbox.trident.backends.backends import PROVISIONER, TridentVolume, release
from sandbox.trident.volumes.config import block_mode
from sandbox.trident.volumes.core import Controller
from sandbox.trident.volumes.queue import TryAgainError
from sandbox.trident.volumes.secrets import ParameterError, check_reserved, provisioner_secret, volume_secrets
from sandbox.trident.volumes.sizes import show_quantity

FINALIZER: Final = "external-provisioner.volume.kubernetes.io/finalizer"
PROVISIONED_BY: Final = "pv.kubernetes.io/provisioned-by"

_PROVISIONER: Final = ("volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner")
_CLASS: Final = "volume.beta.kubernetes.io/storage-class"
_SELECTED_NODE: Final = "volume.kubernetes.io/selected-node"
_SLOW_RETRY_SINCE: Final = (25, 6)
_FSTYPES: Final = ("fstype", "csi.storage.k8s.io/fstype")


class ClaimProvisioner:
    """Serves claims for one run of the sidecar."""

    def __init__(self, api: KubeApi, controller: Controller, version: str, infeasible_seconds: float) -> None:
        self._api = api
        self._controller = controller
        self._slow_retry = release(version) >= _SLOW_RETRY_SINCE
        self._infeasible_seconds = infeasible_seconds
        self._infeasible: dict[str, tuple[str, float]] = {}
        # Names as of a Pod's sidecar: when it started, and something to tell replicas apart.
        number = random.randrange(10_000)  # noqa: S311
        self._identity = f"{time.time_ns() // 1_000_000}-{number}-{PROVISIONER}"
        self._events = EventRecorder(api, f"{PROVISIONER}_trident-controller_{number:04d}")
        self._trident_events = EventRecorder(api, PROVISIONER)

    def sync(self, claim_key: Key) -> None:
        """Provision for a claim if it wants that.

        Raises:
            TryAgainError: not now.

        """
        namespace, name = claim_key
        try:
            claim = self._api.get(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}")
        except NotFoundError:
            return
        storage_class = self._class_to_provision(claim)
        if storage_class is None:
            return
        self._wait_if_infeasible(claim, storage_class)
        pv_name = f"pvc-{uid(claim)}"
        if self._exists(pv_name):
            return
        said = f'External provisioner is provisioning volume for claim "{namespace}/{name}"'
        self._events.record(claim, "Normal", "Provisioning", said)
        try:
            self._provision(claim, storage_class, pv_name)
        except (RpcError, ParameterError) as error:
            self._failed(claim, storage_class, error)
        done = f"Successfully provisioned volume {pv_name}"
        self._events.record(claim, "Normal", "ProvisioningSucceeded", done)

    def _class_to_provision(self, claim: Json) -> Json | None:
        """The class of a claim that waits for a volume of this provisioner."""
        annotations: dict[str, str] = claim["metadata"].get("annotations") or {}
        asked = next((annotations[each] for each in _PROVISIONER if each in annotations), None)
        if claim["spec"].get("volumeName") or asked != PROVISIONER:
            return None
        class_name = annotations.get(_CLASS) or claim["spec"].get("storageClassName") or ""
        try:
            storage_class = self._api.get(f"/apis/storage.k8s.io/v1/storageclasses/{class_name}")
        except NotFoundError as error:
            raise TryAgainError(error) from error
        late = storage_class.get("volumeBindingMode") == "WaitForFirstConsumer"
        if storage_class["provisioner"] != PROVISIONER or (late and not annotations.get(_SELECTED_NODE)):
            return None
        return storage_class

    def _provision(self, claim: Json, storage_class: Json, pv_name: str) -> None:
        _check(claim)
        parameters: dict[str, str] = storage_class.get("parameters") or {}
        check_reserved(parameters)
        file_systems = {name: value for name, value in parameters.items() if name.lower() in _FSTYPES}
        if len(file_systems) > 1:
            raise ParameterError(f'fstype specified in parameters with both "fstype" and "{_FSTYPES[1]}" keys')
        secret = provisioner_secret(parameters, pv_name, claim)
        if secret:
            self._check_secret(secret)
        source: Json = {"driver": PROVISIONER, **volume_secrets(parameters, pv_name, claim)}
        if file_systems and not block_mode(claim):
            source["fsType"] = next(iter(file_systems.values()))
        volume = self._controller.create_volume(claim, storage_class, pv_name)
        self._trident_events.record(claim, "Normal", "ProvisioningSuccess", "provisioned a volume")
        try:
            body = self._persistent_volume(claim, storage_class, volume, source, secret)
            self._api.create("/api/v1/persistentvolumes", body)
        except ConflictError:  # an earlier attempt made it and did not hear so
            return

    def _persistent_volume(
        self, claim: Json, storage_class: Json, volume: TridentVolume, source: Json, secret: Json | None
    ) -> Json:
        namespace, name = key(claim)
        spec: Json = {
            "accessModes": claim["spec"]["accessModes"],
            "capacity": {"storage": show_quantity(int(volume.config["size"]))},
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
                    "internalID": volume.config["internalID"],
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
                "annotations": {
                    PROVISIONED_BY: PROVISIONER,
                    "volume.kubernetes.io/provisioner-deletion-secret-name": secret["name"] if secret else "",
                    "volume.kubernetes.io/provisioner-deletion-secret-namespace": secret["namespace"] if secret else "",
                },
                "finalizers": [FINALIZER],
            },
            "spec": spec,
        }

    def _failed(self, claim: Json, storage_class: Json, error: RpcError | ParameterError) -> None:
        """Say so, and have it tried again: what cannot succeed as it is, later than the rest."""
        infeasible = self._slow_retry and isinstance(error, RpcError) and error.code == "InvalidArgument"
        text = str(error)
        if infeasible:
            text = f"Volume provisioning failed with infeasible error. Retries will be delayed. {text}"
        self._events.record(claim, "Warning", "ProvisioningFailed", text)
        if not infeasible:
            raise TryAgainError(error) from error
        self._infeasible[uid(claim)] = (uid(storage_class), time.monotonic() + self._infeasible_seconds)
        raise TryAgainError(error, self._infeasible_seconds) from error

    def _wait_if_infeasible(self, claim: Json, storage_class: Json) -> None:
        class_uid, until = self._infeasible.get(uid(claim), ("", 0.0))
        left = until - time.monotonic()
        if class_uid == uid(storage_class) and left > 0:
            reason = (
                f"skipping volume provisioning for pvc {uid(claim)}, because provisioning previously failed with "
                "infeasible error"
            )
            raise TryAgainError(reason, left)
        self._infeasible.pop(uid(claim), None)

    def _exists(self, pv_name: str) -> bool:
        try:
            self._api.get(f"/api/v1/persistentvolumes/{pv_name}")
        except NotFoundError:
            return False
        return True

    def _check_secret(self, reference: Json) -> None:
        namespace, name = reference["namespace"], reference["name"]
        try:
            self._api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        except NotFoundError as error:
            raise ParameterError(f"error getting secret {name} in namespace {namespace}: {error}") from error


def _check(claim: Json) -> None:
    if claim["spec"].get("selector") is not None:
        raise ParameterError("claim Selector is not supported")
    if claim["spec"].get("dataSource") or claim["spec"].get("dataSourceRef"):
        raise ParameterError("the sandbox's Trident copies no snapshots and no other claims: leave out dataSource")
