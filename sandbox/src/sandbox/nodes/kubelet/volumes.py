"""The chain from a Pod's volume to a mount, as a kubelet's volume manager follows it: its links, order and words.

Pure rules over a view of the cluster. Wordings are those of Kubernetes 1.37 (pkg/kubelet/volumemanager,
pkg/volume/csi, pkg/volume/util/operationexecutor).
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.kube.objects import Json, Key, runs, uid
from sandbox.nodes.aks_nodes import OperatingSystem
from sandbox.nodes.kubelet.csi_driver import CsiDriver, RpcError, StageRequest
from sandbox.nodes.kubelet.mounts import MountTable, SharePath, VolumeMount

_ATTACH_TIMEOUT_SECONDS = 123  # podAttachAndMountTimeout


@dataclass(frozen=True)
class ClusterView:
    """What a kubelet asks the API server for."""

    pods: Mapping[Key, Json]
    claims: Mapping[Key, Json]
    volumes: Mapping[Key, Json]
    csi_drivers: Mapping[Key, Json]
    attachments: Mapping[Key, Json]
    secrets: Mapping[Key, Json]


@dataclass(frozen=True)
class Failure:
    """Why a volume is not mounted: the message of a FailedMount event."""

    volume: str
    message: str
    silent_seconds: float = 0
    """A kubelet waits this long before it says so."""


@dataclass
class Outcome:
    """What came of an attempt to mount a Pod's volumes."""

    mounted: list[VolumeMount] = field(default_factory=list[VolumeMount])
    failures: list[Failure] = field(default_factory=list[Failure])


class _NotProcessedError(Exception):
    """A claim does not lead to a volume."""


class _MountError(Exception):
    """A volume's mount failed."""

    def __init__(self, operation: str, volume: str, error: str) -> None:
        super().__init__(f'{operation} failed for volume "{volume}" : {error}')


class _NotAttachedError(Exception):
    """The attach-detach controller has not attached the volume."""

    def __init__(self, silent_seconds: float) -> None:
        super().__init__()
        self.silent_seconds = silent_seconds


def waits_for_volumes(pod: Json) -> bool:
    """Whether a Pod has volumes that a node has to mount before its containers start (the gate of stages/pod.yaml)."""
    return any(_claim_name(pod, volume) or "csi" in volume for volume in pod["spec"].get("volumes", []))


def node_plugin(view: ClusterView, driver: CsiDriver, node: str, operating_system: OperatingSystem) -> Json | None:
    """The running Pod that registers a driver with a node's kubelet."""
    return next(
        (
            pod
            for pod in view.pods.values()
            if pod["spec"].get("nodeName") == node and runs(pod) and driver.is_node_plugin(pod, operating_system)
        ),
        None,
    )


class VolumeManager:
    """Mounts the volumes of Pods on one node."""

    def __init__(
        self,
        node: str,
        operating_system: OperatingSystem,
        view: ClusterView,
        table: MountTable,
        drivers: Mapping[str, CsiDriver],
    ) -> None:
        self._node = node
        self._operating_system: OperatingSystem = operating_system
        self._view = view
        self._table = table
        self._drivers = drivers

    def mount(self, pod: Json) -> Outcome:
        """Try to mount what of a Pod's volumes is not mounted yet. The table is left as it is."""
        outcome = Outcome()
        done = self._table.of_pod(uid(pod))
        unprocessed: dict[str, str] = {}
        unattached: dict[str, float] = {}
        for volume in pod["spec"].get("volumes", []):
            name = str(volume["name"])
            if name in done:
                continue
            try:
                mount = self._mount(pod, volume)
                if mount:
                    outcome.mounted.append(mount)
            except _NotProcessedError as error:
                unprocessed[name] = str(error)
            except _NotAttachedError as error:
                unattached[name] = error.silent_seconds
            except _MountError as error:
                outcome.failures.append(Failure(name, str(error)))
        unmounted = [*unprocessed, *unattached, *(failure.volume for failure in outcome.failures)]
        if unprocessed:
            reason = "; ".join(unprocessed.values())
            outcome.failures.insert(0, _not_mounted(unmounted, list(unattached), list(unprocessed), reason))
        elif unattached:
            # Up to 1.26 a kubelet said so after two minutes; newer ones leave it to the attach-detach controller. A
            # missing CSIDriver is said at once: nothing will attach that volume, and nobody should have to wait to be
            # told.
            failure = _not_mounted(unmounted, list(unattached), [], "timed out waiting for the condition")
            outcome.failures.append(Failure(failure.volume, failure.message, min(unattached.values())))
        return outcome

    def _mount(self, pod: Json, volume: Json) -> VolumeMount | None:
        name = str(volume["name"])
        if "csi" in volume:
            driver = volume["csi"]["driver"]
            raise _MountError(
                "MountVolume.SetUp",
                name,
                f"the sandbox's nodes mount no inline CSI volumes (driver {driver}); use a claim",
            )
        claim_name = _claim_name(pod, volume)
        if claim_name is None:
            return None
        pv = self._persistent_volume(str(pod["metadata"]["namespace"]), claim_name)
        read_only = bool(volume.get("persistentVolumeClaim", {}).get("readOnly"))
        csi: Json | None = pv["spec"].get("csi")
        if csi is None:  # a volume of the node itself: there is nothing that could be missing here
            return VolumeMount(uid(pod), self._node, name, "", "", None, read_only)
        driver = str(csi["driver"])
        handle = str(csi["volumeHandle"])
        published = self._publish_context(driver, str(pv["metadata"]["name"]))
        return VolumeMount(
            pod_uid=uid(pod),
            node=self._node,
            volume=name,
            driver=driver,
            handle=handle,
            source=self._stage(pv, csi, driver, published),
            read_only=read_only or bool(csi.get("readOnly")) or _mounted_read_only(pv),
        )

    def _persistent_volume(self, namespace: str, claim_name: str) -> Json:
        def fail(reason: str) -> _NotProcessedError:
            return _NotProcessedError(f"error processing PVC {namespace}/{claim_name}: {reason}")

        claim = self._view.claims.get((namespace, claim_name))
        if claim is None:
            raise fail(f'failed to fetch PVC from API server: persistentvolumeclaims "{claim_name}" not found')
        if "deletionTimestamp" in claim["metadata"] and not claim["metadata"].get("finalizers"):
            raise fail("PVC is being deleted")
        if claim.get("status", {}).get("phase") != "Bound":
            raise fail("PVC is not bound")
        name = str(claim["spec"].get("volumeName", ""))
        pv = self._view.volumes.get(("", name))
        if pv is None:
            raise fail(f'failed to fetch PV {name} from API server: persistentvolumes "{name}" not found')
        bound_to: Json | None = pv["spec"].get("claimRef")
        if bound_to is None:
            raise fail(
                f"found PV object {name} but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim"
            )
        if bound_to.get("uid") != uid(claim):
            raise fail(
                f"found PV object {name} but its pv.Spec.ClaimRef.UID {bound_to.get('uid', '')} "
                f"does not point to claim.UID {uid(claim)}"
            )
        return pv

    def _publish_context(self, driver: str, pv_name: str) -> Mapping[str, str]:
        """What attaching gave; a volume needs attaching unless a CSIDriver object says otherwise."""
        csi_driver = self._view.csi_drivers.get(("", driver))
        if csi_driver is not None and not csi_driver["spec"].get("attachRequired", True):
            return {}
        for attachment in self._view.attachments.values():
            spec = attachment["spec"]
            wanted = (driver, self._node, pv_name)
            if (spec["attacher"], spec["nodeName"], spec["source"].get("persistentVolumeName")) == wanted:
                if attachment.get("status", {}).get("attached"):
                    return attachment["status"].get("attachmentMetadata") or {}
                break
        raise _NotAttachedError(0 if csi_driver is None else _ATTACH_TIMEOUT_SECONDS)

    def _stage(self, pv: Json, csi: Json, driver_name: str, published: Mapping[str, str]) -> SharePath:
        name, handle = str(pv["metadata"]["name"]), str(csi["volumeHandle"])
        driver = self._drivers.get(driver_name)
        plugin = node_plugin(self._view, driver, self._node, self._operating_system) if driver else None
        staged = self._table.staged(self._node, driver_name, handle)
        if driver is None or plugin is None:
            missing = f"driver name {driver_name} not found in the list of registered CSI drivers"
            if staged:
                error = f"kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: {missing}"
                raise _MountError("MountVolume.SetUp", name, error)
            error = f"kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: {missing}"
            raise _MountError("MountVolume.MountDevice", name, error)
        if staged:
            return staged
        windows_options: Json = plugin["spec"].get("securityContext", {}).get("windowsOptions", {})
        request = StageRequest(
            handle=handle,
            attributes=csi.get("volumeAttributes", {}),
            secrets=self._secrets(name, csi.get("nodeStageSecretRef")),
            mount_options=tuple(pv["spec"].get("mountOptions", [])),
            operating_system=self._operating_system,
            host_process=bool(windows_options.get("hostProcess")),
            connected=self._table.connected(self._node),
            publish_context=published,
        )
        try:
            return driver.stage(request)
        except RpcError as error:
            raise _MountError("MountVolume.MountDevice", name, str(error)) from error

    def _secrets(self, pv_name: str, reference: Json | None) -> dict[str, str]:
        if reference is None:
            return {}
        name, namespace = str(reference.get("name", "")), str(reference.get("namespace", ""))
        secret = self._view.secrets.get((namespace, name))
        if secret is None:
            error = (
                f"fetching NodeStageSecretRef {namespace}/{name} failed: kubernetes.io/csi: failed to find the secret "
                f'{name} in the namespace {namespace} with error: secrets "{name}" not found'
            )
            raise _MountError("MountVolume.MountDevice", pv_name, error)
        data: dict[str, str] = secret.get("data") or {}
        return {key: b64decode(value).decode(errors="replace") for key, value in data.items()}


def _claim_name(pod: Json, volume: Json) -> str | None:
    if "persistentVolumeClaim" in volume:
        return str(volume["persistentVolumeClaim"]["claimName"])
    if "ephemeral" in volume:
        return f"{pod['metadata']['name']}-{volume['name']}"
    return None


def _mounted_read_only(pv: Json) -> bool:
    modes: list[str] = pv["spec"].get("accessModes", [])
    return "ro" in pv["spec"].get("mountOptions", []) or modes[:1] == ["ReadOnlyMany"]


def _not_mounted(unmounted: Sequence[str], unattached: Sequence[str], failed: Sequence[str], reason: str) -> Failure:
    return Failure(
        "",
        f"Unable to attach or mount volumes: unmounted volumes=[{' '.join(unmounted)}], "
        f"unattached volumes=[{' '.join(unattached)}], failed to process volumes=[{' '.join(failed)}]: {reason}",
    )
