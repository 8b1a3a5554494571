"""What a program for SMB shares relies on in the genuine kubernetes plugin.

One stack lives its life in these tests, one after the other; each states what an operation before it has shown.
"""

import gc
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from pulumi import automation

from tests.plugins.kubernetes import program
from tests.plugins.kubernetes.conftest import Cluster
from tests.plugins.kubernetes.program import CRDS, GADGETS, SOMEONE, WIDGETS, Shares

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see error()

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
CHANGED = Shares(
    password="second-Passw0rd", size="200Gi", source="//anf/3", image="iis:2", level="Premium", driver="1.20.3"
)
MISFIT = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "misfit"},
    "spec": {"nodeSelector": {"no": "such"}, "containers": [{"name": "c", "image": "i"}]},
}


class Steps:
    """Operations on each resource and its changed properties, as the engine tells of them; not of what stays."""

    def __init__(self) -> None:
        self.of: dict[str, set[str]] = {}

    def __call__(self, event: automation.EngineEvent) -> None:
        if event.resource_pre_event and (step := event.resource_pre_event.metadata).op != automation.OpType.SAME:
            self.of.setdefault(_name(step.urn), set()).update({step.op.value, *(step.detailed_diff or {})})


@pytest.fixture(scope="module")
def misfit(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A chart whose Pod does not get ready."""
    chart = tmp_path_factory.mktemp("misfit")
    (chart / "Chart.yaml").write_text("{apiVersion: v2, name: misfit, version: 1.0.0}")
    (chart / "templates").mkdir()
    (chart / "templates" / "pod.yaml").write_text(json.dumps(MISFIT))
    return str(chart)


@pytest.fixture(scope="module")
def failed(cluster: Cluster, misfit: str) -> Iterator[Future[str]]:
    """The error of an `up` of what cannot succeed, which takes a minute and runs beside the tests."""
    api = cluster.api
    api.create(CRDS, program.crd("Gadget"))
    program.eventually(lambda: api.find(GADGETS) is not None)
    theirs = {"apiVersion": f"{program.GROUP}/v1", "kind": "Gadget", "metadata": {"name": "theirs"}}
    api.apply(f"{GADGETS}/theirs", {**theirs, "spec": {"level": "theirs"}}, SOMEONE)
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(error, cluster.stack("failures", program.unsuccessful(misfit)).up)


@pytest.fixture(scope="module")
def shares(cluster: Cluster, failed: Future[str]) -> dict[str, Any]:
    """The state after the first `up` of the stack."""
    existing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "existing"}, "data": {"a": "1"}}
    cluster.api.apply(f"{CONFIG_MAPS}/existing", existing, SOMEONE)
    operator = threading.Thread(target=program.operate, args=(cluster.api,), daemon=True)
    operator.start()
    cluster.stack("shares", Shares()).up()
    state = resources(cluster, "shares")
    operator.join()
    return state


def test_a_wait_ends_when_all_its_conditions_hold(shares: dict[str, Any]) -> None:
    assert shares["late"]["outputs"]["status"] == {"phase": "Bound", "ready": True}
    assert shares["claim"]["outputs"]["status"]["phase"] == "Bound"
    assert shares["pod"]["outputs"]["status"]["phase"] == "Running"


def test_a_patch_adds_its_fields_and_waits_for_the_object_of_another(cluster: Cluster, shares: dict[str, Any]) -> None:
    assert shares["installed"]["outputs"]["status"] == {"status": "Installed"}
    theirs = cluster.api.get(f"{GADGETS}/theirs")
    assert theirs["metadata"]["annotations"]["ours"] == "yes"
    assert theirs["spec"] == {"level": "theirs"}


def test_a_creation_takes_over_what_is_there(cluster: Cluster, shares: dict[str, Any]) -> None:
    """From 4.29 on the plugin refuses it. When this fails, what the README says of it is out of date."""
    assert shares["existing"]["outputs"]["data"] == {"a": "1", "b": "2"}


def test_releases_are_installed_from_the_charts_of_the_sandbox(shares: dict[str, Any]) -> None:
    for name, version in (("driver", "1.20.1"), ("trident", "100.2606.0")):
        outputs = shares[name]["outputs"]
        assert outputs["status"]["status"] == "deployed"
        assert outputs["version"] == outputs["status"]["version"] == version


def test_after_an_up_nothing_changes(cluster: Cluster, shares: dict[str, Any]) -> None:
    cluster.stack("shares", Shares()).preview(refresh=True, expect_no_changes=True)


def test_another_name_or_namespace_is_another_object_and_other_credentials_are_the_same_cluster(
    cluster: Cluster, shares: dict[str, Any]
) -> None:
    steps = Steps()
    other = cluster.kubeconfig.replace("current-context:", "preferences: {}\ncurrent-context:")
    renamed = Shares(namespace="renamed", backend="renamed")
    cluster.stack("shares", renamed, other).preview(on_event=steps)
    assert {name for name, step in steps.of.items() if "replace" in step} == {
        "namespace",
        "secret",
        "claim",
        "pod",
        "late",
    }
    assert "metadata.namespace" in steps.of["secret"]
    assert "metadata.name" in steps.of["late"]
    assert steps.of["cluster"] == {"update"}


def test_the_preview_of_another_source_fails_though_the_up_succeeds(cluster: Cluster, shares: dict[str, Any]) -> None:
    """The plugin previews the new object over the one that goes. When this fails, the README is out of date."""
    said = error(cluster.stack("shares", Shares(source="//anf/3")).preview)
    assert "spec.persistentvolumesource is immutable after creation" in said


@pytest.fixture(scope="module")
def changed(cluster: Cluster, shares: dict[str, Any]) -> Steps:
    steps = Steps()
    cluster.stack("shares", CHANGED).up(on_event=steps)
    return steps


def test_a_secret_changes_in_place_and_is_never_plaintext(
    cluster: Cluster, shares: dict[str, Any], changed: Steps
) -> None:
    assert changed.of["secret"] == {"update", "data.password"}
    now = resources(cluster, "shares")["secret"]["outputs"]
    assert now["metadata"]["uid"] == shares["secret"]["outputs"]["metadata"]["uid"]
    files = [file.read_bytes() for file in cluster.state.rglob("*") if file.is_file()]
    for secret in ("first-Passw0rd", "second-Passw0rd", "Zmlyc3QtUGFzc3cwcmQ", "c2Vjb25kLVBhc3N3MHJk"):
        assert not [content for content in files if secret.encode() in content]


@pytest.mark.parametrize(
    ("name", "path"),
    [("growing", "spec.capacity.storage"), ("late", "spec.serviceLevel"), ("driver", "version")],
)
def test_a_change_in_place(changed: Steps, name: str, path: str) -> None:
    assert changed.of[name] == {"update", path}


@pytest.mark.parametrize(
    ("name", "path"),
    [("moving", "spec.csi.volumeAttributes.source"), ("pod", "spec.containers[0].image")],
)
def test_a_change_that_needs_another_object_of_the_same_name(changed: Steps, name: str, path: str) -> None:
    assert changed.of[name] == {"delete-replaced", "replace", "create-replacement", path}


def test_a_refresh_sees_drift_where_the_program_sets_something_and_what_others_set_is_a_conflict(
    cluster: Cluster, changed: Steps
) -> None:
    drifted = {"apiVersion": f"{program.GROUP}/v1", "kind": "Widget", "spec": {"serviceLevel": "Ultra", "other": 1}}
    cluster.api.apply(f"{WIDGETS}/backend", {**drifted, "metadata": {"name": "backend"}}, SOMEONE)
    stack = cluster.stack("shares", CHANGED)
    assert stack.refresh().summary.resource_changes == {"same": 13, "update": 1}
    assert resources(cluster, "shares")["late"]["inputs"]["spec"] == {"serviceLevel": "Ultra"}
    said = error(stack.preview)
    assert "Server-Side Apply field conflict detected" in said
    assert f'conflict with "{SOMEONE}": .spec.serviceLevel' in said


def test_a_deletion_waits_for_finalizers_and_leaves_what_it_could_not_delete_in_the_state(
    cluster: Cluster, changed: Steps
) -> None:
    stack = cluster.stack("shares", CHANGED)
    said = error(stack.destroy)
    # Its warning of finalizers comes after the error or with it, as it happens: nobody can count on seeing it.
    assert "timed out waiting for the condition" in said
    assert resources(cluster, "shares").keys() == {"tryout-shares", "cluster", "late"}
    cluster.api.merge(f"{WIDGETS}/backend", {"metadata": {"finalizers": None}})
    assert stack.destroy().summary.resource_changes == {"delete": 3}


def test_after_a_destroy_types_and_namespace_of_a_release_stay_and_a_retained_patch(
    cluster: Cluster, changed: Steps
) -> None:
    api = cluster.api
    assert api.find(f"{CRDS}/tridentorchestrators.trident.netapp.io")
    assert api.find("/api/v1/namespaces/trident")
    assert api.find("/apis/storage.k8s.io/v1/csidrivers/smb.csi.k8s.io") is None
    assert api.get(f"{GADGETS}/theirs")["metadata"]["annotations"]["ours"] == "yes"
    assert api.find(f"{CONFIG_MAPS}/existing") is None, "what was taken over goes, too"


def test_a_refusal_fails_the_preview_and_a_missing_namespace_or_type_does_not(cluster: Cluster, misfit: str) -> None:
    unknown = f'chart "trident-operator" version "99.1.0" not found in {program.TRIDENT_CHARTS} repository'
    assert unknown in error(cluster.stack("refusals", program.refused_by_helm).preview)
    invalid = 'spec.accessModes: Unsupported value: "Any"'
    assert invalid in error(cluster.stack("refusals", program.refused_by_the_cluster).preview)
    assert cluster.stack("absent", program.unsuccessful(misfit)).preview().change_summary == {"create": 8}


def test_errors_that_others_can_go_by(failed: Future[str]) -> None:
    said = failed.result(timeout=300)
    for text in (
        "'never' timed out waiting to be Ready",
        "failed to fully initialize or become live: timed out waiting for the condition",
        f'conflict with "{SOMEONE}": .spec.level',
        "release never failed, and has been uninstalled due to atomic being set: context deadline exceeded",
        'was not successfully created by the Kubernetes API server: namespaces "nowhere" not found',
        "reported that the apiVersion for this resource does not exist. Verify that any required CRDs",
    ):
        assert text in said


def test_what_did_not_become_ready_is_in_the_state_and_what_was_refused_is_not(
    cluster: Cluster, failed: Future[str]
) -> None:
    failed.result(timeout=300)
    state = resources(cluster, "failures")
    assert {name for name, found in state.items() if found.get("initErrors")} == {"never", "unscheduled"}
    assert state.keys() == {"tryout-failures", "cluster", "never", "unscheduled"}


def error(operation: Callable[[], Any]) -> str:
    with pytest.raises(automation.CommandError) as failure:
        operation()
    gc.collect()  # the coroutine that the SDK leaves of a failed operation: in the midst of ast.parse it breaks that
    return str(failure.value)


def resources(cluster: Cluster, stack: str) -> dict[str, Any]:
    """The resources in a stack's state, by name."""
    state: Any = json.loads((cluster.state / f".pulumi/stacks/tryout/{stack}.json").read_bytes())
    return {_name(found["urn"]): found for found in state["checkpoint"]["latest"].get("resources", [])}


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
