"""The event or message that tells most decides why a Pod is not Ready: mounts, containers, neither."""

import pytest

from tests.unit.mount_messages import GENERAL, MOUNT, SYMPTOMS, event, forms, named
from tests.unit.verify_breaks import DYNAMIC_CLAIM, STATIC_POD, pending, waiting
from tests.unit.verify_world import Stack
from verify.clients.cluster import Cluster
from verify.links import claims, pods
from verify.links.mounting import judgement
from verify.trouble import BrokenError

LOGONS = list(forms(1326, SYMPTOMS[1326]).values())
LOGON = LOGONS[0]
STALE = f'{MOUNT}fetching NodeStageSecretRef failed: secrets "smbcreds" not found'
OTHER = 'MountVolume.MountDevice failed for volume "pv-of-others" : rpc error: mount error(13): Permission denied'


def found(stack: Stack, path: str = STATIC_POD) -> BrokenError:
    """Return the trouble of a Pod that is not Ready."""
    pod = stack.cluster.objects[path]
    pod["status"].setdefault("conditions", [])
    return pods.why_not_ready(Cluster(stack.cluster), pod, "anf-pv-smb")


@pytest.mark.parametrize(
    ("newest_first", "trouble"),
    [
        ([GENERAL, LOGON], "logon-failed"),
        ([LOGON, GENERAL], "logon-failed"),
        ([f"{MOUNT}context deadline exceeded", LOGON, GENERAL], "logon-failed"),
        ([forms(67, SYMPTOMS[67])["Trident"], LOGON], "share-not-found"),
        ([f"{MOUNT}something else", LOGON], "mount-failed"),
        ([GENERAL, f"{MOUNT}something else"], "mount-failed"),
        ([STALE, LOGON], "logon-failed"),
        ([STALE, GENERAL], "mount-retried-later"),
        ([GENERAL], "mount-timed-out"),
        ([OTHER, GENERAL], "other-volume-fails"),
        (
            ['MountVolume.SetUp failed for volume "x" : object "smb-static"/"kube-root-ca.crt" not registered', LOGON],
            "logon-failed",
        ),
        (['MountVolume.SetUp failed for volume "config" : configmap "web" not found'], "pod-object-missing"),
    ],
)
def test_the_newest_event_that_names_a_cause_decides(newest_first: list[str], trouble: str) -> None:
    assert named(*newest_first) == trouble


@pytest.mark.parametrize(("times", "trouble"), [(("10:01:00", "10:02:00"), 67), (("10:02:00", "10:01:00"), 1326)])
def test_the_time_at_which_an_event_was_last_seen_counts(times: tuple[str, str], trouble: int) -> None:
    stack = Stack()
    pod = stack.cluster.objects[STATIC_POD]
    pod["status"] = {"phase": "Pending"}
    for number, time in zip((1326, 67), times, strict=True):
        stack.event("smb-static", pod, "FailedMount", forms(number, SYMPTOMS[number])["HostProcess"], time)
    assert found(stack).trouble.matches(f"Windows System Error {trouble}")


def test_a_cause_that_an_earlier_link_has_disproved_is_never_named() -> None:
    proved = {
        "driver name smb.csi.k8s.io not found in the list of registered CSI drivers",
        'secrets "smbcreds" not found',
        "empty username or password is not allowed",
        "source field is missing, current context: map[]",
        'persistentvolumeclaims "anf-pvc-smb" not found',
    }
    for message in proved:
        assert named(f"{MOUNT}{message}") == "mount-retried-later", message
    assert named("Unable to attach or mount volumes: timed out waiting for the condition") == "mount-timed-out"


def test_events_of_an_earlier_pod_of_that_name_do_not_count() -> None:
    stack = Stack()
    pod = stack.cluster.objects[STATIC_POD]
    stack.event("smb-static", {"metadata": {"uid": "an-earlier-one"}}, "FailedMount", LOGON)
    pod["status"] = {"phase": "Pending"}
    assert found(stack).trouble.name == "pod-not-ready"


def test_the_fix_names_pod_node_and_volume_and_the_finding_quotes_the_event() -> None:
    stack = Stack()
    pod = stack.cluster.objects[STATIC_POD]
    pod["status"] = {"phase": "Pending"}
    stack.event("smb-static", pod, "FailedMount", forms(1219, SYMPTOMS[1219])["HostProcess"])
    broken = found(stack)
    assert broken.trouble.name == "another-user-on-node"
    assert "spec.nodeName=akswin000000`" in broken.trouble.fix_for(broken.values)
    assert broken.seen == (
        'Pending, not Ready: MountVolume.MountDevice failed for volume "anf-pv-smb" : New-SmbGlobalMapping : '
        f"{SYMPTOMS[1219]}. (Windows System Error 1219)"
    )


LINUX = (
    f'{MOUNT}volume(v) mount "//anf/smb" on "/var/lib/kubelet" failed with mount failed: exit status 32\nMounting '
    "command: mount\nMounting arguments: -t cifs -o vers=3.0,<masked> //anf/smb /var/lib/kubelet\nOutput: mount "
    "error(13): Permission denied\nRefer to the mount.cifs(8) manual page (e.g. man mount.cifs)"
)
UNKNOWN = f'{MOUNT}volume(v) mount "//anf/smb" on "c:\\x" failed with os.Symlink(a, b) failed with no such thing'
EMPTY = f'{MOUNT}NewSmbGlobalMapping failed. output: "", err: exit status 0xc0000142'


@pytest.mark.parametrize(
    ("message", "said"),
    [
        *((form, f"New-SmbGlobalMapping : {SYMPTOMS[1326]}. (Windows System Error 1326)") for form in LOGONS[:3]),
        (LINUX, "mount error(13): Permission denied"),
        (UNKNOWN, "os.Symlink(a, b) failed with no such thing"),
        (EMPTY, 'NewSmbGlobalMapping failed. output: "", err: exit status 0xc0000142'),
    ],
)
def test_an_event_is_shown_by_what_it_says_itself(message: str, said: str) -> None:
    found = judgement.judged([event(message)], "anf-pv-smb")
    assert found is not None
    assert found[1] == f'MountVolume.MountDevice failed for volume "anf-pv-smb" : {said}'


IMAGE = 'failed to pull and unpack image "mcr.microsoft.com/windows/servercore/iis:x"'


@pytest.mark.parametrize(
    ("reason", "message", "trouble"),
    [
        ("ErrImagePull", f"rpc error: {IMAGE}: no match for platform in manifest: not found", "image-other-windows"),
        (
            "CreateContainerError",
            "hcsshim::CreateComputeSystem 1a: The container operating system does not match the host operating system.",
            "image-other-windows",
        ),
        (
            "ImagePullBackOff",
            f'Back-off pulling image "x": ErrImagePull: {IMAGE}: failed to resolve reference "x": x: not found',
            "image-not-found",
        ),
        ("ErrImagePull", f"{IMAGE}: failed to authorize: … 401 Unauthorized", "image-unauthorized"),
        (
            "ErrImagePull",
            f"{IMAGE}: pull access denied, repository does not exist or may require authorization",
            "image-unauthorized",
        ),
        ("ErrImagePull", f"{IMAGE}: dial tcp: lookup registry.invalid: no such host", "image-registry-unreachable"),
        ("ErrImagePull", "something else", "image-not-pulled"),
        ("InvalidImageName", "couldn't parse image name", "image-not-found"),
        (
            "RunContainerError",
            r"failed to start: hcs::System::CreateProcess web: CreateFile \\?\UNC\anf: Access is denied.",
            "container-access-denied",
        ),
        (
            "RunContainerError",
            "hcs::System::CreateProcess web: The system cannot find the file specified.: unknown",
            "container-command-missing",
        ),
        ("CreateContainerConfigError", 'secret "web" not found', "container-config-missing"),
        ("CreateContainerError", "something else", "container-start-failed"),
        ("CrashLoopBackOff", "back-off 5m0s restarting failed container=web", "container-exits"),
    ],
)
def test_a_container_that_waits_is_named_and_its_message_is_shown(reason: str, message: str, trouble: str) -> None:
    stack = Stack()
    waiting(STATIC_POD, reason, message)(stack)
    stack.event("smb-static", stack.cluster.objects[STATIC_POD], "FailedMount", LOGON)  # of an earlier attempt
    broken = found(stack)
    assert broken.trouble.name == trouble
    assert f"container web: {reason}: {message}" in broken.seen


def test_a_container_that_has_ended_shows_its_exit_code() -> None:
    stack = Stack()
    pod = stack.cluster.objects[STATIC_POD]
    ended = {"terminated": {"reason": "Error", "exitCode": 3, "message": "no site"}}
    crashing = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}}
    pod["status"] = {"phase": "Running", "containerStatuses": [{"name": "web", "state": crashing, "lastState": ended}]}
    broken = found(stack)
    assert broken.trouble.name == "container-exits"
    assert broken.seen.endswith("before: Error: exit code 3: no site")


def test_an_older_kubelets_back_off_is_told_by_its_event() -> None:
    stack = Stack()
    waiting(STATIC_POD, "ImagePullBackOff", 'Back-off pulling image "x"')(stack)
    pod = stack.cluster.objects[STATIC_POD]
    stack.event(
        "smb-static", pod, "Failed", f'Failed to pull image "x": rpc error: {IMAGE}: no match for platform in manifest'
    )
    assert found(stack).trouble.name == "image-other-windows"


@pytest.mark.parametrize(
    ("reason", "message", "trouble"),
    [
        ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 403", "readiness-probe-fails"),
        ("Pulling", 'Pulling image "x"', "image-is-pulled"),
        ("FailedCreatePodSandBox", "Failed to create pod sandbox: rpc error: no address left", "pod-sandbox-failed"),
        ("FailedMapVolume", "MapVolume.SetUpDevice failed for volume", "mount-failed"),
        ("FailedAttachVolume", "AttachVolume.Attach failed for volume: rpc error: not there", "mount-failed"),
    ],
)
def test_all_events_of_a_pod_are_judged(reason: str, message: str, trouble: str) -> None:
    stack = Stack()
    pod = stack.cluster.objects[STATIC_POD]
    pod["status"] = {"phase": "Pending"}
    stack.event("smb-static", pod, reason, message)
    broken = found(stack)
    assert broken.trouble.name == trouble
    assert message in broken.seen


def test_without_any_event_no_mount_is_blamed() -> None:
    stack = Stack()
    stack.cluster.objects[STATIC_POD]["status"] = {"phase": "Pending"}
    assert found(stack).trouble.name == "pod-not-ready"


def test_a_general_event_of_a_claim_never_wins() -> None:
    stack = Stack()
    pending("PoolSizeTooSmall: Pool size too small for total volume size.")(stack)
    stack.event("smb-dynamic", stack.cluster.objects[DYNAMIC_CLAIM], "ProvisioningFailed", "context deadline exceeded")
    with pytest.raises(BrokenError, match="PoolSizeTooSmall") as error:
        claims.claim_bound(Cluster(stack.cluster), "smb-dynamic", "anf-pvc-smb-dynamic")
    assert error.value.trouble.name == "pool-too-small"
