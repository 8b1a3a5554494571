"""When workloads and what belongs to them count as ready."""

from typing import Any

import pytest

from tests.sandbox.kubernetes.kubernetes_objects import POD_SPEC, READY, Background, set_pod_status, thing
from tests.sandbox.kubernetes.kubernetes_plugin import ProviderError

SERVICE = "kubernetes:core/v1:Service"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
DAEMON_SET = "kubernetes:apps/v1:DaemonSet"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
JOB = "kubernetes:batch/v1:Job"
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": POD_SPEC}


def test_a_job_is_done_when_it_is_complete(plugin: Any, namespace: str) -> None:
    template = {"spec": {**POD_SPEC, "restartPolicy": "Never"}}
    job = thing("Job", "job", namespace, "batch/v1", spec={"completions": 0, "template": template})

    assert plugin.create(JOB, job).outputs.values["status"]["conditions"]


def test_a_job_that_fails_for_good_is_not_waited_for(plugin: Any, namespace: str) -> None:
    template = {"spec": {**POD_SPEC, "restartPolicy": "Never"}}
    job = thing("Job", "job", namespace, "batch/v1", spec={"activeDeadlineSeconds": 1, "template": template})

    with pytest.raises(ProviderError, match="Resource 'job' was created but failed to initialize") as failure:
        plugin.create(JOB, job, timeout=60)

    assert "[DeadlineExceeded] Job was active longer than specified deadline" in failure.value.reasons


def test_a_service_without_pods_to_wait_for_is_ready_at_once(plugin: Any, namespace: str) -> None:
    service = thing("Service", "s", namespace, spec={"ports": [{"port": 80}], "clusterIP": "None"})

    assert plugin.create(SERVICE, service).id == f"{namespace}/s"


def test_a_service_without_ready_pods_settles(plugin: Any, namespace: str) -> None:
    service = thing("Service", "s", namespace, spec={"ports": [{"port": 80}], "selector": {"a": "b"}})

    made = plugin.create(SERVICE, service)

    assert "Service initialization complete" in plugin.engine.of(made.urn)


def test_a_load_balancer_without_an_address_says_so(plugin: Any, namespace: str) -> None:
    service = thing(
        "Service", "s", namespace, spec={"type": "LoadBalancer", "ports": [{"port": 80}], "selector": {"a": "b"}}
    )

    with pytest.raises(ProviderError, match="'s' timed out waiting to be Ready") as failure:
        plugin.create(SERVICE, service, timeout=1)

    no_pods, no_address = failure.value.reasons[1:]
    assert no_pods.startswith("Service does not target any Pods. Selected Pods may not be ready, or field ")
    assert no_address == "Service was not allocated an IP address; does your cloud provider support this?"


def test_a_deployment_waits_for_its_pods(plugin: Any, namespace: str, core: Any, background: Background) -> None:
    spec = {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}
    creation = background(
        plugin.create, DEPLOYMENT, thing("Deployment", "d", namespace, "apps/v1", spec=spec), name="d"
    )
    urn = plugin.urn(DEPLOYMENT, "d")
    plugin.engine.wait_for(urn, "Waiting for app ReplicaSet to be available (0/1 Pods available)")
    plugin.engine.wait_for(urn, "[MinimumReplicasUnavailable] Deployment does not have minimum availability.")
    for each in core.list_namespaced_pod(namespace).items:
        set_pod_status(core, namespace, each.metadata.name, phase="Running", conditions=READY)

    made = creation.result(timeout=30)

    assert made.outputs.values["status"]["readyReplicas"] == 1
    assert "Deployment initialization complete" in plugin.engine.of(urn)
    assert plugin.refresh(made).id == made.id


def test_a_deployment_without_live_pods_says_what_is_missing(plugin: Any, namespace: str) -> None:
    spec = {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}

    with pytest.raises(ProviderError, match="'d' timed out waiting to be Ready") as failure:
        plugin.create(DEPLOYMENT, thing("Deployment", "d", namespace, "apps/v1", spec=spec), timeout=2)

    assert "Minimum number of live Pods was not attained" in failure.value.reasons


def test_a_stateful_set_waits_for_its_pods(plugin: Any, namespace: str, core: Any, background: Background) -> None:
    spec = {"replicas": 1, "serviceName": "s", "selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}
    wanted = thing("StatefulSet", "s", namespace, "apps/v1", spec=spec)
    with pytest.raises(ProviderError, match="'s' timed out waiting to be Ready") as failure:
        plugin.create(STATEFUL_SET, wanted, timeout=2, name="s")
    assert "0 out of 1 replicas succeeded readiness checks" in failure.value.reasons

    core.patch_namespaced_pod_status("s-0", namespace, {"status": {"phase": "Running", "conditions": READY}})
    again = {**wanted, "metadata": {**wanted["metadata"], "labels": {"x": "y"}}}
    made = plugin.kept(failure.value, STATEFUL_SET, "s")
    changed = plugin.update(made, again)

    assert changed.outputs.values["status"]["readyReplicas"] == 1


def test_a_daemon_set_without_nodes_is_rolled_out(plugin: Any, namespace: str) -> None:
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}

    made = plugin.create(DAEMON_SET, thing("DaemonSet", "d", namespace, "apps/v1", spec=spec))

    assert "All replicas scheduled as expected. Replicas: 0" in plugin.engine.of(made.urn)


def test_a_quota_is_ready_when_it_is_counted(plugin: Any, namespace: str) -> None:
    made = plugin.create(
        "kubernetes:core/v1:ResourceQuota", thing("ResourceQuota", "q", namespace, spec={"hard": {"pods": 5}})
    )

    assert made.outputs.values["status"]["hard"] == {"pods": "5"}
