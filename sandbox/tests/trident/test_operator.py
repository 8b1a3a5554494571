"""The operator, from the chart that installs it: statuses, what it makes, uninstallation."""

import time

import pytest

from sandbox.faults import TRIDENT_CRDS_LATE, TRIDENT_NEVER_INSTALLED
from sandbox.kube.api import ApiError
from sandbox.kube.objects import Json, runs, uid
from sandbox.trident.crds import API, CRDS, ORCHESTRATORS, kinds
from sandbox.trident.durations import INSTANT
from tests.nodes.world import eventually
from tests.trident.world import DOCUMENTED, NAMESPACE, NEWEST, TridentSandbox

CHART_KINDS = {"tridentorchestrators", "tridentconfigurators"}
TORC = f"{ORCHESTRATORS}/trident"
CONTROLLER = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/trident-controller"
ACCOUNT = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/trident-controller"
KEYS = f"/api/v1/namespaces/{NAMESPACE}/secrets/trident-encryption-keys"
IDENTITY = "azure.workload.identity/client-id"
LABEL = "azure.workload.identity/use"
VERSION = f"{API}/namespaces/{NAMESPACE}/tridentversions/trident"
WARNING = "Warning: Trident is running on an unsupported version of Kubernetes; v1."


# On one installation, before a test begins with a cluster without Trident.


def test_a_deleted_controller_comes_back_once_the_operator_has_waited_for_its_pod(trident: TridentSandbox) -> None:
    trident.api.delete(CONTROLLER)
    began = time.monotonic()
    eventually(lambda: trident.api.find(CONTROLLER), "another controller")
    assert time.monotonic() - began > INSTANT.pod_timeout - 1
    assert trident.status()["status"] == "Installed"


def test_a_second_orchestrator_is_refused(trident: TridentSandbox) -> None:
    second = {"apiVersion": "trident.netapp.io/v1", "kind": "TridentOrchestrator", "metadata": {"name": "second"}}
    trident.api.create(ORCHESTRATORS, {**second, "spec": {"namespace": "trident"}})

    def look() -> str | None:
        return (trident.api.get(f"{ORCHESTRATORS}/second").get("status") or {}).get("message")

    assert eventually(look, "a word on the second one") == "Trident is bound to another CR 'trident'"


def test_the_orchestrators_namespace_may_not_change(trident: TridentSandbox) -> None:
    trident.api.merge(TORC, {"spec": {"namespace": "elsewhere"}})
    trident.await_status("Failed", "namespace change from `trident` to `elsewhere`; namespace change is not allowed.")


def test_kinds_are_deleted_by_nobody_by_accident(trident: TridentSandbox) -> None:
    name = f"{CRDS}/tridentvolumes.trident.netapp.io"
    trident.api.delete(name)
    assert "trident.netapp.io" in trident.api.get(name)["metadata"]["finalizers"]
    body: Json = {"apiVersion": "trident.netapp.io/v1", "kind": "TridentVolume", "metadata": {"name": "x"}}
    with pytest.raises(ApiError, match="create not allowed while custom resource definition is terminating"):
        trident.api.create(f"{API}/namespaces/{NAMESPACE}/tridentvolumes", body)
    trident.clear_kinds()


# Each from the start.


def test_the_newest_chart_gets_to_installed(fresh_cluster: TridentSandbox) -> None:
    status = fresh_cluster.installed()
    assert (status["version"], status["namespace"]) == ("v26.06.0", "trident")
    assert status["currentInstallationParams"]["tridentImage"] == "docker.io/netapp/trident:26.06.0"
    status = fresh_cluster.await_status("Installed", "Trident installed; " + WARNING)
    assert status["message"].endswith("with an unsupported version of Kubernetes.")
    assert fresh_cluster.kinds() == {kind.plural for kind in kinds((26, 6))} | CHART_KINDS
    assert "Installing Trident" in fresh_cluster.events("default", "Installing")

    driver = fresh_cluster.api.get("/apis/storage.k8s.io/v1/csidrivers/csi.trident.netapp.io")
    assert driver["spec"]["attachRequired"] is True
    [controller] = fresh_cluster.pods("controller.csi.trident.netapp.io")
    assert controller["spec"]["serviceAccountName"] == "trident-controller"
    eventually(lambda: len(fresh_cluster.pods("node.csi.trident.netapp.io")) == 3, "a node plugin on each node")
    windows = fresh_cluster.api.get(f"/apis/apps/v1/namespaces/{NAMESPACE}/daemonsets/trident-node-windows")
    assert {each["effect"] for each in windows["spec"]["template"]["spec"]["tolerations"]} == {
        "NoExecute",
        "NoSchedule",
    }
    version = eventually(lambda: fresh_cluster.api.find(VERSION), "the TridentVersion")
    assert version["trident_version"] == "26.06.0"
    assert version["metadata"]["finalizers"] == ["trident.netapp.io"]


def test_the_documented_version(fresh_cluster: TridentSandbox) -> None:
    status = fresh_cluster.installed(DOCUMENTED)
    assert status["version"] == "v23.04.0"
    assert "acpVersion" not in status
    windows = fresh_cluster.api.get(f"/apis/apps/v1/namespaces/{NAMESPACE}/daemonsets/trident-node-windows")
    assert "tolerations" not in windows["spec"]["template"]["spec"]
    assert "tridentactionsnapshotrestores" not in fresh_cluster.kinds()


def test_an_upgrade_brings_the_new_version(cluster: TridentSandbox) -> None:
    cluster.installed("25.06.0")
    status = cluster.installed(NEWEST)
    assert status["version"] == "v26.06.0"
    pods = cluster.pods("controller.csi.trident.netapp.io")
    images = {pod["spec"]["containers"][0]["image"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}
    assert images == {"docker.io/netapp/trident:26.06.0"}


def test_another_identity_is_noted_and_restarts_nothing(cluster: TridentSandbox) -> None:
    cluster.installed(**identity("first"))
    eventually(lambda: cluster.pods("controller.csi.trident.netapp.io"), "the controller's Pod")
    before = cluster.api.get(CONTROLLER)["metadata"]["generation"]
    cluster.api.merge(TORC, {"spec": identity("second")})
    eventually(lambda: cluster.api.get(ACCOUNT)["metadata"]["annotations"][IDENTITY] == "second", "the second")
    assert cluster.api.get(CONTROLLER)["metadata"]["generation"] == before


def test_an_identity_that_is_gone_leaves_its_annotation_and_its_label(cluster: TridentSandbox) -> None:
    cluster.installed(**identity("first"))
    generation = cluster.api.get(CONTROLLER)["metadata"]["generation"]
    cluster.api.merge(TORC, {"spec": {"cloudProvider": "", "cloudIdentity": "", "imagePullPolicy": "Always"}})
    eventually(lambda: cluster.api.get(CONTROLLER)["metadata"]["generation"] > generation, "the operator's patch")
    assert cluster.api.get(ACCOUNT)["metadata"]["annotations"][IDENTITY] == "first"
    assert label(cluster) == "true"

    # A label of somebody else stays as well, but only once the operator's process has forgotten the identity.
    others = {"spec": {"template": {"metadata": {"labels": {LABEL: "false"}, "annotations": {"whose": "mine"}}}}}
    cluster.api.merge(CONTROLLER, others)
    cluster.api.merge(TORC, {"spec": {"imagePullPolicy": "IfNotPresent"}})
    eventually(lambda: label(cluster) == "true", "the label again")
    app = "operator.trident.netapp.io"
    [operator] = cluster.pods(app)
    cluster.api.delete(f"/api/v1/namespaces/{NAMESPACE}/pods/{operator['metadata']['name']}")
    eventually(
        lambda: [runs(pod) for pod in cluster.pods(app) if uid(pod) != uid(operator)] == [True], "another operator"
    )
    cluster.api.merge(CONTROLLER, others)
    pulls = {"spec": {"imagePullPolicy": "Never"}}
    cluster.api.merge(TORC, pulls)
    eventually(lambda: pull_policy(cluster) == "Never", "the new operator's patch")
    assert label(cluster) == "false"
    assert cluster.api.get(CONTROLLER)["spec"]["template"]["metadata"]["annotations"] == {"whose": "mine"}


def test_another_version_begins_anew(cluster: TridentSandbox) -> None:
    cluster.installed("25.10.0", **identity("first"))
    before = uid(cluster.api.get(CONTROLLER))
    keys = cluster.api.get(KEYS)["data"]
    cluster.installed(NEWEST, cloudProvider="", cloudIdentity="")
    assert uid(cluster.api.get(CONTROLLER)) != before
    assert "annotations" not in cluster.api.get(ACCOUNT)["metadata"]
    assert label(cluster) is None
    assert cluster.api.get(KEYS)["data"] == keys


def test_the_encryption_keys_outlive_an_uninstallation_and_go_with_the_orchestrator(cluster: TridentSandbox) -> None:
    cluster.installed()
    cluster.api.merge(TORC, {"spec": {"uninstall": True}})
    cluster.await_status("Uninstalled")
    assert cluster.api.get(KEYS)["metadata"]["labels"]["object"] == "persistent.trident.netapp.io"
    cluster.uninstall()
    cluster.await_gone(KEYS)


def identity(client_id: str) -> Json:
    return {"cloudProvider": "Azure", "cloudIdentity": f"{IDENTITY}: {client_id}"}


def label(cluster: TridentSandbox) -> str | None:
    return cluster.api.get(CONTROLLER)["spec"]["template"]["metadata"]["labels"].get(LABEL)


def pull_policy(cluster: TridentSandbox) -> str:
    return str(cluster.api.get(CONTROLLER)["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"])


def test_kinds_that_come_late(fresh_cluster: TridentSandbox) -> None:
    fresh_cluster.faults.set(TRIDENT_CRDS_LATE, 20)
    fresh_cluster.install()
    fresh_cluster.await_status("Installing")
    assert "tridentbackendconfigs" not in fresh_cluster.kinds()
    eventually(lambda: "tridentbackendconfigs" in fresh_cluster.kinds(), "the kinds, after all")
    fresh_cluster.await_status("Installed")


def test_a_controller_that_never_runs(cluster: TridentSandbox) -> None:
    cluster.faults.set(TRIDENT_NEVER_INSTALLED)
    cluster.install()
    cluster.await_status("Installing")
    message = "Failed to install Trident; err: pod provisioning in progress; containers are still in creating state"
    cluster.await_status("Failed", message)
    eventually(lambda: any(message in event for event in cluster.events("default", "Failed")), "an event")
    cluster.faults.clear()
    cluster.await_status("Installed")


def test_what_the_operator_refuses(cluster: TridentSandbox) -> None:
    cluster.install(NEWEST, tridentImage="docker.io/netapp/trident:25.02.1")
    cluster.await_status("Failed", "unsupported Trident image version '25.02.1', supported")


def test_nothing_is_done_without_a_running_operator(cluster: TridentSandbox) -> None:
    cluster.install(NEWEST, node_selector={"no-such": "node"})
    eventually(lambda: cluster.pods("operator.trident.netapp.io"), "the operator's Pod")
    assert cluster.status() == {}


def test_helm_uninstall_leaves_kinds_and_objects_whose_finalizers_hold_the_namespace(cluster: TridentSandbox) -> None:
    cluster.installed()
    eventually(lambda: cluster.api.find(VERSION), "the TridentVersion")
    cluster.uninstall()
    cluster.await_gone(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/trident-controller")
    cluster.await_gone("/apis/storage.k8s.io/v1/csidrivers/csi.trident.netapp.io")
    assert "tridentbackendconfigs" in cluster.kinds()
    cluster.api.delete(f"/api/v1/namespaces/{NAMESPACE}")

    def held() -> bool:
        conditions = cluster.api.get(f"/api/v1/namespaces/{NAMESPACE}")["status"].get("conditions", [])
        return any(each["type"] == "NamespaceFinalizersRemaining" and each["status"] == "True" for each in conditions)

    eventually(held, "the namespace waits for Trident's finalizers")


def test_a_wipeout_of_everything_takes_the_orchestrator_too(cluster: TridentSandbox) -> None:
    cluster.installed()
    cluster.api.merge(TORC, {"spec": {"uninstall": True, "wipeout": ["crds"]}})
    eventually(lambda: not cluster.kinds(), "the end of every kind")


def test_an_uninstallation_keeps_the_kinds_and_a_wipeout_those_that_it_is_to_spare(cluster: TridentSandbox) -> None:
    cluster.installed()
    cluster.api.merge(TORC, {"spec": {"uninstall": True}})
    cluster.await_status("Uninstalled", "Uninstalled Trident. NOTE")
    assert "tridentbackendconfigs" in cluster.kinds()
    cluster.await_gone(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/trident-controller")
    spared = [f"{kind}.trident.netapp.io" for kind in CHART_KINDS]
    cluster.api.merge(TORC, {"spec": {"wipeout": ["crds"], "skipCRDsToObliviate": spared}})
    status = cluster.await_status("Uninstalled", "removed CRDs")
    note = ". NOTE: This CR has uninstalled status; delete this CR to allow new Trident installation."
    assert status["message"] == f"Uninstalled Trident and removed CRDs{note}"
    assert cluster.kinds() == CHART_KINDS
    cluster.uninstall()
    cluster.api.delete(f"/api/v1/namespaces/{NAMESPACE}")
    cluster.await_gone(f"/api/v1/namespaces/{NAMESPACE}")
