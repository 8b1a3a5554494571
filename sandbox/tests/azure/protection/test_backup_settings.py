"""Backups of volumes: the vault and the policy that a volume names must exist, and stay while it names them."""

from typing import Any

import pytest

from tests.azure.names import ACCOUNT, POOL, REGION, VOLUME
from tests.azure.world import World, account_body, volume_body

VAULT = f"{ACCOUNT}/backupVaults/vault"
POLICY = f"{ACCOUNT}/backupPolicies/nightly"
BACKUP = {"backupVaultId": VAULT, "backupPolicyId": POLICY, "policyEnforced": True}
KEPT = {"dailyBackupsToKeep": 7, "weeklyBackupsToKeep": 4, "monthlyBackupsToKeep": 3}


def backed_up(**backup: Any) -> dict[str, Any]:
    return volume_body(dataProtection={"backup": backup})


@pytest.fixture
def pool(world: World) -> World:
    world.up_to_pool()
    world.put(VAULT, {"location": REGION})
    world.put(POLICY, {"location": REGION, "properties": KEPT})
    return world


def test_a_volume_has_its_backup_until_a_put_without(pool: World) -> None:
    pool.put(VOLUME, backed_up(**BACKUP))
    assert pool.shown(VOLUME)["dataProtection"] == {"backup": BACKUP}
    pool.patch(VOLUME, {"properties": {"dataProtection": {"backup": {**BACKUP, "policyEnforced": False}}}})
    assert pool.shown(VOLUME)["dataProtection"]["backup"]["policyEnforced"] is False
    pool.put(VOLUME, volume_body())
    assert "dataProtection" not in pool.shown(VOLUME)


def test_a_policy_keeps_its_counts_and_its_id(pool: World) -> None:
    same = {**KEPT, "backupPolicyId": pool.shown(POLICY)["backupPolicyId"]}
    assert pool.shown(POLICY) == {**same, "enabled": True}
    pool.patch(POLICY, {"properties": {"enabled": False}})
    assert pool.shown(POLICY) == {**same, "enabled": False}


@pytest.mark.parametrize(
    ("backup", "code"),
    [
        ({"backupVaultId": f"{VAULT}-none"}, "BackupVaultNotFound"),
        (BACKUP | {"backupPolicyId": f"{POLICY}-none"}, "BackupPolicyNotFound"),
        ({"backupVaultId": POLICY}, "InvalidValueReceivedFor"),
        ({"backupPolicyId": POLICY}, "MissingValue"),
        (BACKUP | {"policyEnforced": "yes"}, "InvalidValueReceivedFor"),
        (BACKUP | {"enabled": True}, "UnknownProperty"),
    ],
)
def test_a_backup_that_cannot_be_is_refused(pool: World, backup: dict[str, Any], code: str) -> None:
    assert pool.refusal(VOLUME, backed_up(**backup)).code == code


def test_a_vault_of_another_region_is_refused(pool: World) -> None:
    other = ACCOUNT.replace("anf-dev", "anf-eu")
    pool.put(other, account_body(location="westeurope"))
    pool.put(f"{other}/backupVaults/vault", {"location": "westeurope"})
    refusal = pool.refusal(VOLUME, backed_up(backupVaultId=f"{other}/backupVaults/vault"))
    assert "region of the volume" in refusal.message


def test_what_a_volume_names_stays(pool: World) -> None:
    pool.put(VOLUME, backed_up(**BACKUP))
    assert pool.kept(VAULT).startswith("BackupVaultInUse")
    assert pool.kept(POLICY).startswith("BackupPolicyInUse")
    pool.delete(VOLUME)
    for each in (VAULT, POLICY, POOL, ACCOUNT):
        pool.delete(each)
        assert not pool.exists(each)
