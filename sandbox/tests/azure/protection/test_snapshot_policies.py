"""Snapshot policies: what changes keep of them, and how volumes hold on to them. Refusals: test_refusals.py."""

import re

import pytest

from sandbox.azure.ids import ResourceId
from tests.azure.names import ACCOUNT, POOL, VOLUME
from tests.azure.test_refusals import DAILY, HOURLY, MONTHLY, POLICY, WEEKLY, policy_body, protected
from tests.azure.world import World, volume_body


@pytest.fixture
def pool(world: World) -> World:
    world.up_to_pool()
    world.put(POLICY, policy_body())
    return world


def test_a_put_deletes_schedules_and_a_patch_leaves_them(pool: World) -> None:
    pool.put(POLICY, policy_body(hourlySchedule=HOURLY | {"usedBytes": 5}, dailySchedule=DAILY))
    assert pool.shown(POLICY) == {"enabled": True, "hourlySchedule": HOURLY, "dailySchedule": DAILY}
    pool.patch(POLICY, {"properties": {"dailySchedule": {"snapshotsToKeep": 14}, "enabled": False}})
    fewer = DAILY | {"snapshotsToKeep": 14}
    assert pool.shown(POLICY) == {"enabled": False, "hourlySchedule": HOURLY, "dailySchedule": fewer}
    pool.put(POLICY, policy_body(weeklySchedule=WEEKLY, monthlySchedule=MONTHLY, dailySchedule={}))
    assert pool.shown(POLICY) == {"enabled": True, "weeklySchedule": WEEKLY, "monthlySchedule": MONTHLY}


def test_a_volume_has_a_policy_until_a_put_without_or_a_patch_with_an_empty_one(pool: World) -> None:
    assigned = {"snapshot": {"snapshotPolicyId": POLICY.upper().replace("/SUBSCRIPTIONS", "/subscriptions")}}
    pool.put(VOLUME, volume_body(dataProtection=assigned))
    pool.patch(VOLUME, {"properties": {"dataProtection": {}}})
    assert pool.shown(VOLUME)["dataProtection"] == assigned
    backup = {"backup": {"policyEnforced": True}}
    pool.patch(VOLUME, {"properties": {"dataProtection": backup}})
    assert pool.shown(VOLUME)["dataProtection"] == assigned | backup
    pool.patch(VOLUME, {"properties": {"dataProtection": {"snapshot": {"snapshotPolicyId": ""}}}})
    assert pool.shown(VOLUME)["dataProtection"] == backup
    pool.put(VOLUME, protected(POLICY))
    pool.put(VOLUME, volume_body())
    assert "dataProtection" not in pool.shown(VOLUME)


def test_a_policy_in_use_stays_and_keeps_its_account(pool: World) -> None:
    pool.put(VOLUME, protected(POLICY))
    for held in (POLICY, ACCOUNT):
        assert re.search(r"^SnapshotPolicyInUse: SnapshotPolicy is used|nested resources", pool.kept(held))
    pool.delete(VOLUME)
    going = pool.model.delete(ResourceId.parse(POLICY))
    assert pool.refusal(VOLUME, protected(POLICY)).code == "SnapshotPolicyNotFound"
    pool.finish(going)
    pool.delete(POOL)
    pool.delete(ACCOUNT)
    assert not pool.exists(POLICY)
