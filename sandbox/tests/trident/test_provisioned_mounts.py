"""From a claim to files in a Windows Pod: provisioned, attached, mounted, expanded, detached. Nodes as they run."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.azure.directory import Directory
from sandbox.kube.objects import Json, condition, uid
from sandbox.trident.operator.installation import plan
from sandbox.trident.operator.workloads import objects
from tests.azure.names import GIB
from tests.nodes.world import RunningKubelets, eventually
from tests.trident.volumes_world import PARAMETERS, ClaimOf, VolumesWorld, serving

IIS = "mcr.microsoft.com/windows/servercore/iis:windowsservercore"
Mounted = Callable[..., "MountedClaim"]


@pytest.fixture(scope="module")
def cluster(volumes: VolumesWorld) -> Iterator[VolumesWorld]:
    Directory(volumes.store).set_password("contoso.com", "svc-web", "correct")
    install_node_plugins(volumes)
    nodes = RunningKubelets(volumes.paths)
    try:
        nodes.start()
        yield volumes
    finally:
        nodes.stop()


@pytest.fixture
def world(cluster: VolumesWorld) -> Iterator[VolumesWorld]:
    with serving(cluster):
        yield cluster


def install_node_plugins(world: VolumesWorld) -> None:
    """The operator's own manifests, without the owner that garbage collection would miss here."""
    orchestrator: Json = {
        "apiVersion": "trident.netapp.io/v1",
        "kind": "TridentOrchestrator",
        "metadata": {"name": "trident", "uid": "none"},
        "spec": {"namespace": "trident", "windows": True},
    }
    for path, body in objects(plan(orchestrator, "26.06.0"), "v1.37.2", identity_label=False).items():
        if body["kind"] in {"ServiceAccount", "CSIDriver", "DaemonSet"}:
            body["metadata"].pop("ownerReferences")
            world.api.apply(path, body, "test")


def windows_drivers(world: VolumesWorld) -> list[Json]:
    nodes: list[Json] = world.api.get("/apis/storage.k8s.io/v1/csinodes")["items"]
    windows = [node["spec"] for node in nodes if node["metadata"]["name"].startswith("akswin")]
    assert windows
    return [driver for spec in windows for driver in spec.get("drivers") or []]


class MountedClaim:
    """A claim with its Secret and a Pod that mounts it, in a namespace of their own."""

    def __init__(self, world: VolumesWorld, secret: dict[str, str], system: str, **fields: Any) -> None:
        self.world = world
        self.namespace = world.namespace()
        self.system = system
        account = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/default"
        eventually(lambda: world.api.find(account), "the namespace's service account")
        body = {"metadata": {"name": "smbcreds"}, "stringData": secret}
        world.api.create(f"/api/v1/namespaces/{self.namespace}/secrets", body)
        parameters = {**PARAMETERS, "csi.storage.k8s.io/node-stage-secret-namespace": self.namespace}
        self.claim: ClaimOf = world.claim(world.storage_class(parameters=parameters, **fields), "60Gi", self.namespace)
        self.create_pod()

    @property
    def path(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/pods/iis-pod"

    def create_pod(self) -> None:
        mount = {"name": "smb", "mountPath": "/inetpub/wwwroot"}
        spec: Json = {
            "nodeSelector": {"kubernetes.io/os": self.system},
            "containers": [{"name": "web", "image": IIS, "volumeMounts": [mount]}],
            "volumes": [{"name": "smb", "persistentVolumeClaim": {"claimName": "anf-pvc-smb"}}],
        }
        pods = f"/api/v1/namespaces/{self.namespace}/pods"
        self.world.api.create(pods, {"metadata": {"name": "iis-pod"}, "spec": spec})

    def await_ready(self) -> Json:
        def look() -> Json | None:
            pod = self.world.api.get(self.path)
            return pod if condition(pod, "Ready") else None

        return eventually(look, f"the Pod is ready; {self.claim.events()}", 120)

    def delete_pod(self) -> None:
        self.world.api.delete(self.path)
        eventually(lambda: self.world.api.find(self.path) is None, "the Pod's end")

    def attachments(self) -> list[Json]:
        items: list[Json] = self.world.api.get("/apis/storage.k8s.io/v1/volumeattachments")["items"]
        return [item for item in items if item["spec"]["source"]["persistentVolumeName"] == self.claim.volume_name]

    def cmd(self, *command: str) -> str:
        return self.world.api.run_in_container(self.namespace, "iis-pod", "web", ["cmd", "/c", *command], 120)


@pytest.fixture
def mounted(world: VolumesWorld) -> Iterator[Mounted]:
    """Creates a mounted claim. Its Pod goes after the test: it holds the node's one session with the SMB server."""
    made: list[MountedClaim] = []

    def make(system: str = "windows", secret: dict[str, str] | None = None, **fields: Any) -> MountedClaim:
        right = {"username": "CONTOSO\\svc-web", "password": "correct"}
        made.append(MountedClaim(world, right if secret is None else secret, system, **fields))
        return made[-1]

    yield make
    for share in made:
        if world.api.find(share.path):
            share.delete_pod()


def test_a_claim_becomes_a_mounted_directory_that_grows_with_it(mounted: Mounted, world: VolumesWorld):
    share = mounted()
    share.await_ready()
    [attachment] = share.attachments()
    metadata = attachment["status"]["attachmentMetadata"]
    assert metadata["smbServer"].startswith("ANF-")
    assert metadata["smbPath"] == f"\\{share.claim.volume_name}"
    assert (metadata["protocol"], metadata["filesystemType"]) == ("file", "smb")
    node = attachment["spec"]["nodeName"]
    [driver] = world.api.get(f"/apis/storage.k8s.io/v1/csinodes/{node}")["spec"]["drivers"]
    assert driver["topologyKeys"] == ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"]
    assert "external-attacher/csi-trident-netapp-io" in attachment["metadata"]["finalizers"]
    assert "64,424,165,376 bytes free" in share.cmd("dir", "C:\\inetpub\\wwwroot")
    share.claim.ask_for("80Gi")
    share.claim.await_capacity("80Gi")
    assert "85,899,001,856 bytes free" in share.cmd("dir", "C:\\inetpub\\wwwroot")


def test_a_class_may_wait_for_the_pod_and_what_it_wrote_is_there_for_the_next(mounted: Mounted):
    share = mounted(volumeBindingMode="WaitForFirstConsumer")
    first = share.await_ready()
    annotations = share.claim.get()["metadata"]["annotations"]
    assert annotations["volume.kubernetes.io/selected-node"] == first["spec"]["nodeName"]
    share.cmd("echo kept> C:\\inetpub\\wwwroot\\note.txt")
    share.delete_pod()
    eventually(lambda: not share.attachments(), "the volume is detached")
    share.create_pod()
    assert uid(share.await_ready()) != uid(first)
    assert share.cmd("type C:\\inetpub\\wwwroot\\note.txt").rstrip() == "kept"


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "no domain": ({"username": "svc-web", "password": "correct", "domain": "CONTOSO"}, "password is incorrect."),
    "empty": ({"username": "", "password": "correct"}, "empty username or password is not allowed"),
}


@pytest.mark.parametrize(("secret", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_secret_keeps_the_pod_waiting_until_it_is_mended(
    mounted: Mounted, world: VolumesWorld, secret: dict[str, str], words: str
):
    share = mounted(secret=secret)
    said = share.claim.await_event("FailedMount", words)
    volume = share.claim.volume_name
    assert said.startswith(f'MountVolume.MountDevice failed for volume "{volume}" : rpc error: code = Internal desc = ')
    path = f"/api/v1/namespaces/{share.namespace}/secrets/smbcreds"
    world.api.merge(path, {"stringData": {"username": "CONTOSO\\svc-web"}})
    share.await_ready()


def test_a_linux_pod_is_told_that_smb_is_for_windows(mounted: Mounted):
    share = mounted(system="linux")
    share.claim.await_event("FailedMount", "mounting smb volume is not supported on linux")


def test_the_volume_goes_after_its_pod_and_leaves_nothing_behind(mounted: Mounted, world: VolumesWorld):
    share = mounted(reclaimPolicy="Delete")
    share.await_ready()
    world.api.delete(share.claim.path)
    assert world.api.find(share.claim.path), "the claim waits for its Pod"
    share.delete_pod()
    eventually(lambda: share.claim.pv() is None, "the PersistentVolume's end", 120)
    eventually(lambda: world.anf_volume(share.claim.volume_name) is None, "the volume's end")
    assert share.attachments() == []


def test_where_no_plugin_runs_the_volume_is_not_attached(mounted: Mounted, world: VolumesWorld):
    daemon_sets = "/apis/apps/v1/namespaces/trident/daemonsets"
    windows = world.api.get(f"{daemon_sets}/trident-node-windows")
    world.api.delete(f"{daemon_sets}/trident-node-windows")
    try:
        eventually(lambda: not windows_drivers(world), "the driver is unregistered on each Windows node")
        share = mounted()
        share.claim.bound()
        share.claim.await_event("FailedAttachVolume", "does not contain driver csi.trident.netapp.io")
    finally:
        metadata = {"name": "trident-node-windows", "labels": windows["metadata"]["labels"]}
        world.api.create(daemon_sets, {**windows, "metadata": metadata, "status": {}})
    share.await_ready()


# Expansion.


def resize_conditions(claim: Json) -> dict[str, str]:
    conditions: list[Json] = claim["status"].get("conditions") or []
    return {each["type"]: each.get("message", "") for each in conditions if "Resiz" in each["type"]}


def test_a_claim_that_asks_for_more_grows(world: VolumesWorld):
    claim = world.claim(world.storage_class(), "60Gi")
    claim.bound()
    claim.ask_for("70.5Gi")
    grown = claim.await_capacity("71Gi")
    assert world.anf_volume(claim.volume_name).usage_threshold == 71 * GIB
    assert world.api.get(claim.pv_path)["spec"]["capacity"] == {"storage": "71Gi"}
    assert resize_conditions(grown) == {}
    assert "allocatedResourceStatuses" not in grown["status"]
    claim.await_event("Resizing", f"External resizer is resizing volume {claim.volume_name}")
    claim.await_event("VolumeResizeSuccessful", "Resize volume succeeded")


def test_an_expansion_within_the_raised_size_changes_nothing_in_azure(world: VolumesWorld):
    claim = world.claim(world.storage_class(), "10Gi")
    claim.bound()
    claim.ask_for("40Gi")
    other = world.claim(world.storage_class())
    other.bound()
    assert claim.get()["status"]["capacity"] == {"storage": "50Gi"}
    assert world.anf_volume(claim.volume_name).usage_threshold == 50 * GIB


def test_an_expansion_without_room_is_said_and_a_smaller_one_recovers(world: VolumesWorld):
    claim = world.claim(world.storage_class(), "60Gi")
    claim.bound()
    claim.ask_for("5Ti")
    said = claim.await_event("VolumeResizeFailed", "PoolSizeTooSmall")
    assert said.startswith(
        f'resize volume "{claim.volume_name}" by resizer "csi.trident.netapp.io" failed: '
        "rpc error: code = Unknown desc = unable to resize the volume: PATCH https://127.0.0.1:"
    )
    failed = resize_conditions(claim.get())
    assert failed["ControllerResizeError"].startswith("failed to expand pvc with rpc error")
    claim.ask_for("80Gi")
    recovered = claim.await_capacity("80Gi")
    assert resize_conditions(recovered) == {}
    assert world.anf_volume(claim.volume_name).usage_threshold == 80 * GIB
