"""Several pools with a backend and a StorageClass each; and names that another stack may have."""

from typing import Any, Final

import pytest

from components import rules
from tests.unit.test_prior_state import DYNAMIC, kept
from tests.unit.unit_mocks import (
    ASSIGNMENT,
    BACKEND_CONFIG,
    CLAIM,
    IDENTITY,
    KUBERNETES_SECRET,
    ROLE,
    STORAGE_CLASS,
    SUBSCRIPTION_ID,
    Cloud,
    Run,
    committed,
    dev,
    run_whole,
)

FIRST: Final = committed("dev")["anf-smb:pools"][0]
FAST: Final = {"name": "fast", "serviceLevel": "Ultra", "sizeTiB": 1, "storageClass": "fast"}
CLAIMS: Final = [
    {"name": "smb-dynamic", "sizeGiB": 100},
    {"name": "db", "sizeGiB": 100, "storageClass": "fast"},
]
PARAMETERS: Final = {"backendType": "azure-netapp-files", "trident.netapp.io/nasType": "smb"}
PRINCIPAL: Final = "55555555-5555-5555-5555-555555555555"
EXISTING: Final[dict[str, Any]] = {
    "resourceGroup": {"name": "rg-anf-dev", "existing": True},
    "account": {"name": "anf-dev", "existing": True},
    "activeDirectory": None,
}


def two(**changes: Any) -> Run:
    return run_whole(pools=[FIRST, FAST], dynamicClaims=CLAIMS, **changes)


def pools_of(run: Run) -> dict[str, str | None]:
    """Return the backends that each StorageClass takes."""
    classes = {each.inputs["metadata"]["name"]: each.inputs["parameters"] for each in run.all(STORAGE_CLASS)}
    return {name: parameters.get("storagePools") for name, parameters in classes.items()}


def test_each_pool_with_a_class_has_a_backend_of_its_own_and_claims_go_where_they_say() -> None:
    run = two()
    specs = {each.inputs["metadata"]["name"]: each.inputs["spec"] for each in run.all(BACKEND_CONFIG)}
    assert {
        name: (spec["backendName"], spec["serviceLevel"], spec["capacityPools"]) for name, spec in specs.items()
    } == {
        "backend-tbc-anf-smb": ("anf-smb", "Standard", ["rg-anf-dev/anf-dev/pool-dev"]),
        "backend-tbc-anf-fast": ("anf-fast", "Ultra", ["rg-anf-dev/anf-dev/fast"]),
    }
    assert pools_of(run) == {"anf-sc-smb": "anf-smb:.*", "fast": "anf-fast:.*"}
    assert run.one(CLAIM, "smb-dynamic-claim").inputs["spec"]["storageClassName"] == "anf-sc-smb"
    assert run.one(CLAIM, "db-claim").inputs["spec"]["storageClassName"] == "fast"
    assert run.outputs["storageClassName"] == "anf-sc-smb"
    assert run.outputs["pools"]["fast"]["tridentBackendConfigName"] == "backend-tbc-anf-fast"
    assert run.outputs["dynamicClaims"]["db"] == run.outputs["dynamicClaims"]["db"] | {
        "storageClassName": "fast",
        "poolName": "fast",
    }


def test_a_pool_without_a_class_has_no_backend() -> None:
    run = run_whole(pools=[FIRST, {**FAST, "storageClass": None}])
    assert [each.name for each in run.all(BACKEND_CONFIG)] == ["pool-dev-backend-config"]
    assert "storageClassName" not in run.outputs["pools"]["fast"]


def test_the_backend_of_the_first_pool_was_the_only_one_of_an_earlier_program() -> None:
    aliases = {
        each.name: [(alias.spec.name, alias.spec.noParent) for alias in each.request.aliases]
        for each in two().all("anf-smb:index:TridentSmbBackend")
    }
    assert set(aliases["pool-dev"]) == {("", True), ("anf-smb", False), ("anf-smb", True)}
    assert set(aliases["fast"]) == {("", True)}


def test_each_backend_has_a_secret_of_its_own() -> None:
    signs_in = {"version": "100.2606.0", "authentication": "clientSecret", "clientId": PRINCIPAL}
    secrets = {each.inputs["metadata"]["name"] for each in two(trident=signs_in).all(KUBERNETES_SECRET)}
    assert {"backend-tbc-anf-secret", "backend-tbc-anf-fast-secret"} <= secrets


OPEN: Final = kept("TridentSmbBackend", STORAGE_CLASS, "c", metadata={"name": "anf-sc-smb"}, parameters=PARAMETERS)


def test_a_class_of_an_earlier_program_stays_as_it_is_until_the_stack_has_another_backend() -> None:
    assert pools_of(run_whole(cloud=Cloud(prior=[OPEN]))) == {"anf-sc-smb": None}
    assert pools_of(run_whole(cloud=Cloud(prior=[]))) == {"anf-sc-smb": "anf-smb:.*"}
    assert pools_of(two(cloud=Cloud(prior=[OPEN])))["anf-sc-smb"] == "anf-smb:.*"


def test_the_names_of_a_running_stack_stay_where_a_default_has_changed() -> None:
    label = f"rg-anf-dev/anf-dev, {SUBSCRIPTION_ID}"
    prior = [
        OPEN,
        kept("TridentIdentity", IDENTITY, "trident-identity", resourceName="anf-dev-trident"),
        kept("TridentRole", ROLE, "trident-storage-role", roleName=f"Trident volumes ({label})"),
    ]
    running = run_whole(cloud=Cloud(prior=prior), **EXISTING)
    assert running.one(IDENTITY).inputs["resourceName"] == "anf-dev-trident"
    assert running.one(ROLE, "trident-features-role").inputs["roleName"] == f"Trident features ({label})"
    elsewhere = run_whole(cloud=Cloud(prior=prior), trident={"enabled": False})
    assert elsewhere.outputs["storageClassName"] == "anf-sc-smb"
    assert elsewhere.outputs["tridentBackendConfigName"] == "backend-tbc-anf-smb"

    new = run_whole(**EXISTING)
    assert new.one(IDENTITY).inputs["resourceName"] == "anf-dev-anf-smb-dev-trident"
    assert "anf-dev/anf-smb/dev" in new.one(ROLE, "trident-features-role").inputs["roleName"]
    assert run_whole(trident={"enabled": False}).outputs["tridentBackendName"] == "anf-smb-dev"


def test_a_chosen_name_counts_more_than_that_of_the_state() -> None:
    named = [{**FIRST, "storageClass": "gold"}]
    run = run_whole(cloud=Cloud(prior=[OPEN]), pools=named)
    assert run.outputs["tridentBackendConfigName"] == "backend-tbc-anf-gold"


@pytest.mark.parametrize("protect", [True, False])
def test_another_class_for_a_claim_is_refused_with_its_key(protect: bool) -> None:
    claim = DYNAMIC | {"inputs": {"metadata": {"namespace": "smb-dynamic"}, "spec": {"storageClassName": "gold"}}}
    with pytest.raises(rules.InvalidArgsError, match=r"dynamicClaims\[\]\.storageClass\) is 'anf-sc-smb'; .*'gold'"):
        run_whole(cloud=Cloud(prior=[claim]), protect=protect)


def test_a_manual_pool_has_its_qos_type_and_the_throughput_of_each_claim() -> None:
    manual = {**FAST, "qosType": "Manual"}
    for chosen, defaults in (
        ({}, {"qosType": "Manual"}),
        ({"maxThroughputMibps": 16}, {"qosType": "Manual", "maxThroughput": "16"}),
    ):
        spec = (
            run_whole(pools=[manual | chosen], volumes=None, dynamicClaims=[CLAIMS[1]])
            .one(BACKEND_CONFIG)
            .inputs["spec"]
        )
        assert spec["defaults"] == defaults
    assert "defaults" not in dev().one(BACKEND_CONFIG).inputs["spec"]


def test_an_existing_pool_of_level_flexible_is_named_without_its_level() -> None:
    cloud = Cloud(pool=lambda pool: pool | {"serviceLevel": "Flexible", "qosType": "Manual"})
    spec = run_whole(cloud=cloud, volumes=None, pools=[{"name": "flex", "existing": True}], **EXISTING).one(
        BACKEND_CONFIG
    )
    assert "serviceLevel" not in spec.inputs["spec"]
    assert spec.inputs["spec"]["defaults"] == {"qosType": "Manual"}


def test_a_principal_of_another_stack_gets_roles_of_this_one() -> None:
    run = run_whole(trident={"enabled": False, "principalId": PRINCIPAL})
    assert {each.inputs["principalId"] for each in run.all(ASSIGNMENT)} == {PRINCIPAL}
    assert run.outputs["tridentPrincipalId"] == PRINCIPAL
    assert "tridentRoles" not in run.outputs
    assert run_whole(trident={"enabled": False}).all(ASSIGNMENT) == []
