r"""Pods and claims that are not the stack's: judged by what they are, and fixed where they come from."""

import re
from dataclasses import replace

import pytest

from tests.unit.test_verify_checks import failing, verify
from tests.unit.verify_breaks import CLASS, DYNAMIC_CLAIM, DYNAMIC_POD, KUBELET, STATIC_POD, another_volume, unready
from tests.unit.verify_objects import FQDN, GIB, LINUX, PASSWORD, WINDOWS, pod_on, secret
from tests.unit.verify_world import Stack
from verify import cli
from verify.check import Result, State
from verify.cli import walk
from verify.clients.cluster import ApiError, Json
from verify.errors import VerifyError
from verify.guests.fixes import FIXES
from verify.links import claims, credentials, directory, mount_point, pods
from verify.links.mounting import logon, network, node
from verify.links.mounting.mount_trouble import RESTART_NODE
from verify.mounts import mounts_of
from verify.trouble import Trouble

SHARE, USER = rf"\\{FQDN}\smb", r"CONTOSO\svc-web"
POD, PV = "/api/v1/namespaces/web/pods/web-0", "/api/v1/persistentvolumes/web"
CREDS, PODS = "/api/v1/namespaces/web/secrets/creds", "/api/v1/namespaces/web/pods"
SECRET_GONE = f'{KUBELET} "web" : fetching NodeStageSecretRef web/creds failed: secrets "creds" not found'


def moved_in(path: str = SHARE, user: str = USER, place: str = WINDOWS) -> Stack:
    """Return the stack with another project's Pod and claim on a share."""
    stack = Stack()
    another_volume("web", path, "web#handle", user, place)(stack)
    stack.cluster.free["web"] = 100 * GIB
    return stack


def execed(stack: Stack) -> list[tuple[str, str]]:
    """Return the list into which each exec into a Pod comes."""
    seen: list[tuple[str, str]] = []
    execute = stack.cluster.execute

    def recording(namespace: str, pod: str, container: str, command: list[str], seconds: float) -> tuple[int, str]:
        seen.append((namespace, pod))
        return execute(namespace, pod, container, command, seconds)

    stack.cluster.execute = recording
    return seen


def walked(stack: Stack, name: str = "web-0") -> dict[str, Result]:
    (mount,) = mounts_of(stack.world, name, None)
    return {result.check.name: result for result in walk(stack.world, mount)}


def states(results: dict[str, Result]) -> set[State]:
    return {result.state for result in results.values()}


def with_secret(stack: Stack, **data: str) -> None:
    stack.cluster.put(CREDS.rpartition("/")[0], secret(**data) | {"metadata": {"name": "creds"}})


@pytest.mark.parametrize(
    "path",
    [
        SHARE,
        SHARE.replace("\\", "/"),
        SHARE.upper(),
        rf"{SHARE}\sub\dir",
        f"//{FQDN.upper()}/SMB/sub",
    ],
)
def test_a_share_is_known_by_the_beginning_of_its_path(path: str) -> None:
    found = walked(moved_in(path))
    assert "volume smb of this stack" in found["source"].seen
    assert found["directory"].state is State.HOLDS
    assert states(found) == {State.HOLDS}


def test_a_separator_at_the_end_is_a_finding_and_the_share_is_known() -> None:
    found = walked(moved_in(SHARE.replace("\\", "/") + "/sub/"))
    assert (found["source"].state, found["source"].trouble) == (State.WARNS, "source-trailing-slash")
    assert found["volume"].state is State.HOLDS


def test_a_folder_that_the_driver_adds_is_part_of_the_path() -> None:
    stack = moved_in()
    stack.cluster.objects[PV]["spec"]["csi"]["volumeAttributes"]["subDir"] = "sub/dir"
    assert r"folder sub\dir" in walked(stack)["source"].seen


@pytest.mark.parametrize("path", [rf"{SHARE}2", r"\\other.contoso.com\smb", r"\\anf-64d9.contoso.com.evil\smb"])
def test_another_share_is_walked_to_its_mount_without_the_stacks_volume(path: str) -> None:
    found = walked(moved_in(path))
    assert "not a volume of this stack" in found["source"].seen
    assert states(found) == {State.HOLDS}
    assert not {"volume", "account", "directory"} & set(found)
    assert ("subnet" in found) == (FQDN in path and "evil" not in path)  # the stack's network leads to its own servers


def test_a_volume_of_another_project_may_state_any_size() -> None:
    stack = moved_in()
    stack.cluster.objects[PV]["spec"]["capacity"]["storage"] = "5Gi"
    found = walked(stack)
    assert (found["size"].state, found["size"].fix) == (State.HOLDS, "")
    assert "100 GiB in Azure; 5Gi" in found["size"].seen


def test_a_finding_is_a_warning_and_the_walk_goes_on_to_the_mount() -> None:
    stack = moved_in()
    with_secret(stack, username="svc-web", password=PASSWORD)
    found = walked(stack)
    assert (found["secret"].state, found["secret"].trouble) == (State.WARNS, "secret-without-domain")
    assert "pulumi" not in found["secret"].fix
    assert [*found][-1] == "directory"
    unready(POD, f"{KUBELET}: The user name or password is incorrect. ")(stack)
    last = [*walked(stack).values()][-1]
    assert (last.check.name, last.state, last.trouble) == ("mount", State.FAILS, "logon-failed")
    assert "nodeStageSecretRef" in last.fix
    assert "pulumi" not in last.fix


def test_a_secret_that_is_missing_decides_at_the_mount() -> None:
    stack = moved_in()
    del stack.cluster.objects[CREDS]
    found = walked(stack)
    assert found["secret"].state is State.WARNS
    assert [*found][-1] == "directory"  # what is mounted stays mounted
    unready(POD, SECRET_GONE)(stack)
    last = [*walked(stack).values()][-1]
    assert (last.check.name, last.trouble) == ("mount", "secret-missing")
    assert "`kubectl create secret generic" in last.fix
    assert "--from-literal" not in last.fix  # a command line is seen by others


def test_a_username_with_its_domain_needs_no_domain_key() -> None:
    assert walked(moved_in())["secret"].state is State.HOLDS


def test_a_pod_of_another_project_on_linux_is_judged_as_such_and_never_execed() -> None:
    stack = moved_in(path=f"{SHARE}\\".replace("\\", "/"), place=LINUX)
    with_secret(stack, username="svc-web", password=PASSWORD)

    seen = execed(stack)
    found = walked(stack)
    assert seen == []
    assert states(found) == {State.HOLDS}
    assert found["node"].seen == f"{LINUX} Ready, Linux"
    unready(POD, f"{KUBELET}: mount error(13): Permission denied")(stack)
    assert [*walked(stack).values()][-1].trouble == "logon-failed"


@pytest.mark.parametrize(("path", "name"), [(STATIC_POD, "smb-static"), (DYNAMIC_POD, "smb-dynamic")])
def test_the_stacks_own_pod_on_linux_is_told_before_any_exec(path: str, name: str) -> None:
    stack = Stack()
    stack.cluster.objects[path]["spec"]["nodeName"] = LINUX

    seen = execed(stack)
    assert set(failing(verify(stack)).values()) == {"pod-not-on-windows"}
    (mount,) = mounts_of(stack.world, "iis-pod", name)
    assert walk(stack.world, mount)[-1].trouble == "pod-not-on-windows"
    assert (name, "iis-pod") not in seen


def test_a_command_on_a_linux_node_is_never_run() -> None:
    stack = Stack()
    point = mount_point.mount_point(stack.cluster.objects[STATIC_POD], "anf-pvc-smb")
    assert point is not None
    stack.cluster.objects[f"/api/v1/nodes/{WINDOWS}"]["metadata"]["labels"]["kubernetes.io/os"] = "linux"
    with pytest.raises(Exception, match="not a Windows node"):
        point.run(stack.world.cluster, "dir")


def inline(stack: Stack, **attributes: str) -> None:
    pod = pod_on("none", "web-0")
    volume: Json = {"driver": "smb.csi.k8s.io", "volumeAttributes": attributes}
    pod["spec"]["volumes"] = [{"name": "files", "csi": volume | {"nodePublishSecretRef": {"name": "creds"}}}]
    stack.cluster.put(PODS, pod)
    with_secret(stack, username=USER, password=PASSWORD)
    driver = stack.cluster.objects["/apis/storage.k8s.io/v1/csidrivers/smb.csi.k8s.io"]
    driver["spec"]["volumeLifecycleModes"] = ["Persistent", "Ephemeral"]


def test_an_inline_volume_is_a_mount() -> None:
    stack = Stack()
    inline(stack, source=f"//{FQDN}/smb/sub", secretName="creds")
    found = walked(stack)
    assert states(found) == {State.HOLDS}
    assert [*found][:2] == ["placed", "node"]
    assert {"secret", "volume", "source", "mount"} <= set(found)
    assert "volume smb of this stack, folder sub" in found["source"].seen
    unready(POD, 'MountVolume.SetUp failed for volume "files" : The network name cannot be found')(stack)
    assert [*walked(stack).values()][-1].trouble == "share-not-found"


def test_an_inline_volume_needs_the_drivers_own_attribute_for_its_secret() -> None:
    stack = Stack()
    inline(stack, source=f"//{FQDN}/smb")
    found = walked(stack)["secret"]
    assert (found.state, found.trouble) == (State.WARNS, "secret-missing")
    assert "nodePublishSecretRef is ignored" in found.seen


def test_a_driver_without_inline_volumes_is_named() -> None:
    stack = Stack()
    inline(stack, source=f"//{FQDN}/smb", secretName="creds")
    driver = stack.cluster.objects["/apis/storage.k8s.io/v1/csidrivers/smb.csi.k8s.io"]
    driver["spec"]["volumeLifecycleModes"] = ["Persistent"]
    assert [*walked(stack).values()][-1].trouble == "inline-volume-refused"


def with_disk(stack: Stack) -> None:
    another_volume("disk", "", "disk")(stack)
    stack.cluster.objects["/api/v1/persistentvolumes/disk"]["spec"]["csi"]["driver"] = "disk.csi.azure.com"


def test_of_several_claims_of_a_pod_those_on_shares_are_walked() -> None:
    stack = moved_in()
    with_disk(stack)
    another_volume("two", rf"{SHARE}\two", "two#handle", USER)(stack)
    volumes = stack.cluster.objects[POD]["spec"]["volumes"]
    volumes += [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in ("disk", "two")]
    assert [mount.claim for mount in mounts_of(stack.world, "web-0", None)] == ["web", "two"]


def test_a_claim_on_a_disk_is_no_share_and_no_cause_to_replace_its_class() -> None:
    stack = Stack()
    with_disk(stack)
    with pytest.raises(VerifyError, match=r"mounts no SMB share .*: claim disk is of disk\.csi\.azure\.com"):
        mounts_of(stack.world, "pvc/disk", None)


def test_a_claim_of_another_stacks_trident_is_judged_without_this_stacks_backend() -> None:
    stack = Stack()
    theirs = stack.cluster.objects[CLASS] | {"metadata": {"name": "anf-sc-smb-two"}}
    stack.cluster.put("/apis/storage.k8s.io/v1/storageclasses", theirs)
    another_volume("web", "", "pvc-2", USER, WINDOWS)(stack)
    stack.cluster.objects[PV]["spec"]["csi"]["driver"] = "csi.trident.netapp.io"
    stack.cluster.objects["/api/v1/namespaces/web/persistentvolumeclaims/web"]["spec"]["storageClassName"] = (
        "anf-sc-smb-two"
    )
    found = walked(stack)
    assert states(found) == {State.HOLDS}
    assert not {"storage-class", "backend", "pool", "subnet"} & set(found)
    assert {"claim", "node-plugin", "secret", "mount"} <= set(found)


def test_a_claim_of_the_stacks_class_that_another_project_made_is_not_fixed_by_the_stack() -> None:
    stack = Stack()
    claim = stack.cluster.objects[DYNAMIC_CLAIM] | {"metadata": {"name": "web"}}
    claim["status"], claim["spec"] = {"phase": "Lost"}, claim["spec"] | {"volumeName": "gone"}
    stack.cluster.put("/api/v1/namespaces/web/persistentvolumeclaims", claim)
    last = [*walked(stack, "pvc/web").values()][-1]
    assert (last.check.name, last.trouble) == ("claim", "pv-missing")
    assert "pulumi" not in last.fix


def test_a_deployment_is_walked_by_the_pod_that_is_not_ready() -> None:
    stack = moved_in()
    for name in ("web-7d4f9-a", "web-7d4f9-b"):
        pod = pod_on("web", name)
        pod["metadata"]["labels"] = {"app": "web"}
        stack.cluster.put(PODS, pod)
    unready(f"{PODS}/web-7d4f9-b", f"{KUBELET}: The network path was not found.")(stack)
    deployment: Json = {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}}
    stack.cluster.put("/apis/apps/v1/namespaces/web/deployments", deployment)
    assert [mount.pod for mount in mounts_of(stack.world, "deployment/web", None)] == ["web-7d4f9-b"]


def test_a_namespace_that_may_not_be_read_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused() -> None:
        raise ApiError(403, 'pods is forbidden: User "me" cannot list resource "pods"')

    monkeypatch.setattr(cli, "app", refused)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == 'error: pods is forbidden: User "me" cannot list resource "pods"\n'


def test_no_fix_for_another_projects_object_changes_the_stack() -> None:
    own = {claims.OTHER_DRIVER, claims.OTHER_SERVER, claims.OTHER_SHARE, claims.SIZE_DIFFERS}
    own.add(directory.ALMOST_FULL_VOLUME)
    judged = [*claims.TROUBLES, *credentials.TROUBLES, *pods.TROUBLES, *directory.TROUBLES, *mount_point.TROUBLES]
    for trouble in (*judged, *logon.TROUBLES, *network.TROUBLES, *node.TROUBLES):
        if trouble not in own:
            # A drained node gets the stack's own Pods back.
            fix = FIXES.get(trouble, trouble.fix).replace(RESTART_NODE, "")
            assert "pulumi" not in fix, trouble.name
            assert "stack file" not in fix, trouble.name


@pytest.mark.parametrize("trouble", FIXES, ids=[each.name for each in FIXES])
def test_a_command_in_a_fix_for_others_stands_in_backticks(trouble: Trouble) -> None:
    prose = re.sub(r"`[^`]*`", "", FIXES[trouble])
    assert re.findall(r"\b(?:az|helm|kubectl|pulumi) [a-z-]+", prose) == []
    assert "{" not in re.sub(r"'\{.*?\}'", "", replace(trouble, fix=FIXES[trouble]).fix_for({}))
