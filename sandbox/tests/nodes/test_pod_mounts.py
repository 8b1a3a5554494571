"""A Pod becomes ready only when every link to its share holds; the event says which does not. Real control plane."""

import time
from collections.abc import Callable

import pytest

from sandbox.kube.objects import Json, condition, uid
from sandbox.nodes.service import NodesService
from tests.nodes.world import CSI_DRIVER, FQDN, PLUGINS, RunningSandbox, StaticShare, eventually, node_plugin

Make = Callable[..., StaticShare]
LOGON = "The user name or password is incorrect."


def remove_plugin(running: RunningSandbox, name: str) -> None:
    running.api.delete(f"/apis/apps/v1/namespaces/kube-system/daemonsets/{name}")
    path = f"/api/v1/namespaces/kube-system/pods?labelSelector=app%3D{name}"
    eventually(lambda: not running.api.get(path)["items"], f"the end of {name}")


def restore_plugin(running: RunningSandbox, name: str) -> None:
    running.api.create("/apis/apps/v1/namespaces/kube-system/daemonsets", node_plugin(name, PLUGINS[name]))


@pytest.mark.parametrize("system", ["windows", "linux"])
def test_a_pod_is_ready_when_every_link_holds(static_share: Make, system: str):
    share = static_share(system=system)
    share.create()
    pod = share.await_ready()
    assert condition(pod, "PodReadyToStartContainers")
    assert pod["status"]["phase"] == "Running"


def delete_secret(share: StaticShare) -> None:
    share.sandbox.api.delete(f"/api/v1/namespaces/{share.namespace}/secrets/smbcreds")


BREAKS: dict[str, tuple[Json, str]] = {
    "unknown server": ({"source": "\\\\anf-0000.contoso.com\\smb"}, "The network path was not found."),
    "unknown share": ({"volume": False}, "The network name cannot be found."),
    "trailing slash": ({"source": f"\\\\{FQDN}\\smb\\"}, "The parameter is incorrect."),
    "no source": ({"attributes": {}}, "source field is missing, current context: map[]"),
    "no domain: AZURE": ({"secret": {"username": "svc-web", "password": "correct"}}, LOGON),
    "wrong password": ({"secret": {"username": "CONTOSO\\svc-web", "password": "wrong"}}, LOGON),
    "linux, no domain": (
        {"system": "linux", "secret": {"username": "svc-web", "password": "correct"}},
        "mount error(13): Permission denied",
    ),
}


@pytest.mark.parametrize(("changes", "words"), BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_link_keeps_the_container_from_being_created(static_share: Make, changes: Json, words: str):
    share = static_share(**changes)
    share.create()
    event = share.await_failure(words)
    pod = share.pod()
    assert event["source"] == {"component": "kubelet", "host": pod["spec"]["nodeName"]}
    assert event["type"] == "Warning"
    assert event["message"].startswith(f'MountVolume.MountDevice failed for volume "{share.name}" : rpc error: code = ')
    assert not condition(pod, "PodReadyToStartContainers")


def test_a_missing_secret_heals_when_it_is_made(static_share: Make):
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


def test_a_wrong_password_heals_when_the_secret_is_mended(static_share: Make):
    share = static_share(secret={"username": "svc-web", "password": "wrong", "domain": "CONTOSO"})
    share.create()
    share.await_failure(LOGON)
    path = f"/api/v1/namespaces/{share.namespace}/secrets/smbcreds"
    share.sandbox.api.merge(path, {"stringData": {"password": "correct"}})
    share.await_ready()


def test_a_missing_share_heals_when_azure_has_made_the_volume(static_share: Make, running: RunningSandbox):
    share = static_share(volume=False)
    share.create()
    share.await_failure("The network name cannot be found.")
    running.azure.volume(share.name)
    share.await_ready()


def test_a_missing_node_plugin_heals_when_it_runs(static_share: Make, running: RunningSandbox):
    share = static_share()
    remove_plugin(running, "csi-smb-node-win")
    try:
        node = "/apis/storage.k8s.io/v1/csinodes/akswin000000"
        eventually(lambda: not running.api.get(node)["spec"].get("drivers"), "the driver is unregistered")
        share.create()
        share.await_failure(
            "kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: "
            "driver name smb.csi.k8s.io not found in the list of registered CSI drivers"
        )
    finally:
        restore_plugin(running, "csi-smb-node-win")
    share.await_ready()
    drivers: list[Json] = running.api.get(node)["spec"]["drivers"]
    assert [(driver["name"], driver["nodeID"]) for driver in drivers] == [("smb.csi.k8s.io", "akswin000000")]


def test_a_missing_csidriver_object_heals_when_it_is_made(static_share: Make, running: RunningSandbox):
    share = static_share()
    running.api.delete("/apis/storage.k8s.io/v1/csidrivers/smb.csi.k8s.io")
    try:
        share.create()
        share.await_failure("unmounted volumes=[files], unattached volumes=[files], failed to process volumes=[]")
    finally:
        running.api.create("/apis/storage.k8s.io/v1/csidrivers", CSI_DRIVER)
    share.await_ready()


def test_a_failure_that_lasts_is_counted_on_one_event(static_share: Make):
    share = static_share(volume=False)
    share.create()
    share.await_failure("The network name cannot be found.")
    eventually(lambda: share.failures()[0]["count"] >= 3, "the kubelet said it three times")
    assert len(share.failures()) == 1


def test_a_mount_outlives_its_secret_its_driver_and_the_controllers(static_share: Make, running: RunningSandbox):
    share = static_share()
    share.create()
    pod = share.await_ready()
    delete_secret(share)
    remove_plugin(running, "csi-smb-node-win")
    service = NodesService(running.paths)
    try:
        service.stop()
        assert service.status() is None
    finally:
        service.start()
        restore_plugin(running, "csi-smb-node-win")
    assert uid(share.pod()) == uid(pod)
    assert condition(share.pod(), "Ready")
    assert share.cmd("cmd", "/c", "dir", "C:\\inetpub\\wwwroot").stdout.rstrip().endswith("bytes free")


def test_the_controllers_survive_the_end_of_the_api_server(static_share: Make, running: RunningSandbox):
    service = NodesService(running.paths)
    before = service.status()
    api_server = running.process("kube-apiserver")
    api_server.kill()
    api_server.wait(10)
    running.plane.up()
    share = static_share()
    share.create()
    share.await_ready()
    assert service.status() == before


def test_dir_shows_the_size_of_the_volume_and_follows_it(static_share: Make, running: RunningSandbox):
    share = static_share()
    share.create()
    share.await_ready()
    assert "2 Dir(s)  107,374,182,400 bytes free" in share.cmd("cmd", "/c", "dir", "C:\\inetpub\\wwwroot").stdout
    running.azure.volume(share.name, gib=200)
    assert "2 Dir(s)  214,748,364,800 bytes free" in share.cmd("cmd.exe", "/c", "dir", "C:\\inetpub\\wwwroot").stdout


def test_two_pods_of_a_share_see_the_same_files(static_share: Make):
    share = static_share()
    share.create()
    share.create_pod("reader", read_only=True)
    share.await_ready()
    share.await_ready("reader")
    assert share.cmd("cmd", "/c", "echo hello> C:\\inetpub\\wwwroot\\note.txt").returncode == 0
    assert share.cmd("cmd", "/c", "type C:\\inetpub\\wwwroot\\note.txt", pod="reader").stdout == "hello\r\n"
    refused = share.cmd("cmd", "/c", "echo x> C:\\inetpub\\wwwroot\\note.txt", pod="reader")
    assert refused.returncode != 0
    assert refused.stderr.startswith("Access is denied.\r\n")


def test_no_container_starts_before_commands_can_be_run_in_it(static_share: Make, running: RunningSandbox):
    """kwok learns of a Pod's commands by a watch of its own, here one that is held up."""
    share = static_share()
    share.sandbox.api.create("/api/v1/namespaces", {"metadata": {"name": share.namespace}})
    share.create_volume()
    eventually(lambda: share.get("serviceaccounts", "default"), "the namespace's service account")
    share.create_pod()
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


def test_the_tutorials_session_works(static_share: Make):
    share = static_share()
    share.create()
    share.await_ready()
    said = share.cmd("cmd.exe", stdin="cd \\inetpub\\wwwroot\ndir\nexit\n").stdout
    assert "Microsoft Windows [Version 10.0.20348" in said
    assert "C:\\inetpub\\wwwroot>" in said
    assert "107,374,182,400 bytes free" in said


def test_a_reused_volume_handle_shows_the_first_share(static_share: Make):
    first = static_share(node="akswin000000", handle="same-handle")
    second = static_share(node="akswin000000", handle="same-handle")
    first.create()
    first.await_ready()
    second.create()
    second.await_ready()
    first.cmd("cmd", "/c", "echo first> C:\\inetpub\\wwwroot\\note.txt")
    assert second.cmd("cmd", "/c", "type C:\\inetpub\\wwwroot\\note.txt").stdout == "first\r\n"


def test_a_deleted_volume_takes_its_share_from_a_mounted_pod(static_share: Make, running: RunningSandbox):
    share = static_share()
    share.create()
    share.await_ready()
    running.azure.delete_volume(share.name)
    assert (
        "The specified network name is no longer available."
        in share.cmd("cmd", "/c", "dir C:\\inetpub\\wwwroot").stderr
    )
