"""Nodes as AKS shows them, and a Pod's life on them, on a real control plane."""

import uuid
from collections.abc import Iterator

import pytest

from sandbox.kube.objects import Json, condition
from sandbox.nodes.lifecycle import apply_nodes
from tests.nodes.world import RunningSandbox, eventually

CONTAINER: Json = {"name": "main", "image": "example.com/image"}


@pytest.fixture
def namespace(running: RunningSandbox) -> Iterator[str]:
    name = f"lifecycle-{uuid.uuid4().hex[:8]}"
    running.api.create("/api/v1/namespaces", {"metadata": {"name": name}})
    account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
    eventually(lambda: running.api.find(account), "the namespace's service account")
    yield name
    running.api.delete(f"/api/v1/namespaces/{name}")


def create_pod(running: RunningSandbox, namespace: str, **spec: object) -> str:
    pod: Json = {"metadata": {"name": "pod"}, "spec": {"containers": [CONTAINER], **spec}}
    running.api.create(f"/api/v1/namespaces/{namespace}/pods", pod)
    return f"/api/v1/namespaces/{namespace}/pods/pod"


def await_ready(running: RunningSandbox, path: str) -> Json:
    return eventually(lambda: pod if condition(pod := running.api.get(path), "Ready") else None, "the Pod is ready")


def test_the_nodes_are_those_of_an_aks_cluster_with_a_windows_pool(running: RunningSandbox):
    nodes: dict[str, Json] = {node["metadata"]["name"]: node for node in running.api.get("/api/v1/nodes")["items"]}
    assert set(nodes) == {"aks-nodepool1-38601234-vmss000000", "akswin000000", "akswin000001"}
    assert all(condition(node, "Ready") for node in nodes.values())
    windows = nodes["akswin000001"]
    labels: dict[str, str] = windows["metadata"]["labels"]
    assert {name: labels[name] for name in ("kubernetes.io/os", "kubernetes.azure.com/os-sku", "agentpool")} == {
        "kubernetes.io/os": "windows",
        "kubernetes.azure.com/os-sku": "Windows2025",
        "agentpool": "win",
    }
    assert labels["node.kubernetes.io/windows-build"] == "10.0.26100"
    assert windows["status"]["nodeInfo"]["osImage"] == "Windows Server 2025 Datacenter"
    assert windows["status"]["nodeInfo"]["operatingSystem"] == "windows"
    assert windows["spec"]["providerID"].endswith("/virtualMachineScaleSets/akswin/virtualMachines/1")
    path = "/api/v1/nodes/akswin000001"
    eventually(lambda: "taints" not in running.api.get(path)["spec"], "the node is no longer tainted as not ready")


def test_applying_the_lifecycle_again_changes_nothing(running: RunningSandbox):
    def nodes() -> list[tuple[Json, Json]]:
        items: list[Json] = running.api.get("/api/v1/nodes")["items"]
        return [(node["metadata"]["labels"], node["status"]) for node in items]

    before = nodes()
    apply_nodes(running.paths.kubeconfig)
    assert nodes() == before


def test_a_pod_without_claims_starts_through_its_init_containers(running: RunningSandbox, namespace: str):
    init: list[Json] = [{"name": "init", "image": "i"}, {"name": "side", "image": "i", "restartPolicy": "Always"}]
    pod = await_ready(running, create_pod(running, namespace, initContainers=init))
    ended, sidecar = pod["status"]["initContainerStatuses"]
    assert ended["state"]["terminated"]["exitCode"] == 0
    assert "running" in sidecar["state"]
    assert "running" in pod["status"]["containerStatuses"][0]["state"]
    assert pod["status"]["podIP"] == pod["status"]["podIPs"][0]["ip"]


def test_a_container_has_a_log_in_which_nothing_is(running: RunningSandbox, namespace: str):
    await_ready(running, create_pod(running, namespace))
    shown = running.kubectl("logs", "pod", "-n", namespace)
    assert (shown.returncode, shown.stdout) == (0, ""), shown.stderr


def test_a_readiness_gate_is_waited_for(running: RunningSandbox, namespace: str):
    path = create_pod(running, namespace, readinessGates=[{"conditionType": "example.com/warm"}])
    eventually(lambda: condition(running.api.get(path), "ContainersReady"), "the containers are ready")
    assert not condition(running.api.get(path), "Ready")
    warm = {"type": "example.com/warm", "status": "True"}
    running.api.merge_strategic(f"{path}/status", {"status": {"conditions": [warm]}})
    await_ready(running, path)


def test_a_job_completes(running: RunningSandbox, namespace: str):
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    template: Json = {"spec": {"restartPolicy": "Never", "containers": [CONTAINER]}}
    running.api.create(path, {"metadata": {"name": "job"}, "spec": {"template": template}})
    eventually(lambda: condition(running.api.get(f"{path}/job"), "Complete"), "the Job is complete")


def test_a_windows_pod_needs_no_toleration_and_is_deleted_within_its_grace_period(
    running: RunningSandbox, namespace: str
):
    windows = {"kubernetes.io/os": "windows"}
    path = create_pod(running, namespace, nodeSelector=windows, terminationGracePeriodSeconds=600)
    assert await_ready(running, path)["spec"]["nodeName"].startswith("akswin")
    running.api.delete(path)
    eventually(lambda: running.api.find(path) is None, "the Pod is gone")


def test_a_finalizer_holds_a_pod_back_but_not_its_containers(running: RunningSandbox, namespace: str):
    path = create_pod(running, namespace)
    running.api.merge(path, {"metadata": {"finalizers": ["example.com/hold"]}})
    await_ready(running, path)
    running.api.delete(path)
    phase = eventually(
        lambda: pod["status"]["phase"] if (pod := running.api.get(path))["status"]["phase"] != "Running" else None,
        "the containers ended",
    )
    assert phase == "Succeeded"
    running.api.merge(path, {"metadata": {"finalizers": None}})
    eventually(lambda: running.api.find(path) is None, "the Pod is gone")
