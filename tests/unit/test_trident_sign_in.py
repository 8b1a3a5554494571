"""Another sign-in of Trident under mocks: what restarts the controller, and what it waits for."""

import json
from typing import Any, Final

import pytest

from components.trident import Trident
from tests.unit.test_prior_state import kept
from tests.unit.unit_mocks import CLIENT_ID, Cloud, Registered, run_whole

ACCOUNT_PATCH: Final = "kubernetes:core/v1:ServiceAccountPatch"
DEPLOYMENT_PATCH: Final = "kubernetes:apps/v1:DeploymentPatch"
ORCHESTRATOR: Final = "kubernetes:trident.netapp.io/v1:TridentOrchestratorPatch"
OTHER: Final = "99999999-9999-9999-9999-999999999999"
INSTALLED: Final = kept(Trident.__name__, ORCHESTRATOR, "trident-orchestrator", metadata={"name": "trident"})


def before(sign_in: str, restarted: str | None = None) -> dict[str, Any]:
    """Return the patch of an earlier `up`."""
    template = {"template": {"metadata": {"annotations": {"anf-smb/sign-in": restarted}}}} if restarted else None
    metadata = {"name": "trident-controller", "annotations": {"anf-smb/sign-in": sign_in}}
    return kept(Trident.__name__, DEPLOYMENT_PATCH, "trident-sign-in", metadata=metadata, spec=template)


def patch(*prior: dict[str, Any], **trident: Any) -> Registered:
    wanted = {"version": "100.2606.0", "clientId": CLIENT_ID, **trident}
    return run_whole(cloud=Cloud(prior=prior), trident=wanted).one(DEPLOYMENT_PATCH, "trident-sign-in")


def restarted(patched: Registered) -> tuple[str, str] | None:
    """Return the mark and the label in the Pod's template."""
    spec: dict[str, Any] | None = patched.inputs.get("spec")
    template = spec["template"]["metadata"] if spec else None
    return (template["annotations"]["anf-smb/sign-in"], *template["labels"].values()) if template else None


def test_a_new_trident_runs_with_its_sign_in_and_is_not_restarted() -> None:
    patched = patch()
    assert restarted(patched) is None
    assert patched.inputs["metadata"]["annotations"]["anf-smb/sign-in"] == f"workloadIdentity {CLIENT_ID}"


def test_the_same_sign_in_restarts_nothing() -> None:
    same = f"workloadIdentity {CLIENT_ID}"
    assert restarted(patch(INSTALLED, before(same))) is None
    assert restarted(patch(INSTALLED, before(same, same))) == (same, "true")


@pytest.mark.parametrize(
    ("was", "trident", "text", "label"),
    [
        (f"workloadIdentity {OTHER}", {}, f"workloadIdentity {CLIENT_ID}", "true"),
        (f"workloadIdentity {CLIENT_ID}", {"authentication": "clientSecret"}, "clientSecret", "false"),
        ("clientSecret", {"authentication": "managedIdentity", "clientId": None}, "managedIdentity", "false"),
        ("clientSecret", {}, f"workloadIdentity {CLIENT_ID}", "true"),
    ],
)
def test_another_sign_in_makes_the_controllers_pod_another_one(
    was: str, trident: dict[str, Any], text: str, label: str
) -> None:
    assert restarted(patch(INSTALLED, before(was), **trident)) == (text, label)


def test_a_trident_of_an_earlier_program_is_restarted_once() -> None:
    text = f"workloadIdentity {CLIENT_ID}"
    assert restarted(patch(INSTALLED)) == (text, "true")


def test_the_restart_waits_until_the_operator_has_noted_the_identity() -> None:
    run = run_whole(trident={"version": "100.2606.0", "clientId": CLIENT_ID})
    told = run.one(ACCOUNT_PATCH)
    annotations = told.inputs["metadata"]["annotations"]
    identity, *itself = json.loads(annotations["pulumi.com/waitFor"])
    assert identity == f'jsonpath={{.metadata.annotations["azure.workload.identity/client-id"]}}={CLIENT_ID}'
    assert f'jsonpath={{.metadata.annotations["anf-smb/sign-in"]}}={annotations["anf-smb/sign-in"]}' in itself
    assert told.urn in run.one(DEPLOYMENT_PATCH).request.dependencies


def test_the_identity_of_the_nodes_is_awaited_in_the_pods_template() -> None:
    annotations = patch(authentication="managedIdentity", clientId=None).inputs["metadata"]["annotations"]
    file, available, *itself = json.loads(annotations["pulumi.com/waitFor"])
    assert "AZURE_CREDENTIAL_FILE" in file
    assert available == "condition=Available"
    assert 'jsonpath={.metadata.annotations["anf-smb/sign-in"]}=managedIdentity' in itself
    assert "pulumi.com/waitFor" not in patch().inputs["metadata"]["annotations"]


def test_what_is_patched_stays_when_the_stack_forgets_it() -> None:
    assert patch().request.retainOnDelete


def test_a_wipeout_has_no_controller_to_restart() -> None:
    run = run_whole(trident={"version": "100.2606.0", "enabled": True, "wipeout": True}, dynamicClaims=None)
    assert run.all(DEPLOYMENT_PATCH) == []
