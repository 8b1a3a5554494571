"""The event or container message that tells why an object is not ready: precise before general, newer before older."""

from typing import Any

import pytest

from live_cluster.telling import telling

MOUNT = 'MountVolume.MountDevice failed for volume "anf-pv-smb" : Windows System Error 53'
GENERAL = (
    "Unable to attach or mount volumes: unmounted volumes=[smb], unattached volumes=[smb]: timed out waiting for the "
    "condition"
)
PULL = 'Failed to pull image "nowhere/web:1": rpc error: code = NotFound desc = nowhere/web:1: not found'


def event(reason: str, message: str, minute: int, kind: str = "Warning", uid: str = "1") -> Any:
    involved = {"kind": "Pod", "name": f"pod-{uid}", "uid": uid}
    time = f"2026-01-01T00:{minute:02}:00Z"
    return {
        "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"},
        "type": kind,
        "reason": reason,
        "message": message,
        "involvedObject": involved,
        "lastTimestamp": time,
    }


def pod(node: str | None = "win-0", uid: str = "1", ready: str = "False", mounted: str = "False", **status: Any) -> Any:
    conditions = [{"type": "Ready", "status": ready}, {"type": "PodReadyToStartContainers", "status": mounted}]
    return {
        "metadata": {"name": f"pod-{uid}", "uid": uid},
        "spec": {"nodeName": node},
        "status": {"conditions": conditions, **status},
    }


def container(**states: Any) -> Any:
    return {"containerStatuses": [{"name": "web", **states}]}


def said(*events: Any, pods: Any = ()) -> str:
    return str(telling(events, pods) or "")


def test_of_precise_messages_the_newer_one_tells() -> None:
    other = event("FailedMount", "Windows System Error 1326", 2)
    assert said(other, event("FailedMount", MOUNT, 1), pods=[pod()]) == "FailedMount: Windows System Error 1326"


@pytest.mark.parametrize(
    "general",
    [
        event("FailedMount", GENERAL, 9),
        event("FailedMount", "context deadline exceeded", 9),
        event("FailedMount", "An operation with the given Volume ID x already exists", 9),
        event("Failed", "Error: ImagePullBackOff", 9),
        event("BackOff", "Back-off restarting failed container web in pod iis-pod_smb-static(1)", 9),
        event("Pulling", 'Pulling image "web"', 9, kind="Normal"),
    ],
)
def test_a_general_message_never_wins_beside_a_precise_one(general: Any) -> None:
    precise = event("Failed", PULL, 1)
    assert said(precise, general, pods=[pod()]) == said(general, precise, pods=[pod()]) == f"Failed: {PULL}"


def test_a_general_message_alone_is_better_than_none() -> None:
    assert said(event("FailedMount", GENERAL, 1), pods=[pod()]) == f"FailedMount: {GENERAL}"


def test_a_long_pull_of_the_image_is_named() -> None:
    mounted = event("Pulling", 'Pulling image "web"', 2, kind="Normal")
    scheduled = event("Scheduled", "Successfully assigned", 3, kind="Normal")
    assert said(event("FailedMount", MOUNT, 1), mounted, scheduled, pods=[pod()]) == 'Pulling: Pulling image "web"'


def test_what_the_pod_has_got_past_tells_nothing() -> None:
    scheduling = event("FailedScheduling", "0/3 nodes are available", 5)
    assert said(scheduling, pods=[pod(node=None)]) == "FailedScheduling: 0/3 nodes are available"
    assert said(scheduling, pods=[pod()]) == ""
    assert said(event("FailedMount", MOUNT, 5), pods=[pod(mounted="True")]) == ""
    assert said(event("FailedMount", MOUNT, 5), pods=[pod(ready="True")]) == ""


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"state": {"waiting": {"reason": "ContainerCreating"}}}, ""),
        (
            {"state": {"waiting": {"reason": "ImagePullBackOff", "message": f"Back-off: ErrImagePull: {PULL}"}}},
            f"container web: ImagePullBackOff: Back-off: ErrImagePull: {PULL}",
        ),
        ({"state": {"waiting": {"reason": "CreateContainerError"}}}, "container web: CreateContainerError"),
        (
            {
                "state": {
                    "waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}
                },
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "message": "no web root"}},
            },
            "container web: CrashLoopBackOff: exit code 1: no web root",
        ),
        (
            {"state": {"terminated": {"exitCode": 128, "reason": "StartError", "message": "does not match the host"}}},
            "container web: StartError: exit code 128: does not match the host",
        ),
        ({"state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}, ""),
    ],
)
def test_a_container_says_itself_why_it_does_not_run(states: Any, expected: str) -> None:
    assert said(pods=[pod(mounted="True", **container(**states))]) == expected


def test_the_event_of_a_failed_pull_tells_more_than_the_old_text_of_a_waiting_container() -> None:
    waiting = {
        "state": {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "nowhere/web:1"'}}
    }
    assert said(event("Failed", PULL, 1), pods=[pod(mounted="True", **container(**waiting))]) == f"Failed: {PULL}"


def test_among_many_pods_a_ready_one_tells_nothing_and_a_deleted_one_does() -> None:
    events = [event("FailedScheduling", "untolerated taint", 1, uid="gone"), event("FailedMount", MOUNT, 2)]
    found = telling(events, [pod(ready="True")])
    assert found is not None
    assert (found.name, found.message) == ("pod-gone", "untolerated taint")


def test_a_mount_is_told_in_the_words_that_verify_uses() -> None:
    output = (
        r'rpc error: code = Internal desc = volume(h) mount "x" on "y" failed with NewSmbGlobalMapping failed. output: '
        r'"New-SmbGlobalMapping : The network path was not found. \r\nAt line:1 char:190\r\n+ ... ser\r\n+  ~~~\r\n    '
        r"+ CategoryInfo          : NotSpecified: (MSFT_Smb) [New-Smb \r\n   pping], CimException\r\n    "
        r'+ FullyQualifiedErrorId : Windows System Error 53,New-SmbGlobalMapping\r\n \r\n", err: exit status 1'
    )
    assert said(event("FailedMount", output, 1)) == (
        "FailedMount: New-SmbGlobalMapping : The network path was not found. (Windows System Error 53)"
    )
