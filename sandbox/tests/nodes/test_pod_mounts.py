"""A Pod becomes ready only when every link to its share holds; the event says which does not. Real control plane."""

import time
from collections.abc import Callable

import pytest

from sandbox.kube.objects import Json, condition, uid
from tests.nodes.world import CSI_DRIVER, PLUGINS, RunningSandbox, StaticShare, eventually, node_plugin

Make = Callable[..., StaticShare]
WWWROOT = "C:\\inetpub\\wwwroot"


def remove_plugin(running: RunningSandbox, name: str) -> None:
    running.api.delete(f"/apis/apps/v1/namespaces/kube-system/daemonsets/{name}")
    path = f"/api/v1/namespaces/kube-system/pods?labelSelector=app%3D{name}"
    eventually(lambda: not running.api.get(path)["items"], f"the end of {name}")


def restore_plugin(running: RunningSandbox, name: str) -> None:
    running.api.create("/apis/apps/v1/namespaces/kube-system/daemonsets", node_plugin(name, PLUGINS[name]))


def delete_secret(share: StaticShare) -> None:
    share.sandbox.api.delete(f"/api/v1/namespaces/{share.namespace}/secrets/smbcreds")


def test_commands_in_a_pod_see_the_share_as_it_is_now(static_share: Make, running: RunningSandbox):
    share = static_share()
    share.create()
    pod = share.await_ready()
    assert condition(pod, "PodReadyToStartContainers")
    assert pod["status"]["phase"] == "Running"
    assert "2 Dir(s)  107,373,838,336 bytes free" in share.cmd("cmd", "/c", "dir", WWWROOT).stdout
    assert "Microsoft Windows [Version 10.0.26100" in share.cmd("cmd", "/c", "ver").stdout
    share.serve(gib=200)
    tutorial = share.cmd("cmd.exe", stdin="cd \\inetpub\\wwwroot\ndir\nexit\n").stdout
    assert "Microsoft Windows [Version 10.0.26100" in tutorial
    assert f"{WWWROOT}>" in tutorial
    assert "2 Dir(s)  214,748,020,736 bytes free" in tutorial
    running.azure.delete_volume(share.name)
    assert "The specified network name is no longer available." in share.cmd("cmd", "/c", "dir", WWWROOT).stderr


def test_two_pods_of_a_share_see_the_same_files(static_share: Make):
    share = static_share()
    share.create()
    share.create_pod("reader", read_only=True)
    share.await_ready()
    share.await_ready("reader")
    assert share.cmd("cmd", "/c", f"echo hello> {WWWROOT}\\note.txt").returncode == 0
    assert share.cmd("cmd", "/c", f"type {WWWROOT}\\note.txt", pod="reader").stdout == "hello\r\n"
    refused = share.cmd("cmd", "/c", f"echo x> {WWWROOT}\\note.txt", pod="reader")
    assert refused.returncode != 0
    assert refused.stderr.startswith("Access is denied.\r\n")


@pytest.mark.parametrize(
    ("system", "wrong", "words"),
    [
        ("windows", {"password": "wrong"}, "The user name or password is incorrect."),
        ("linux", {"domain": ""}, "mount error(13): Permission denied"),
    ],
    ids=["windows", "linux"],
)
def test_a_refused_logon_heals_when_the_secret_is_corrected(
    static_share: Make, system: str, wrong: dict[str, str], words: str
):
    right = {"username": "svc-web", "password": "correct", "domain": "CONTOSO"}
    share = static_share(system=system, secret=right | wrong)
    share.create()
    message = share.await_failure(words)["message"]
    assert message.startswith(f'MountVolume.MountDevice failed for volume "{share.name}" : rpc error: code = Internal')
    path = f"/api/v1/namespaces/{share.namespace}/secrets/smbcreds"
    share.sandbox.api.merge(path, {"stringData": right})
    share.await_ready()


def test_a_missing_secret_heals_when_it_is_created(static_share: Make):
    share = static_share()
    share.create()
    share.await_ready()
    share.delete_pod()
    delete_secret(share)
    share.create_pod()
    share.await_failure(
        f"fetching NodeStageSecretRef {share.namespace}/smbcreds failed: kubernetes.io/csi: failed to find the secret "
        f'smbcreds in the namespace {share.namespace} with error: secrets "smbcreds" not found'
    )
    share.create_secret()
    share.await_ready()


def test_a_missing_share_is_counted_on_one_event_and_heals_when_azure_has_created_the_volume(
    static_share: Make, running: RunningSandbox
):
    share = static_share(volume=False)
    running.azure.volume(f"{share.name}-other", fqdn=share.fqdn)
    share.create()
    words = "The network name cannot be found."
    share.await_failure(words)
    eventually(lambda: share.failures(words)[0]["count"] >= 3, "the kubelet said it three times")
    assert len(share.failures(words)) == 1
    share.serve()
    share.await_ready()


def test_a_missing_node_plugin_heals_when_it_runs(static_share: Make, running: RunningSandbox):
    node = "akswin000000"
    share = static_share(node=node)  # the plugin starts on each Windows node by itself
    csi_node = f"/apis/storage.k8s.io/v1/csinodes/{node}"
    remove_plugin(running, "csi-smb-node-win")
    try:
        eventually(lambda: not running.api.get(csi_node)["spec"].get("drivers"), "the driver is unregistered")
        share.create()
        share.await_failure(
            "kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: "
            "driver name smb.csi.k8s.io not found in the list of registered CSI drivers"
        )
    finally:
        restore_plugin(running, "csi-smb-node-win")
    share.await_ready()
    drivers: list[Json] = running.api.get(csi_node)["spec"]["drivers"]
    assert drivers == [{"name": "smb.csi.k8s.io", "nodeID": node, "topologyKeys": None}]


def test_a_missing_csidriver_object_heals_when_it_is_created(static_share: Make, running: RunningSandbox):
    share = static_share()
    running.api.delete("/apis/storage.k8s.io/v1/csidrivers/smb.csi.k8s.io")
    try:
        share.create()
        share.await_failure("unmounted volumes=[files], unattached volumes=[files], failed to process volumes=[]")
    finally:
        running.api.create("/apis/storage.k8s.io/v1/csidrivers", CSI_DRIVER)
    share.await_ready()


def test_a_mount_outlives_its_secret_its_driver_and_the_kubelets(static_share: Make, running: RunningSandbox):
    share = static_share()
    share.create()
    pod = share.await_ready()
    delete_secret(share)
    remove_plugin(running, "csi-smb-node-win")
    running.kubelets.stop()
    running.kubelets.start()
    restore_plugin(running, "csi-smb-node-win")
    assert uid(share.pod()) == uid(pod)
    assert condition(share.pod(), "Ready")
    assert share.cmd("cmd", "/c", "dir", WWWROOT).stdout.rstrip().endswith("bytes free")


def test_a_pod_mounts_and_starts_at_once_after_a_restart_of_the_control_plane(
    static_share: Make, running: RunningSandbox
):
    """kwok is another one then, and the nodes' leases were those of the one before."""
    path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
    leases = eventually(lambda: held if len(held := running.api.get(path)["items"]) == 3 else None, "3 leases")
    assert all(lease["spec"]["holderIdentity"] for lease in leases)
    running.plane.down()
    running.plane.up()
    share = static_share()
    share.create()
    share.await_ready()


def test_no_container_starts_before_commands_can_be_run_in_it(static_share: Make, running: RunningSandbox):
    """kwok learns of a Pod's commands by a watch of its own, here one that is held up."""
    share = static_share()
    share.create(secret=False)
    share.await_failure("smbcreds")
    kwok = running.process("kwok")
    kwok.suspend()
    try:
        share.create_secret()
        eventually(lambda: share.get("execs", "web", "/apis/kwok.x-k8s.io/v1alpha1"), "the Pod's commands")
        end = time.monotonic() + 1
        while time.monotonic() < end:
            assert not condition(share.pod(), "PodReadyToStartContainers")
    finally:
        kwok.resume()
    share.await_ready()
    assert share.cmd("printenv", "ANF_SANDBOX_POD_UID").stdout.strip() == uid(share.pod())


def test_another_user_of_the_server_waits_until_the_first_ones_last_pod_on_the_node_has_gone(
    static_share: Make, running: RunningSandbox
):
    first = static_share()
    first.create()
    node = first.await_ready()["spec"]["nodeName"]
    running.azure.user("svc-batch", "correct")
    secret = {"username": "svc-batch", "password": "correct", "domain": "CONTOSO"}
    second = static_share(volume=False, secret=secret, server=first.fqdn, node=node)
    second.serve()
    second.create()
    second.await_failure("Windows System Error 1219,New-SmbGlobalMapping")
    first.delete_pod()
    second.await_ready()


def test_a_share_with_the_handle_of_another_one_shows_that_ones_files_on_its_node(static_share: Make):
    first = static_share()
    first.create()
    node = first.await_ready()["spec"]["nodeName"]
    assert first.cmd("cmd", "/c", f"echo first> {WWWROOT}\\note.txt").returncode == 0
    again = static_share(handle=first.name, node=node)
    again.create()
    again.await_ready()
    assert again.cmd("cmd", "/c", f"type {WWWROOT}\\note.txt").stdout == "first\r\n"
