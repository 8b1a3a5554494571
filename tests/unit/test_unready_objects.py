"""The error of what was not ready in time carries its cause, as the cluster tells it, and a command for more."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pulumi
import pytest

import live_cluster.unready_objects as unready
from live_cluster.api import Connection, RefusedError
from live_cluster.unready_objects import UnreadyObjects
from tests.unit.test_telling import event, pod
from tests.unit.unit_mocks import CLAIM, RELEASE, Run, run, run_whole

LATE = "x was successfully created, but it failed to fully initialize or become live: 'x' timed out waiting to be Ready"
OUT_OF_TIME = "release csi-driver-smb failed, and has been uninstalled: context deadline exceeded"
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "smb-static", "name": "iis-pod"}}
DRIVER = {"name": "csi-driver-smb", "chart": "csi-driver-smb", "namespace": "kube-system", "timeout": 900.0}
TAINT = "0/3 nodes are available: 3 node(s) had untolerated taint {team: web}"


class Api:
    """An API server with collections and objects by the last part of their path."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def path(self, _version: str, kind: str, namespace: str | None, name: str) -> str:
        return f"/{namespace}/{kind}/{name}"

    def get(self, path: str) -> Any:
        if "refused" in self.answers:
            raise RefusedError(403)
        return self.answers.get(path.rpartition("/")[2])

    def items(self, path: str, **_: str) -> list[Any]:
        return self.get(path) or []


def logged(
    api: Api,
    inputs: Mapping[str, Any],
    error: str,
    monkeypatch: pytest.MonkeyPatch,
    kind: str = "kubernetes:core/v1:Pod",
) -> list[str]:
    """Return the log after a failed creation."""
    said: list[str] = []

    async def connected(_: Connection) -> Any:
        return api

    def log(urn: str, message: str) -> None:
        assert urn == "urn:x"
        said.append(message)

    monkeypatch.setattr(Connection, "api", connected)
    monkeypatch.setattr(unready, "_log_error", log)

    def program() -> None:
        hooks = UnreadyObjects(Connection(None, None)).explain_failures(
            pulumi.ResourceTransformationArgs(
                pulumi.ComponentResource("a:b:C", "c"), kind, "c", {}, pulumi.ResourceOptions()
            )
        )
        assert hooks.opts.hooks is not None
        (hook,) = hooks.opts.hooks.on_error or []
        args = pulumi.ErrorHookArgs("urn:x", "", "c", kind, inputs, failed_operation="create", errors=[error])
        answer: Any = hook(args)
        pulumi.export("retry", pulumi.Output.from_input(asyncio.ensure_future(answer)))

    done: Run = run(program)
    assert done.outputs["retry"] is False
    return said


def test_a_pods_error_carries_what_tells_most_and_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(**{"iis-pod": pod(node=None), "events": [event("FailedScheduling", TAINT, 1)]})
    assert logged(api, POD, LATE, monkeypatch) == [
        (
            f"Pod smb-static/iis-pod is not ready. FailedScheduling: {TAINT}\n"
            "python -m verify diagnose iis-pod -n smb-static --stack dev"
        )
    ]


def test_the_taints_that_a_newer_scheduler_only_counts_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    taints = [
        {"key": "node.kubernetes.io/os", "value": "windows", "effect": "NoSchedule"},
        {"key": "team", "value": "web", "effect": "NoSchedule"},
    ]
    counted = event("FailedScheduling", "2 node(s) had untolerated taint(s).", 1)
    waiting = pod(node=None)
    waiting["spec"]["tolerations"] = [{"key": "node.kubernetes.io/os", "operator": "Exists"}]
    api = Api(**{"iis-pod": waiting, "events": [counted], "nodes": [{"spec": {"taints": taints}}, {"spec": {}}]})
    (said,) = logged(api, POD, LATE, monkeypatch)
    assert "had untolerated taint(s). Taints of these nodes: team=web:NoSchedule\n" in said


def test_a_claims_error_carries_what_its_provisioner_says(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"namespace": "smb-dynamic", "name": "anf-pvc"}}
    failed = event("ProvisioningFailed", "the pool is full", 1)
    waiting = event("ExternalProvisioning", "Waiting for a volume to be created", 2, kind="Normal")
    api = Api(**{"anf-pvc": claim | {"spec": {}, "metadata": {"uid": "1"}}, "events": [failed, waiting]})
    assert logged(api, {"apiVersion": "v1", **claim}, LATE, monkeypatch) == [
        (
            "PersistentVolumeClaim smb-dynamic/anf-pvc is not ready. ProvisioningFailed: the pool is full\n"
            "python -m verify diagnose anf-pvc -n smb-dynamic --stack dev"
        )
    ]


def test_the_error_of_a_release_carries_what_its_removed_pods_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def minutes_ago(minutes: float, name: str, message: str) -> Any:
        time = (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
        told = event("FailedScheduling", message, 1) | {"lastTimestamp": time}
        return told | {"involvedObject": {"kind": "Pod", "name": name, "uid": name}}

    events = [
        minutes_ago(1, "coredns-1", "another's"),
        minutes_ago(5, "csi-smb-controller-1", TAINT),
        minutes_ago(30, "csi-smb-controller-0", "of an earlier installation"),
    ]
    (said,) = logged(Api(events=events), DRIVER, OUT_OF_TIME, monkeypatch, RELEASE)
    assert said == (
        "Helm release csi-driver-smb: its Pods were not ready within 900 s. "
        f"Pod csi-smb-controller-1: FailedScheduling: {TAINT}\npython -m verify --stack dev"
    )


def test_of_a_release_without_events_its_own_hint_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = logged(Api(), DRIVER, OUT_OF_TIME, monkeypatch, RELEASE)
    assert (
        "Watch them during the next `pulumi up`: kubectl get deployments,daemonsets,pods,events -n kube-system" in said
    )


def test_the_orchestrator_is_explained_by_tridents_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    orchestrator = {
        "apiVersion": "trident.netapp.io/v1",
        "kind": "TridentOrchestrator",
        "metadata": {"name": "trident"},
    }
    controller = pod(node=None, uid="2") | {"metadata": {"name": "trident-controller-1", "uid": "2"}}
    waits = event("FailedScheduling", TAINT, 1, uid="2")
    waits["involvedObject"]["name"] = "trident-controller-1"
    live = {"metadata": {"uid": "1"}, "spec": {"namespace": "trident"}}
    api = Api(trident=live, pods=[controller], events=[waits])
    assert logged(api, orchestrator, LATE, monkeypatch) == [
        (
            f"TridentOrchestrator trident is not ready. Pod trident-controller-1: FailedScheduling: {TAINT}\n"
            "python -m verify --stack dev"
        )
    ]


def test_what_cannot_be_read_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert logged(Api(refused=True), POD, LATE, monkeypatch) == [
        (
            "Pod smb-static/iis-pod is not ready; why could not be read from the cluster: HTTP status 403\n"
            "python -m verify diagnose iis-pod -n smb-static --stack dev"
        )
    ]


@pytest.mark.parametrize(
    "error",
    [
        "pods is forbidden",
        "failed to fully initialize or become live: Resource operation was cancelled",
        "failed to fully initialize or become live: Server-Side Apply field conflict detected",
    ],
)
def test_other_errors_and_interruptions_are_left_alone(monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    assert logged(Api(refused=True), POD, error, monkeypatch) == []


def test_every_object_of_the_cluster_has_the_hook_and_a_release_has_it_alone() -> None:
    whole = run_whole()
    assert list(whole.one(RELEASE, "csi-driver-smb-release").request.hooks.on_error) == ["object-unready"]
    assert "object-unready" in whole.one(CLAIM, "smb-claim").request.hooks.on_error
    assert all("object-unready" not in each.request.hooks.on_error for each in whole.all("azure-native:netapp:Account"))
