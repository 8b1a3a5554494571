"""The chain from a Pod's volume to a mount, as a kubelet's volume manager follows it: its links, order and words.

Pure rules over a view of the cluster. Wordings are those of Kubernetes 1.37 (pkg/kubelet/volumemanager,
pkg/volume/csi, pkg/volume/util/operationexecutor).
"""

import hashlib
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sandbox.kube.objects import Json, Key, runs, uid
from sandbox.nodes.aks_nodes import OperatingSystem
from sandbox.nodes.kubelet.csi_driver import CsiDriver, RpcError, StageRequest, go_quote
from sandbox.nodes.kubelet.mounts import MountTable, NodeMounts, Staged, VolumeMount

_ATTACH_TIMEOUT_SECONDS = 123  # podAttachAndMountTimeout

ClusterView = Mapping[str, Mapping[Key, Json]]
"""The API server's collections: pods, claims, volumes, csi_drivers, attachments, secrets."""


@dataclass(frozen=True)
class Failure:
    """The message of a FailedMount event."""

    volume: str
    message: str
    silent_seconds: float = 0
    """A kubelet waits this long before it says so."""


@dataclass
class Outcome:
    """The result of an attempt to mount a Pod's volumes."""

    mounted: list[VolumeMount] = field(default_factory=list[VolumeMount])
    failures: list[Failure] = field(default_factory=list[Failure])


class _NotProcessedError(Exception):
    """A claim does not lead to a volume."""


class _MountError(Exception):
    """A volume's mount failed."""

    def __init__(self, operation: str, volume: str, error: str) -> None:
        super().__init__(f'MountVolume.{operation} failed for volume "{volume}" : {error}')


class _NotAttachedError(Exception):
    """The attach-detach controller has not attached the volume."""

    def __init__(self, silent_seconds: float) -> None:
        super().__init__()
        self.silent_seconds = silent_seconds


def waits_for_volumes(pod: Json) -> bool:
    """Return True for a Pod with volumes that a node mounts before containers start (the gate of stages/pod.yaml)."""
    return any(_claim_name(pod, volume) or "csi" in volume for volume in pod["spec"].get("volumes", []))


def node_plugin(view: ClusterView, driver: CsiDriver, node: str, operating_system: OperatingSystem) -> Json | None:
    """Return the running Pod that registers a driver with a node's kubelet."""
    return next(
        (
            pod
            for pod in view["pods"].values()
            if pod["spec"].get("nodeName") == node and runs(pod) and driver.is_node_plugin(pod, operating_system)
        ),
        None,
    )


@dataclass(frozen=True)
class VolumeManager:
    """Mounts the volumes of Pods on one node."""

    node: str
    operating_system: OperatingSystem
    view: ClusterView
    table: MountTable
    drivers: Mapping[str, CsiDriver]

    def mount(self, pod: Json) -> Outcome:
        """Try to mount those of a Pod's volumes that are not mounted yet. The table is left as it is."""
        outcome = Outcome()
        done = self.table.of_pod(uid(pod))
        unprocessed: dict[str, str] = {}
        unattached: dict[str, float] = {}
        for volume in pod["spec"].get("volumes", []):
            name = str(volume["name"])
            if name in done:
                continue
            try:
                mounts = NodeMounts([*self.table.of_node(self.node), *outcome.mounted])
                if mount := self._mount(pod, volume, mounts):
                    outcome.mounted.append(mount)
            except _NotProcessedError as error:
                unprocessed[name] = str(error)
            except _NotAttachedError as error:
                unattached[name] = error.silent_seconds
            except _MountError as error:
                outcome.failures.append(Failure(name, str(error)))
        unmounted = [*unprocessed, *unattached, *(failure.volume for failure in outcome.failures)]
        if unprocessed:
            message = _not_mounted(unmounted, unattached, unprocessed, "; ".join(unprocessed.values()))
            outcome.failures.insert(0, Failure("", message))
        elif unattached:
            # Up to 1.26 a kubelet said so after two minutes; newer ones say nothing and leave it to the attach-detach
            # controller. Here it is said, and of a missing CSIDriver at once: nothing will attach that volume.
            message = _not_mounted(unmounted, unattached, [], "timed out waiting for the condition")
            outcome.failures.append(Failure("", message, min(unattached.values())))
        return outcome

    def _mount(self, pod: Json, volume: Json, mounts: NodeMounts) -> VolumeMount | None:
        name = str(volume["name"])
        if "csi" in volume:
            return self._inline(pod, name, volume["csi"], mounts)
        claim_name = _claim_name(pod, volume)
        if claim_name is None:
            return None
        pv = self._persistent_volume(str(pod["metadata"]["namespace"]), claim_name)
        read_only = bool(volume.get("persistentVolumeClaim", {}).get("readOnly"))
        csi: Json | None = pv["spec"].get("csi")
        if csi is None:  # a volume of the node itself: there is nothing that could be missing here
            return VolumeMount(uid(pod), self.node, name, "", "", None, read_only)
        driver = str(csi["driver"])
        published = self._publish_context(driver, str(pv["metadata"]["name"]))
        staged = self._stage(pv, csi, driver, published, mounts)
        read_only = read_only or bool(csi.get("readOnly")) or _mounted_read_only(pv)
        handle = str(csi["volumeHandle"])
        return VolumeMount(uid(pod), self.node, name, driver, handle, staged.source, read_only, staged.user)

    def _inline(self, pod: Json, name: str, csi: Json, mounts: NodeMounts) -> VolumeMount:
        """Mount an inline volume: NodePublishVolume alone, with a handle of its own for each Pod and volume."""

        def fail(error: str) -> _MountError:
            return _MountError("SetUp", name, error)

        driver_name, namespace = str(csi["driver"]), str(pod["metadata"]["namespace"])
        driver = self.drivers.get(driver_name)
        plugin = node_plugin(self.view, driver, self.node, self.operating_system) if driver else None
        if driver is None or plugin is None:
            missing = f"driver name {driver_name} not found in the list of registered CSI drivers"
            raise fail(f"kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: {missing}")
        spec: Json | None = (self.view["csi_drivers"].get(("", driver_name)) or {}).get("spec")
        modes: list[str] = (spec or {}).get("volumeLifecycleModes") or ["Persistent"]
        if spec is None or "Ephemeral" not in modes:
            which = "no CSIDriver object" if spec is None else f"only supports [{' '.join(map(go_quote, modes))}]"
            said = f'volume mode "Ephemeral" not supported by driver {driver_name} ({which})'
            raise fail(f"kubernetes.io/csi: mounter.SetupAt failed to check volume lifecycle mode: {said}")
        if (reference := str((csi.get("nodePublishSecretRef") or {}).get("name", ""))) and (
            self._secret(namespace, reference) is None
        ):
            raise fail(
                f"fetching NodePublishSecretRef {namespace}/{reference} failed: kubernetes.io/csi: failed to find the "
                f'secret {reference} in the namespace {namespace} with error: secrets "{reference}" not found'
            )
        of_pod = {
            "csi.storage.k8s.io/pod.name": str(pod["metadata"]["name"]),
            "csi.storage.k8s.io/pod.namespace": namespace,
            "csi.storage.k8s.io/ephemeral": "true",
        }
        handle = f"csi-{hashlib.sha256(f'{uid(pod)}{name}'.encode()).hexdigest()}"
        request = StageRequest(
            handle=handle,
            attributes={**(csi.get("volumeAttributes") or {}), **of_pod},
            secrets={},
            mount_options=(),
            operating_system=self.operating_system,
            host_process=_is_host_process(plugin),
            connected=mounts.connected(),
            target=f"/var/lib/kubelet/pods/{uid(pod)}/volumes/kubernetes.io~csi/{name}/mount",
            secret_of_pod=lambda secret: self._secret(namespace, secret),
        )
        try:
            staged = driver.stage(request)
        except RpcError as error:
            raise fail(str(error)) from error
        read_only = bool(csi.get("readOnly"))
        return VolumeMount(uid(pod), self.node, name, driver_name, handle, staged.source, read_only, staged.user)

    def _persistent_volume(self, namespace: str, claim_name: str) -> Json:
        def fail(reason: str) -> _NotProcessedError:
            return _NotProcessedError(f"error processing PVC {namespace}/{claim_name}: {reason}")

        claim = self.view["claims"].get((namespace, claim_name))
        if claim is None:
            raise fail(f'failed to fetch PVC from API server: persistentvolumeclaims "{claim_name}" not found')
        if "deletionTimestamp" in claim["metadata"] and not claim["metadata"].get("finalizers"):
            raise fail("PVC is being deleted")
        if claim.get("status", {}).get("phase") != "Bound":
            raise fail("PVC is not bound")
        name = str(claim["spec"].get("volumeName", ""))
        pv = self.view["volumes"].get(("", name))
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
        """Return the result of attaching; a volume needs attaching unless a CSIDriver object says otherwise."""
        csi_driver = self.view["csi_drivers"].get(("", driver))
        if csi_driver is not None and not csi_driver["spec"].get("attachRequired", True):
            return {}
        for attachment in self.view["attachments"].values():
            spec, status = attachment["spec"], attachment.get("status", {})
            found = (spec["attacher"], spec["nodeName"], spec["source"].get("persistentVolumeName"))
            if found == (driver, self.node, pv_name) and status.get("attached"):
                return status.get("attachmentMetadata") or {}
        raise _NotAttachedError(0 if csi_driver is None else _ATTACH_TIMEOUT_SECONDS)

    def _stage(self, pv: Json, csi: Json, driver_name: str, published: Mapping[str, str], mounts: NodeMounts) -> Staged:
        name, handle = str(pv["metadata"]["name"]), str(csi["volumeHandle"])
        driver = self.drivers.get(driver_name)
        plugin = node_plugin(self.view, driver, self.node, self.operating_system) if driver else None
        staged = mounts.staged(driver_name, handle)
        if driver is None or plugin is None:
            missing = f"driver name {driver_name} not found in the list of registered CSI drivers"
            if staged:
                call = "mounter.SetUpAt failed to get CSI client"
                raise _MountError("SetUp", name, f"kubernetes.io/csi: {call}: {missing}")
            call = "attacher.MountDevice failed to create newCsiDriverClient"
            raise _MountError("MountDevice", name, f"kubernetes.io/csi: {call}: {missing}")
        if staged:
            return staged
        request = StageRequest(
            handle=handle,
            attributes=csi.get("volumeAttributes", {}),
            secrets=self._secrets(name, csi.get("nodeStageSecretRef")),
            mount_options=tuple(pv["spec"].get("mountOptions", [])),
            operating_system=self.operating_system,
            host_process=_is_host_process(plugin),
            connected=mounts.connected(),
            publish_context=published,
        )
        try:
            return driver.stage(request)
        except RpcError as error:
            raise _MountError("MountDevice", name, str(error)) from error

    def _secrets(self, pv_name: str, reference: Json | None) -> dict[str, str]:
        if reference is None:
            return {}
        name, namespace = str(reference.get("name", "")), str(reference.get("namespace", ""))
        found = self._secret(namespace, name)
        if found is None:
            error = (
                f"fetching NodeStageSecretRef {namespace}/{name} failed: kubernetes.io/csi: failed to find the secret "
                f'{name} in the namespace {namespace} with error: secrets "{name}" not found'
            )
            raise _MountError("MountDevice", pv_name, error)
        return found

    def _secret(self, namespace: str, name: str) -> dict[str, str] | None:
        secret = self.view["secrets"].get((namespace, name))
        if secret is None:
            return None
        data: dict[str, str] = secret.get("data") or {}
        return {key: b64decode(value).decode(errors="replace") for key, value in data.items()}


def _is_host_process(plugin: Json) -> bool:
    windows_options: Json = plugin["spec"].get("securityContext", {}).get("windowsOptions", {})
    return bool(windows_options.get("hostProcess"))


def _claim_name(pod: Json, volume: Json) -> str | None:
    if "persistentVolumeClaim" in volume:
        return str(volume["persistentVolumeClaim"]["claimName"])
    return f"{pod['metadata']['name']}-{volume['name']}" if "ephemeral" in volume else None


def _mounted_read_only(pv: Json) -> bool:
    modes: list[str] = pv["spec"].get("accessModes", [])
    return "ro" in pv["spec"].get("mountOptions", []) or modes[:1] == ["ReadOnlyMany"]


def _not_mounted(unmounted: Iterable[str], unattached: Iterable[str], failed: Iterable[str], reason: str) -> str:
    return (
        f"Unable to attach or mount volumes: unmounted volumes=[{' '.join(unmounted)}], "
        f"unattached volumes=[{' '.join(unattached)}], failed to process volumes=[{' '.join(failed)}]: {reason}"
    )
