"""From a claim to a PersistentVolume: the sidecar external-provisioner.

Sources: controller/controller.go in kubernetes-sigs/sig-storage-lib-external-provisioner, pkg/controller/controller.go
in kubernetes-csi/external-provisioner. The controller manager annotates the claims that this provisioner is to serve,
and binds claim and volume.
"""

import random
import time
from contextlib import suppress
from typing import Final

from sandbox.kube.api import ConflictError, KubeApi, NotFoundError
from sandbox.kube.events import EventRecorder
from sandbox.kube.objects import Json, Key, key, uid
from sandbox.trident.backends.registry import TridentVolume
from sandbox.trident.names import PROVISIONER
from sandbox.trident.retries import TryAgainError
from sandbox.trident.sizes import show_quantity
from sandbox.trident.volumes.csi_controller import CsiController, RpcError
from sandbox.trident.volumes.stage_secret import ParameterError, stage_secret

FINALIZER: Final = "external-provisioner.volume.kubernetes.io/finalizer"
PROVISIONED_BY: Final = "pv.kubernetes.io/provisioned-by"

_PROVISIONER: Final = "volume.kubernetes.io/storage-provisioner"
_SELECTED_NODE: Final = "volume.kubernetes.io/selected-node"
_DELETION_SECRET: Final = "volume.kubernetes.io/provisioner-deletion-secret"  # noqa: S105  the name of an annotation
_SLOW_RETRY_SINCE: Final = (25, 6)


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
        try:
            claim = self._api.get(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}")
        except NotFoundError:
            return
        storage_class = self._class_to_provision(claim)
        if storage_class is None:
            return
        pv_name = f"pvc-{uid(claim)}"
        if self._exists(pv_name):
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
        """Return the class of a claim that waits for a volume of this provisioner."""
        annotations: dict[str, str] = claim["metadata"].get("annotations") or {}
        if claim["spec"].get("volumeName") or annotations.get(_PROVISIONER) != PROVISIONER:
            return None
        class_name = claim["spec"].get("storageClassName") or ""
        try:
            storage_class = self._api.get(f"/apis/storage.k8s.io/v1/storageclasses/{class_name}")
        except NotFoundError as error:
            raise TryAgainError(error) from error
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
                "annotations": {
                    PROVISIONED_BY: PROVISIONER,
                    **{f"{_DELETION_SECRET}-{part}": "" for part in ("name", "namespace")},
                },
                "finalizers": [FINALIZER],
            },
            "spec": spec,
        }

    def _failure(self, claim: Json, error: RpcError | ParameterError) -> TryAgainError:
        """Record an event; what cannot succeed as it is, is tried again later than the rest."""
        slowly = (
            self._infeasible_seconds is not None and isinstance(error, RpcError) and error.code == "InvalidArgument"
        )
        delayed = "Volume provisioning failed with infeasible error. Retries will be delayed. " if slowly else ""
        self._events.record(claim, "Warning", "ProvisioningFailed", f"{delayed}{error}")
        return TryAgainError(error, self._infeasible_seconds if slowly else None)

    def _exists(self, pv_name: str) -> bool:
        try:
            self._api.get(f"/api/v1/persistentvolumes/{pv_name}")
        except NotFoundError:
            return False
        return True
