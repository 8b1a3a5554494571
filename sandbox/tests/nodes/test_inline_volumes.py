"""Inline volumes of a Pod: a handle of their own, a Secret that the driver reads, and the refusals."""

import pytest

from sandbox.kube.objects import Json
from sandbox.nodes.kubelet.mounts import MountTable
from sandbox.nodes.kubelet.volumes import ClusterView
from tests.nodes.mount_world import POD, SMB, VIEW, StageCalls, changed, mount

INLINE: Json = {"driver": "smb.csi.k8s.io", "volumeAttributes": {"source": "//anf/smb", "secretName": "smbcreds"}}
BOTH_MODES = changed(
    VIEW["csi_drivers"]["", "smb.csi.k8s.io"], "spec.volumeLifecycleModes", ["Persistent", "Ephemeral"]
)
WITH_INLINE: ClusterView = {**VIEW, "csi_drivers": {("", "smb.csi.k8s.io"): BOTH_MODES}}


def inline(**fields: object) -> Json:
    return changed(POD, "spec.volumes", [{"name": "files", "csi": {**INLINE, **fields}}])


def test_an_inline_volume_is_published_with_a_handle_of_its_own_and_a_secret_that_its_driver_reads(table: MountTable):
    driver = StageCalls()
    outcome = mount(WITH_INLINE, table, driver, pod=inline())
    (request,) = driver.requests
    assert [m.source for m in outcome.mounted] == [SMB]
    assert request.handle.startswith("csi-")
    assert request.staging_path("").endswith(r"\pods\pod-1\volumes\kubernetes.io~csi\files\mount")
    assert request.attributes["csi.storage.k8s.io/pod.namespace"] == "default"
    assert request.secret_of_pod
    assert request.secret_of_pod("smbcreds") == {"username": "svc-web"}
    assert request.secret_of_pod("other") is None


@pytest.mark.parametrize(
    ("view", "fields", "words"),
    [
        (VIEW, {}, 'volume mode "Ephemeral" not supported by driver smb.csi.k8s.io (only supports ["Persistent"])'),
        ({**VIEW, "csi_drivers": {}}, {}, "not supported by driver smb.csi.k8s.io (no CSIDriver object)"),
        (WITH_INLINE, {"driver": "other"}, "SetUpAt failed to get CSI client: driver name other not found in the list"),
        (WITH_INLINE, {"nodePublishSecretRef": {"name": "gone"}}, "fetching NodePublishSecretRef default/gone failed"),
    ],
)
def test_an_inline_volume_says_what_it_lacks(table: MountTable, view: ClusterView, fields: Json, words: str):
    (failure,) = mount(view, table, pod=inline(**fields)).failures
    assert failure.message.startswith('MountVolume.SetUp failed for volume "files" : ')
    assert words in failure.message
