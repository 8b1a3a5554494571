"""What all Pods of a cluster do to each other's shares: one volumeHandle, one user, one password."""

import pytest

from tests.unit.test_verify_checks import verify
from tests.unit.verify_breaks import DYNAMIC_POD, STATIC_POD, STATIC_SECRET, D, S, another_volume, unready
from tests.unit.verify_objects import FQDN, LINUX, OTHER_WINDOWS, PASSWORD, WINDOWS, secret
from tests.unit.verify_world import Stack
from verify.check import Result, State
from verify.cli import walk
from verify.clients.cluster import ApiError, Json
from verify.mounts import mounts_of

HANDLE = f"{FQDN}#smb#"
SHARE, OTHER_SHARE = rf"\\{FQDN}\smb", rf"\\{FQDN.upper()}\other"
SAID_1219 = "NewSmbGlobalMapping failed. Windows System Error 1219: Multiple connections to a server"


def checked(stack: Stack, name: str) -> Result:
    (result,) = (each for each in verify(stack) if each.check.name == name)
    return result


def walked(stack: Stack, name: str, namespace: str) -> dict[str, Result]:
    (mount,) = mounts_of(stack.world, name, namespace)
    return {result.check.name: result for result in walk(stack.world, mount)}


def test_a_handle_with_two_shares_names_both_volumes() -> None:
    stack = Stack()
    another_volume("web", OTHER_SHARE, HANDLE)(stack)
    result = checked(stack, "smb-driver/volume-handles")
    assert result.state is State.FAILS
    assert f"anf-pv-smb ({SHARE}), web ({OTHER_SHARE})" in result.seen
    found = walked(stack, "iis-pod", S)["volume-handle"]
    assert found.trouble == "volume-handle-reused"
    assert result.fix.startswith("give web a volumeHandle of its own")
    assert found.fix == result.fix


def test_a_handle_that_only_other_people_use_for_two_shares_is_a_warning() -> None:
    stack = Stack()
    another_volume("web", OTHER_SHARE, "theirs")(stack)
    another_volume("web-2", f"{OTHER_SHARE}-2", "theirs")(stack)
    result = checked(stack, "smb-driver/volume-handles")
    assert (result.state, result.trouble) == (State.WARNS, "volume-handle-reused")
    assert "web" in result.seen
    assert "web-2" in result.seen


@pytest.mark.parametrize("same", [SHARE, SHARE.replace("\\", "/"), SHARE.upper()])
def test_a_handle_that_two_volumes_of_one_share_have_is_a_warning(same: str) -> None:
    stack = Stack()
    another_volume("web", same, HANDLE)(stack)
    result = checked(stack, "smb-driver/volume-handles")
    assert (result.state, result.trouble) == (State.WARNS, "volume-handle-shared")


def test_a_second_user_on_the_node_of_the_stacks_pods_fails_and_names_both() -> None:
    stack = Stack()
    another_volume("web", OTHER_SHARE, "web", r"CONTOSO\other", WINDOWS)(stack)
    result = checked(stack, "nodes/smb-users")
    assert (result.state, result.trouble) == (State.FAILS, "another-user-on-node")
    for words in (
        WINDOWS,
        r"CONTOSO\svc-web (Secret smb-dynamic/smbcreds, smb-static/smbcreds",
        r"CONTOSO\other (Secret web/creds: Pod web/web-0)",
    ):
        assert words in result.seen
    assert PASSWORD not in f"{result.seen}{result.fix}"


def test_a_second_user_on_another_node_is_a_warning_of_what_is_to_come() -> None:
    stack = Stack()
    another_volume("web", OTHER_SHARE, "web", r"CONTOSO\other", OTHER_WINDOWS)(stack)
    result = checked(stack, "nodes/smb-users")
    assert (result.state, result.trouble) == (State.WARNS, "another-user-on-node")
    assert "on different nodes" in result.seen


@pytest.mark.parametrize(
    ("path", "user", "place"),
    [
        (OTHER_SHARE, r"contoso\SVC-WEB", WINDOWS),
        (r"\\files.contoso.com\x", r"CONTOSO\other", WINDOWS),
        (OTHER_SHARE, r"CONTOSO\other", LINUX),
    ],
    ids=["the same user in another case", "another server", "a Linux node"],
)
def test_no_second_user(path: str, user: str, place: str) -> None:
    stack = Stack()
    another_volume("web", path, "web", user, place)(stack)
    assert checked(stack, "nodes/smb-users").state is State.HOLDS


def test_two_users_of_other_people_are_a_warning() -> None:
    stack = Stack()
    server = r"\\files.contoso.com"
    another_volume("web", rf"{server}\x", "web", r"CONTOSO\one", WINDOWS)(stack)
    pod = stack.cluster.objects["/api/v1/namespaces/web/pods/web-0"]
    attributes = {"source": rf"{server}\y", "secretName": "two"}
    pod["spec"]["volumes"].append({"name": "x", "csi": {"driver": "smb.csi.k8s.io", "volumeAttributes": attributes}})
    two: Json = secret(username=r"CONTOSO\two", password=PASSWORD) | {"metadata": {"name": "two"}}
    stack.cluster.put("/api/v1/namespaces/web/secrets", two)
    result = checked(stack, "nodes/smb-users")
    assert (result.state, result.trouble) == (State.WARNS, "another-user-on-node")
    assert "web/two" in result.seen


def test_a_secret_that_may_not_be_read_is_a_note() -> None:
    stack = Stack()
    another_volume("web", OTHER_SHARE, "web", r"CONTOSO\other", WINDOWS)(stack)
    request = stack.cluster.request

    def refusing(method: str, path: str, body: Json | None, accept: str) -> Json:
        if path.endswith("/web/secrets/creds"):
            raise ApiError(403, "secrets is forbidden")
        return request(method, path, body, accept)

    stack.cluster.request = refusing
    result = checked(stack, "nodes/smb-users")
    assert result.state is State.HOLDS
    assert "may not be read: Secret web/creds" in result.seen


def test_diagnose_names_the_user_who_has_the_node_before_the_event() -> None:
    stack = Stack()
    another_volume("web", OTHER_SHARE, "web", r"CONTOSO\other", WINDOWS)(stack)
    assert walked(stack, "iis-pod", S)["smb-user"].state is State.WARNS  # it is mounted
    unready(STATIC_POD, SAID_1219)(stack)
    found = walked(stack, "iis-pod", S)["smb-user"]
    assert (found.state, found.trouble) == (State.FAILS, "another-user-on-node")
    assert r"CONTOSO\other" in found.seen


def rotated(stack: Stack, mounted: str, changed: str) -> None:
    fields = [
        {"manager": "pulumi", "time": changed, "fieldsV1": {"f:data": {}}},
        {"manager": "labeller", "time": "2026-11-26T00:00:00Z", "fieldsV1": {"f:metadata": {}}},
    ]
    stack.cluster.objects[STATIC_SECRET]["metadata"]["managedFields"] = fields
    for path in (STATIC_POD, DYNAMIC_POD):
        ready = {"type": "PodReadyToStartContainers", "status": "True", "lastTransitionTime": mounted}
        stack.cluster.objects[path]["status"]["conditions"].append(ready)


def test_a_pod_that_is_older_than_its_secret_is_named_with_all_that_hold_the_nodes_session() -> None:
    stack = Stack()
    rotated(stack, mounted="2026-11-24T10:00:00Z", changed="2026-11-25T10:00:00Z")
    result = checked(stack, "nodes/old-logons")
    assert (result.state, result.trouble) == (State.WARNS, "mount-older-than-secret")
    assert f"2026-11-25T10:00:00Z: {WINDOWS}: smb-static/iis-pod" in result.seen
    assert "`kubectl delete pod iis-pod -n smb-dynamic && kubectl delete pod iis-pod -n smb-static`" in result.fix
    assert walked(stack, "iis-pod", S)["old-logon"].state is State.WARNS
    assert walked(stack, "iis-pod", D)["old-logon"].state is State.HOLDS


def test_a_pod_that_mounted_after_the_change_is_not_named() -> None:
    stack = Stack()
    rotated(stack, mounted="2026-11-25T10:00:01Z", changed="2026-11-25T10:00:00Z")
    assert checked(stack, "nodes/old-logons").state is State.HOLDS


def test_a_restarted_container_keeps_the_mount_of_its_pod() -> None:
    stack = Stack()
    rotated(stack, mounted="2026-11-24T10:00:00Z", changed="2026-11-25T10:00:00Z")
    status = stack.cluster.objects[STATIC_POD]["status"]
    status["containerStatuses"] = [{"restartCount": 1, "state": {"running": {"startedAt": "2026-11-26T10:00:00Z"}}}]
    assert checked(stack, "nodes/old-logons").state is State.WARNS
