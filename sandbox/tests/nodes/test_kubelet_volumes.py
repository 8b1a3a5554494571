"""The kubelet's chain from a Pod's volume to a mount: each missing link, in the words of Kubernetes 1.37."""

from copy import deepcopy

import pytest

from sandbox.kube.objects import Json
from sandbox.nodes.kubelet.csi_driver import RpcError
from sandbox.nodes.kubelet.mounts import MountTable, SharePath, VolumeMount
from sandbox.nodes.kubelet.volumes import ClusterView, waits_for_volumes
from tests.nodes.mount_world import (
    CLAIM,
    DRIVER,
    NODE,
    POD,
    SMB,
    VIEW,
    VOLUME,
    StageCalls,
    changed,
    having,
    messages,
    mount,
    with_claim,
    with_plugin,
    with_volume,
)


def test_a_volume_is_mounted_when_every_link_holds(table: MountTable):
    driver = StageCalls()
    outcome = mount(VIEW, table, driver)
    assert outcome.failures == []
    assert [(m.volume, m.node, m.handle, m.source, m.read_only) for m in outcome.mounted] == [
        ("smb", NODE, "anf-64d9#smb", SMB, False)
    ]
    assert driver.requests[0].secrets == {"username": "svc-web"}
    assert driver.requests[0].host_process


UNPROCESSED = (
    "Unable to attach or mount volumes: unmounted volumes=[smb], unattached volumes=[], "
    "failed to process volumes=[smb]: error processing PVC default/anf-pvc-smb: "
)
UNREGISTERED = (
    'MountVolume.MountDevice failed for volume "anf-pv-smb" : kubernetes.io/csi: attacher.MountDevice failed to create '
    "newCsiDriverClient: driver name smb.csi.k8s.io not found in the list of registered CSI drivers"
)
UNATTACHED = (
    "Unable to attach or mount volumes: unmounted volumes=[smb], unattached volumes=[smb], "
    "failed to process volumes=[]: timed out waiting for the condition"
)
NO_SECRET = (
    'MountVolume.MountDevice failed for volume "anf-pv-smb" : fetching NodeStageSecretRef default/smbcreds failed: '
    "kubernetes.io/csi: failed to find the secret smbcreds in the namespace default with error: "
    'secrets "smbcreds" not found'
)
BREAKS = {
    "no claim": (
        having(claims={}),
        UNPROCESSED + 'failed to fetch PVC from API server: persistentvolumeclaims "anf-pvc-smb" not found',
    ),
    "claim not bound": (with_claim("status.phase", "Pending"), UNPROCESSED + "PVC is not bound"),
    "claim being deleted": (
        with_claim("metadata.deletionTimestamp", "2026-01-01T00:00:00Z"),
        UNPROCESSED + "PVC is being deleted",
    ),
    "no volume": (
        having(volumes={}),
        UNPROCESSED + 'failed to fetch PV anf-pv-smb from API server: persistentvolumes "anf-pv-smb" not found',
    ),
    "volume without claim": (
        with_volume("spec.claimRef", None),
        UNPROCESSED
        + "found PV object anf-pv-smb but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim",
    ),
    "volume of another claim": (
        with_volume("spec.claimRef.uid", "claim-2"),
        UNPROCESSED
        + "found PV object anf-pv-smb but its pv.Spec.ClaimRef.UID claim-2 does not point to claim.UID claim-1",
    ),
    "no CSIDriver": (having(csi_drivers={}), UNATTACHED),
    "no node plugin": (having(pods={("default", "iis-pod"): POD}), UNREGISTERED),
    "node plugin on another node": (with_plugin("spec.nodeName", "akswin000001"), UNREGISTERED),
    "node plugin not ready": (with_plugin("status.conditions", []), UNREGISTERED),
    "no such driver here": (
        having(with_volume("spec.csi.driver", "csi.example.com"), csi_drivers={("", "csi.example.com"): DRIVER}),
        UNREGISTERED.replace("smb.csi.k8s.io", "csi.example.com"),
    ),
    "no secret": (having(secrets={}), NO_SECRET),
}


@pytest.mark.parametrize(("view", "message"), BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_link_is_named_as_a_kubelet_does(table: MountTable, view: ClusterView, message: str):
    outcome = mount(view, table)
    assert outcome.mounted == []
    assert messages(outcome) == [message]


def test_the_drivers_answer_is_passed_on(table: MountTable):
    outcome = mount(VIEW, table, StageCalls(RpcError("Internal", "no such thing")))
    said = 'MountVolume.MountDevice failed for volume "anf-pv-smb" : rpc error: code = Internal desc = no such thing'
    assert messages(outcome) == [said]


def test_a_driver_that_attaches_is_waited_for_without_a_word_for_two_minutes(table: MountTable):
    attaching = {("", "smb.csi.k8s.io"): changed(DRIVER, "spec.attachRequired", True)}
    outcome = mount(having(csi_drivers=attaching), table)
    assert [(failure.message, failure.silent_seconds) for failure in outcome.failures] == [(UNATTACHED, 123)]
    attachment: Json = {
        "spec": {"attacher": "smb.csi.k8s.io", "nodeName": NODE, "source": {"persistentVolumeName": "anf-pv-smb"}},
        "status": {"attached": True, "attachmentMetadata": {"smbPath": "\\smb"}},
    }
    attached = having(csi_drivers=attaching, attachments={("", "csi-1"): attachment})
    driver = StageCalls()
    assert mount(attached, table, driver).failures == []
    assert [request.publish_context for request in driver.requests] == [{"smbPath": "\\smb"}]


def test_two_volumes_fail_each_for_itself(table: MountTable):
    pod = deepcopy(POD)
    pod["spec"]["volumes"].append({"name": "other", "persistentVolumeClaim": {"claimName": "missing"}})
    outcome = mount(VIEW, table, pod=pod)
    assert [m.volume for m in outcome.mounted] == ["smb"]
    [message] = messages(outcome)
    assert message.startswith("Unable to attach or mount volumes: unmounted volumes=[other], unattached volumes=[], ")
    assert message.endswith('from API server: persistentvolumeclaims "missing" not found')


def staged_mount(handle: str, source: SharePath, uid: str = "pod-0", node: str = NODE) -> VolumeMount:
    return VolumeMount(uid, node, "smb", "smb.csi.k8s.io", handle, source, read_only=False)


def test_a_reused_handle_shows_what_was_staged_first(table: MountTable):
    """The staging folder is named by driver and handle alone; the second volume's own source is never looked at."""
    other = SharePath("anf-64d9.contoso.com", "first")
    table.add([staged_mount("anf-64d9#smb", other)])
    driver = StageCalls()
    outcome = mount(having(secrets={}), table, driver)
    assert [m.source for m in outcome.mounted] == [other]
    assert driver.requests == []


def test_two_volumes_of_one_pod_with_one_handle_show_the_first_ones_files(table: MountTable):
    pod = deepcopy(POD)
    pod["spec"]["volumes"].append({"name": "again", "persistentVolumeClaim": {"claimName": "again"}})
    driver = StageCalls()
    view = having(
        claims={
            ("default", "anf-pvc-smb"): CLAIM,
            ("default", "again"): changed(changed(CLAIM, "metadata.uid", "claim-2"), "spec.volumeName", "again"),
        },
        volumes={
            ("", "anf-pv-smb"): VOLUME,
            ("", "again"): changed(changed(VOLUME, "spec.claimRef.uid", "claim-2"), "metadata.name", "again"),
        },
    )
    assert [(m.volume, m.source) for m in mount(view, table, driver, pod).mounted] == [("smb", SMB), ("again", SMB)]
    assert len(driver.requests) == 1


def test_a_handle_staged_on_another_node_is_staged_here_anew(table: MountTable):
    table.add([staged_mount("anf-64d9#smb", SharePath("x", "first"), node="akswin000001")])
    assert [m.source for m in mount(VIEW, table).mounted] == [SMB]


def test_the_node_keeps_the_user_of_a_session_for_the_next_volume(table: MountTable):
    driver = StageCalls()
    table.add(mount(VIEW, table, driver).mounted)
    volume = changed(changed(VOLUME, "spec.csi.volumeHandle", "other"), "spec.claimRef.uid", "claim-1")
    mount(having(volumes={("", "anf-pv-smb"): volume}), table, driver, pod=changed(POD, "metadata.uid", "pod-2"))
    assert [request.connected for request in driver.requests] == [{}, {SMB: "CONTOSO\\svc-web"}]


def test_a_staged_volume_still_needs_the_driver_for_another_pod(table: MountTable):
    table.add([staged_mount("anf-64d9#smb", SMB)])
    said = UNREGISTERED.replace("MountVolume.MountDevice", "MountVolume.SetUp").replace(
        "attacher.MountDevice failed to create newCsiDriverClient", "mounter.SetUpAt failed to get CSI client"
    )
    assert messages(mount(having(pods={}), table)) == [said]


@pytest.mark.parametrize(
    ("path", "value"),
    [("spec.csi.readOnly", True), ("spec.mountOptions", ["ro"]), ("spec.accessModes", ["ReadOnlyMany"])],
)
def test_a_volume_can_be_read_only(table: MountTable, path: str, value: object):
    assert [m.read_only for m in mount(with_volume(path, value), table).mounted] == [True]


def test_a_volume_of_the_node_itself_needs_no_driver(table: MountTable):
    local = with_volume("spec", {"claimRef": {"uid": "claim-1"}, "hostPath": {"path": "/data"}})
    outcome = mount(local, table)
    assert ([m.source for m in outcome.mounted], outcome.failures) == ([None], [])


@pytest.mark.parametrize("source", ["persistentVolumeClaim", "ephemeral", "csi", "emptyDir", "secret"])
def test_the_gate_is_for_volumes_that_a_driver_mounts(source: str):
    pod: Json = {"metadata": {"name": "p"}, "spec": {"volumes": [{"name": "v", source: {"claimName": "x"}}]}}
    assert waits_for_volumes(pod) is (source not in {"emptyDir", "secret"})
