"""verify's own Pods: they fit the cluster, and one that cannot start is reported at once, with its cause."""

import time
from typing import Any, Final

import pytest

from tests.unit.verify_objects import pod_on
from tests.unit.verify_world import Stack
from verify.clients.cluster import Json
from verify.links import pod_start, shared_file
from verify.links.temporary_pod import manifest
from verify.trouble import BrokenError

PODS: Final = "/api/v1/namespaces/smb-static/pods"
CLAIM: Final = "anf-pvc-smb"
OS: Final = {"key": "node.kubernetes.io/os", "operator": "Equal", "value": "windows", "effect": "NoSchedule"}
OWN: Final[dict[str, Any]] = {
    "image": "contoso.azurecr.io/iis:1",
    "nodeSelector": {"kubernetes.io/os": "windows", "pool": "win"},
    "tolerations": [OS, {"key": "team", "operator": "Exists"}],
    "imagePullSecrets": [{"name": "registry"}],
}
TAINTED: Final = "0/3 nodes are available: 1 node(s) had untolerated taint {team: web}, 2 node(s) didn't match Pod's"


class Unlucky(Stack):
    """A stack whose temporary Pods do not start."""

    def __init__(self, status: Json, events: list[tuple[str, str]], node: str | None = None) -> None:
        super().__init__()
        self.status, self.events, self.node = status, events, node
        self.cluster.objects.pop(f"{PODS}/iis-pod")
        self.cluster._made = self._made  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]

    def _made(self, collection: str, pod: Json) -> Json:
        pod["status"] = self.status
        if self.node:
            pod["spec"]["nodeName"] = self.node
        self.cluster.put(collection, pod)
        for reason, message in self.events:
            self.event("smb-static", pod, reason, message)
        return pod

    def failure(self, seconds: float = 300) -> BrokenError:
        world = self.world
        with pytest.raises(BrokenError) as raised:
            shared_file.shared_file(world.cluster, world.pods, "smb-static", CLAIM, seconds)
        return raised.value


def spec_of(stack: Stack, like: Json | None = None) -> Json:
    world = stack.world
    return manifest(world.cluster, world.pods.needs, "smb-static", CLAIM, like, 60)["spec"]


def test_they_are_as_the_stack_says_even_beside_a_pod_of_another_kind() -> None:
    stack = Stack()
    stack.outputs["windowsPods"] = OWN
    spec = spec_of(stack, like=pod_on(CLAIM))
    assert {key: spec[key] for key in OWN if key != "image"} == {key: OWN[key] for key in OWN if key != "image"}
    assert spec["containers"][0]["image"] == OWN["image"]


def test_for_a_stack_of_an_earlier_version_they_are_as_the_pod_that_runs() -> None:
    pod = pod_on(CLAIM)
    pod["spec"] |= {"tolerations": [{"operator": "Exists"}]}
    pod["spec"]["containers"][0]["image"] = "iis:2"
    spec = spec_of(Stack(), like=pod)
    assert (spec["tolerations"][1:], spec["containers"][0]["image"]) == ([{"operator": "Exists"}], "iis:2")


def test_without_a_pod_the_image_fits_the_nodes_where_they_may_run() -> None:
    stack = Stack()
    nodes = [item for path, item in stack.cluster.objects.items() if path.startswith("/api/v1/nodes/akswin")]
    for node, pool, build in zip(nodes, ("old", "win"), ("10.0.17763", "10.0.26100"), strict=True):
        node["metadata"]["labels"] |= {"pool": pool, "node.kubernetes.io/windows-build": build}
    assert spec_of(stack)["containers"][0]["image"].endswith(":1809")
    stack.outputs["windowsPods"] = {"nodeSelector": {"pool": "win"}}
    assert spec_of(stack)["containers"][0]["image"].endswith(":ltsc2025")


def test_one_that_no_node_takes_is_reported_at_once_with_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pod_start, "PATIENCE_SECONDS", 0.5)
    began = time.monotonic()
    error = Unlucky({"phase": "Pending"}, [("FailedScheduling", TAINTED)]).failure()
    assert time.monotonic() - began < 10
    assert error.trouble.name == "node-tainted"
    assert TAINTED in error.seen


def test_a_node_that_the_autoscaler_adds_is_awaited_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pod_start, "PATIENCE_SECONDS", 0.1)
    began = time.monotonic()
    scaling = ("TriggeredScaleUp", "pod triggered scale-up: [{aks-win 0->1 (max: 3)}]")
    error = Unlucky({"phase": "Pending"}, [("FailedScheduling", TAINTED), scaling]).failure(seconds=2)
    assert time.monotonic() - began > 2
    assert "the cluster autoscaler adds a node: pod triggered scale-up: [{aks-win 0->1 (max: 3)}]" in error.seen


def test_one_whose_image_cannot_be_pulled_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pod_start, "PATIENCE_SECONDS", 0.5)
    waiting = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "contoso.azurecr.io/iis:1"'}
    status = {"phase": "Pending", "containerStatuses": [{"name": "verify", "state": {"waiting": waiting}}]}
    began = time.monotonic()
    error = Unlucky(status, [], node="akswin000000").failure()
    assert time.monotonic() - began < 10
    assert "contoso.azurecr.io/iis:1" in error.seen
    assert error.trouble.name == "image-not-pulled"


def test_one_that_only_takes_long_is_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pod_start, "PATIENCE_SECONDS", 0.1)
    waiting = {"reason": "ContainerCreating"}
    status = {"phase": "Pending", "containerStatuses": [{"name": "verify", "state": {"waiting": waiting}}]}
    began = time.monotonic()
    Unlucky(status, [], node="akswin000000").failure(seconds=1.5)
    assert time.monotonic() - began > 1.5
