"""A Pod, its claim, PersistentVolume, Secret and driver as a kubelet reads them, and changes of them."""

from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy

from sandbox.kube.objects import Json, Key
from sandbox.nodes.kubelet.csi_driver import RpcError, StageRequest
from sandbox.nodes.kubelet.mounts import MountTable, SharePath, Staged
from sandbox.nodes.kubelet.volumes import ClusterView, Outcome, VolumeManager

NODE = "akswin000000"
SMB = SharePath("anf-64d9.contoso.com", "smb")
POD: Json = {
    "metadata": {"name": "iis-pod", "namespace": "default", "uid": "pod-1"},
    "spec": {"nodeName": NODE, "volumes": [{"name": "smb", "persistentVolumeClaim": {"claimName": "anf-pvc-smb"}}]},
}
CLAIM: Json = {
    "metadata": {"name": "anf-pvc-smb", "namespace": "default", "uid": "claim-1"},
    "spec": {"volumeName": "anf-pv-smb"},
    "status": {"phase": "Bound"},
}
VOLUME: Json = {
    "metadata": {"name": "anf-pv-smb", "uid": "volume-1"},
    "spec": {
        "accessModes": ["ReadWriteMany"],
        "claimRef": {"uid": "claim-1"},
        "csi": {
            "driver": "smb.csi.k8s.io",
            "volumeHandle": "anf-64d9#smb",
            "volumeAttributes": {"source": "\\\\anf-64d9.contoso.com\\smb"},
            "nodeStageSecretRef": {"name": "smbcreds", "namespace": "default"},
        },
    },
}
PLUGIN: Json = {
    "metadata": {"name": "csi-smb-node-win-x", "namespace": "kube-system", "uid": "plugin-1"},
    "spec": {"nodeName": NODE, "securityContext": {"windowsOptions": {"hostProcess": True}}},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
}
SECRET: Json = {
    "metadata": {"name": "smbcreds", "namespace": "default", "uid": "secret-1"},
    "data": {"username": b64encode(b"svc-web").decode()},
}
DRIVER: Json = {"metadata": {"name": "smb.csi.k8s.io", "uid": "driver-1"}, "spec": {"attachRequired": False}}
VIEW: ClusterView = {
    "pods": {("default", "iis-pod"): POD, ("kube-system", "csi-smb-node-win-x"): PLUGIN},
    "claims": {("default", "anf-pvc-smb"): CLAIM},
    "volumes": {("", "anf-pv-smb"): VOLUME},
    "csi_drivers": {("", "smb.csi.k8s.io"): DRIVER},
    "attachments": {},
    "secrets": {("default", "smbcreds"): SECRET},
}


class StageCalls:
    """A driver's end of the calls: remembers them, and answers SMB or an error."""

    name = "smb.csi.k8s.io"
    topology_prefix = None

    def __init__(self, error: RpcError | None = None) -> None:
        self.requests: list[StageRequest] = []
        self._error = error

    def is_node_plugin(self, pod: Json, operating_system: str) -> bool:
        return operating_system == "windows" and pod["metadata"]["name"].startswith("csi-smb-node-win")

    def stage(self, request: StageRequest) -> Staged:
        self.requests.append(request)
        if self._error:
            raise self._error
        return Staged(SMB, "CONTOSO\\svc-web")


def mount(view: ClusterView, table: MountTable, driver: StageCalls | None = None, pod: Json = POD) -> Outcome:
    driver = driver or StageCalls()
    return VolumeManager(NODE, "windows", view, table, {driver.name: driver}).mount(pod)


def messages(outcome: Outcome) -> list[str]:
    return [failure.message for failure in outcome.failures]


def changed(item: Json, path: str, value: object) -> Json:
    """The object with one field replaced, or removed by None."""
    copy = deepcopy(item)
    *parents, last = path.split(".")
    place = copy
    for name in parents:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


def having(view: ClusterView = VIEW, **collections: Mapping[Key, Json]) -> ClusterView:
    return {**view, **collections}


def with_volume(path: str, value: object) -> ClusterView:
    return having(volumes={("", "anf-pv-smb"): changed(VOLUME, path, value)})


def with_claim(path: str, value: object) -> ClusterView:
    return having(claims={("default", "anf-pvc-smb"): changed(CLAIM, path, value)})


def with_plugin(path: str, value: object) -> ClusterView:
    return having(pods={("kube-system", "x"): changed(PLUGIN, path, value)})
