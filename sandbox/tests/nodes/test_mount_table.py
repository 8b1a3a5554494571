"""The table of the nodes' mounts, which a kubelet keeps on its disk."""

from pathlib import Path

from sandbox.nodes.kubelet.mounts import MountTable, NodeMounts, SharePath, Staged, VolumeMount

NODE, DRIVER = "akswin000000", "smb.csi.k8s.io"


def test_mounts_outlive_the_process(tmp_path: Path):
    first = VolumeMount(
        "pod-0", NODE, "smb", DRIVER, "a", SharePath("s", "t"), read_only=False, user="CONTOSO\\svc-web"
    )
    second = VolumeMount("pod-9", NODE, "smb", DRIVER, "b", SharePath("s", "t", "folder/below"), read_only=True)
    MountTable(tmp_path / "mounts.json").add([first, second])
    again = MountTable(tmp_path / "mounts.json")
    assert again.of_pod("pod-0") == {"smb": first}
    assert again.of_node(NODE) == [first, second]
    assert NodeMounts(again.of_node(NODE)).staged(DRIVER, "b") == Staged(SharePath("s", "t", "folder/below"))
    again.keep_only({"pod-0"})
    assert MountTable(tmp_path / "mounts.json").of_node(NODE) == [first]
