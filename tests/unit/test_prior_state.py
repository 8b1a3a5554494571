"""What the state has from the last run: a moved claim is refused, and a part that becomes existing is forgotten."""

from typing import Any, Final

import pytest

from components import rules
from tests.unit.test_existing_parts import EXISTING
from tests.unit.unit_mocks import (
    ACCOUNT,
    CLAIM,
    GROUP,
    KUBERNETES_SECRET,
    NAMESPACE,
    NETWORK,
    PERSISTENT_VOLUME,
    POOL,
    SUBNET,
    VOLUME,
    Cloud,
    committed,
    run_static,
    run_whole,
)

MOVED: Final = [{"name": "smb", "sizeGiB": 100, "namespace": "other"}]


def kept(component: str, token: str, name: str, **inputs: Any) -> dict[str, Any]:
    """Return a protected child of a component as a state has it."""
    urn = f"urn:pulumi:dev::anf-smb::anf-smb:index:{component}${token}::{name}"
    return {"urn": urn, "type": token, "id": f"id-of-{name}", "protect": True, "retainOnDelete": True, "inputs": inputs}


def disposable(child: dict[str, Any]) -> dict[str, Any]:
    """Return the child after an `up` with protect false."""
    return child | {"protect": False, "retainOnDelete": False}


STATIC: Final = kept("StaticShare", CLAIM, "smb-claim", metadata={"name": "anf-pvc-smb", "namespace": "smb-static"})
DYNAMIC: Final = kept("DynamicShare", CLAIM, "smb-dynamic-claim", metadata={"namespace": "smb-dynamic"})
HANDLE: Final = kept("StaticShare", PERSISTENT_VOLUME, "pv", spec={"csi": {"volumeHandle": "the#volume#before"}})


def test_a_moved_claim_is_refused_with_key_value_allowed_and_fix() -> None:
    with pytest.raises(rules.InvalidArgsError) as refused:
        run_static(cloud=Cloud(prior=[STATIC]), volumes=MOVED)
    said = str(refused.value)
    assert "namespace (anf-smb:volumes[].namespace) is 'other'; allowed: 'smb-static'" in said
    assert "Fix: 'smb-static'; or two runs of `pulumi up`, the first with 'smb-static' and false for protect" in said
    assert "keeps the files" in said

    with pytest.raises(rules.InvalidArgsError, match=r"dynamicClaims\[\]\.namespace.*deletes the volume"):
        run_whole(
            cloud=Cloud(prior=[DYNAMIC]), dynamicClaims=[{"name": "smb-dynamic", "sizeGiB": 100, "namespace": "other"}]
        )


@pytest.mark.parametrize(("child", "protect"), [(STATIC, False), (disposable(STATIC), True)])
def test_unprotected_and_moved_at_once_is_refused(child: dict[str, Any], protect: bool) -> None:
    """The engine decides by the old state whether it deletes the old claim, and by both whether it may."""
    with pytest.raises(rules.InvalidArgsError, match=r"allowed: 'smb-static'"):
        run_static(cloud=Cloud(prior=[child]), volumes=MOVED, protect=protect)


def test_an_unprotected_claim_moves_in_a_run_of_its_own() -> None:
    run = run_static(cloud=Cloud(prior=[disposable(STATIC)]), volumes=MOVED, protect=False)
    assert run.one(CLAIM).inputs["metadata"]["namespace"] == "other"


def test_what_stays_is_accepted() -> None:
    run = run_static(cloud=Cloud(prior=[STATIC]), volumes=[{"name": "smb", "sizeGiB": 200}])
    assert run.one(CLAIM).inputs["metadata"]["namespace"] == "smb-static"


@pytest.mark.parametrize(("preview", "now"), [(False, "anf-64d9.contoso.com#smb#fs-smb"), (True, "not created yet")])
def test_another_volume_is_refused_before_the_claim_shows_it(preview: bool, now: str) -> None:
    with pytest.raises(
        rules.InvalidArgsError, match=f"volume is {now}.*; allowed: the#volume#before.*kubectl.*refresh"
    ):
        run_static(cloud=Cloud(prior=[HANDLE]), preview=preview)


@pytest.mark.parametrize("protect", [True, False])
def test_a_pool_in_place_of_the_one_in_the_state_is_refused(protect: bool) -> None:
    """The program before this one named the resources of its only pool anf, whatever the pool's name."""
    was = kept("CapacityPool", POOL, "anf-pool", poolName="pool-dev")
    fast = {"name": "fast", "serviceLevel": "Ultra", "sizeTiB": 1}
    with pytest.raises(rules.InvalidArgsError, match=r"pools\[\]\.name\) is 'fast'; allowed: 'pool-dev'"):
        run_static(cloud=Cloud(prior=[was]), pools=[fast, committed("dev")["anf-smb:pools"][0]], protect=protect)
    assert run_static(cloud=Cloud(prior=[was])).one(POOL).inputs["poolName"] == "pool-dev"


@pytest.mark.parametrize("protect", [True, False])
def test_another_pool_for_a_volume_is_refused_since_it_would_replace_the_volume(protect: bool) -> None:
    was = disposable(kept("SmbVolume", VOLUME, "smb-volume", poolName="pool-before"))
    said = (
        r"volumes\[\]\.pool\) is 'pool-dev'; allowed: 'pool-before'.*pool-change --ids VOLUME_ID --new-pool-resource-id"
    )
    with pytest.raises(rules.InvalidArgsError, match=said):
        run_static(cloud=Cloud(prior=[was]), protect=protect)


def test_another_secret_for_mounts_is_refused_since_what_mounts_names_it() -> None:
    was = disposable(kept("ShareNamespace", KUBERNETES_SECRET, "smb-static-smbcreds")) | {"id": "smb-static/smbcreds"}
    user = {"domain": "CONTOSO", "username": "svc-web", "secretName": "mine"}
    with pytest.raises(rules.InvalidArgsError, match=r"smbUser\.secretName\) is 'mine'; allowed: 'smbcreds'"):
        run_static(cloud=Cloud(prior=[was]), smbUser=user)
    assert run_static(cloud=Cloud(prior=[was])).one(KUBERNETES_SECRET).inputs["metadata"]["name"] == "smbcreds"


def test_parts_that_become_existing_are_read_by_the_ids_of_the_state() -> None:
    made = [
        kept("ResourceGroup", GROUP, "anf-group"),
        disposable(kept("DelegatedSubnet", NETWORK, "anf-network")),
        kept("DelegatedSubnet", SUBNET, "anf-subnet"),
        kept("NetAppAccount", ACCOUNT, "anf-account"),
        disposable(kept("CapacityPool", POOL, "anf-pool")),
        kept("ShareNamespace", NAMESPACE, "smb-static-namespace"),
    ]
    run = run_static(cloud=Cloud(prior=made), existingNamespaces=["smb-static"], **EXISTING)
    assert run.monitor.read == {child["urn"].rpartition("::")[2]: child["id"] for child in made}


def test_parts_that_existed_before_are_only_looked_up() -> None:
    external = kept("ResourceGroup", GROUP, "anf-group") | {"external": True}
    run = run_static(cloud=Cloud(prior=[external]), existingNamespaces=["smb-static"], **EXISTING)
    assert run.monitor.read == {}


def test_parts_of_the_stack_s_own_are_never_read() -> None:
    run = run_static(cloud=Cloud(prior=[kept("ResourceGroup", GROUP, "anf-group")]))
    assert run.monitor.read == {}
