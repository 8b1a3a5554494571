"""Snapshot policies: what Azure refuses of them, and how volumes hold on to them."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from sandbox.testing.azure_clients import AzureClients
from tests.azure.world import (
    ACCOUNT,
    POOL,
    REGION,
    VOLUME,
    Json,
    World,
    account_body,
    directory,
    network_body,
    pool_body,
    subnet_body,
    volume_body,
)

POLICY = f"{ACCOUNT}/snapshotPolicies/nightly"
HOURLY: Json = {"snapshotsToKeep": 24, "minute": 5}
DAILY: Json = {"snapshotsToKeep": 7, "hour": 1, "minute": 15}
WEEKLY: Json = {"snapshotsToKeep": 4, "day": "Monday,Thursday", "hour": 2, "minute": 25}
MONTHLY: Json = {"snapshotsToKeep": 12, "daysOfMonth": "1,15", "hour": 3, "minute": 35}


def policy_body(location: str = REGION, **schedules: Any) -> Json:
    return {"location": location, "properties": schedules or {"dailySchedule": DAILY}}


def with_policy(policy: str = POLICY, **volume: Any) -> Json:
    return volume_body(dataProtection={"snapshot": {"snapshotPolicyId": policy}}, **volume)


@pytest.fixture
def pool(world: World) -> World:
    world.up_to_pool()
    return world


REFUSED: list[tuple[Json, str]] = [
    (policy_body("westeurope"), "Location for SnapshotPolicy must be the same as NetAppAccount"),
    (policy_body(yearlySchedule=DAILY), "unknown property 'yearlySchedule'"),
    (policy_body(hourlySchedule=HOURLY | {"hour": 1}), "unknown property 'hour'"),
    (policy_body(hourlySchedule={"minute": 5}), "Missing value for 'snapshotsToKeep'."),
    (policy_body(weeklySchedule=DAILY), "Missing value for 'day'."),
    (policy_body(hourlySchedule=HOURLY | {"snapshotsToKeep": 256}), "between 0 and 255"),
    (policy_body(hourlySchedule=HOURLY | {"minute": 60}), "between 0 and 59"),
    (policy_body(dailySchedule=DAILY | {"hour": 24}), "between 0 and 23"),
    (policy_body(dailySchedule=DAILY | {"hour": "1"}), "must be a whole number"),
    (policy_body(weeklySchedule=WEEKLY | {"day": "Mon"}), "Monday to Sunday"),
    (policy_body(monthlySchedule=MONTHLY | {"daysOfMonth": "0"}), "1 to 31"),
    (policy_body(monthlySchedule=MONTHLY | {"daysOfMonth": 1}), "1 to 31"),
    (
        policy_body(hourlySchedule=HOURLY | {"snapshotsToKeep": 200}, dailySchedule=DAILY | {"snapshotsToKeep": 56}),
        "All schedules together can keep 255 snapshots.",
    ),
    (policy_body(enabled="yes"), "must be true or false"),
]


@pytest.mark.parametrize(("body", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_a_policy_that_azure_refuses(pool: World, body: Json, message: str) -> None:
    assert message in pool.refusal(POLICY, body).message
    assert not pool.exists(POLICY)


@pytest.mark.parametrize("name", ["-a", "a.b", "a" * 65])
def test_policy_names(pool: World, name: str) -> None:
    assert pool.refusal(f"{ACCOUNT}/snapshotPolicies/{name}", policy_body()).code == "InvalidResourceName"


def test_a_put_takes_schedules_away_and_a_patch_leaves_them(pool: World) -> None:
    pool.put(POLICY, policy_body(hourlySchedule=HOURLY, dailySchedule=DAILY))
    assert pool.shown(POLICY) == {"enabled": True, "hourlySchedule": HOURLY, "dailySchedule": DAILY}
    pool.patch(POLICY, {"properties": {"dailySchedule": {"snapshotsToKeep": 14}, "enabled": False}})
    assert pool.shown(POLICY) == {
        "enabled": False,
        "hourlySchedule": HOURLY,
        "dailySchedule": DAILY | {"snapshotsToKeep": 14},
    }
    pool.put(POLICY, policy_body(weeklySchedule=WEEKLY, monthlySchedule=MONTHLY, dailySchedule={}))
    assert pool.shown(POLICY) == {"enabled": True, "weeklySchedule": WEEKLY, "monthlySchedule": MONTHLY}


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("nightly", "the id of a snapshot policy"),
        (POOL, "the id of a snapshot policy"),
        (POLICY.replace("anf-dev", "another"), "one of the volume's account 'anf-dev'"),
        (POLICY.replace("nightly", "hourly"), "was not found"),
    ],
)
def test_a_volume_has_a_policy_that_is_there_in_its_account(pool: World, policy: str, message: str) -> None:
    pool.put(POLICY, policy_body())
    assert message in pool.refusal(VOLUME, with_policy(policy)).message


def test_a_volume_has_a_policy_until_a_put_without_or_a_patch_with_an_empty_one(pool: World) -> None:
    pool.put(POLICY, policy_body())
    assigned = {"snapshot": {"snapshotPolicyId": POLICY.upper().replace("/SUBSCRIPTIONS", "/subscriptions")}}
    pool.put(VOLUME, volume_body(dataProtection=assigned))
    assert pool.shown(VOLUME)["dataProtection"] == assigned
    pool.patch(VOLUME, {"properties": {"dataProtection": {}}})
    assert pool.shown(VOLUME)["dataProtection"] == assigned
    pool.patch(VOLUME, {"properties": {"dataProtection": {"snapshot": {"snapshotPolicyId": ""}}}})
    assert "dataProtection" not in pool.shown(VOLUME)
    pool.put(VOLUME, with_policy())
    pool.put(VOLUME, volume_body())
    assert "dataProtection" not in pool.shown(VOLUME)


def test_a_policy_in_use_stays_and_keeps_its_account(pool: World) -> None:
    pool.put(POLICY, policy_body())
    pool.put(VOLUME, with_policy())
    for held in (POLICY, ACCOUNT):
        with pytest.raises(Exception, match=r"^SnapshotPolicyInUse: SnapshotPolicy is used|nested resources"):
            pool.delete(held)
    pool.delete(VOLUME)
    pool.delete(POLICY)
    pool.delete(POOL)
    pool.delete(ACCOUNT)
    assert not pool.exists(POLICY)


def test_policies_are_no_pools_to_the_accounts_quota(pool: World) -> None:
    for number in range(25):
        pool.put(f"{ACCOUNT}/snapshotPolicies/policy-{number}", policy_body())
    pool.put(f"{ACCOUNT}/capacityPools/another", pool_body())


def test_the_life_of_a_policy_with_the_genuine_client(emulator: AzureClients) -> None:
    group, netapp, place = "rg-snapshots", emulator.netapp, "swedencentral"
    emulator.group(group, place)
    account, pool, volume = "anf", "pool", "smb"
    vnet: Any = network_body(location=place, subnets=[{"name": "anf", **subnet_body()}])
    network = emulator.network.virtual_networks.begin_create_or_update(group, "vnet", vnet).result()
    assert network.subnets is not None
    joined: Any = account_body(directory(domain="snapshots.example"), location=place)
    netapp.accounts.begin_create_or_update(group, account, joined).result()
    sized: Any = pool_body(location=place)
    netapp.pools.begin_create_or_update(group, account, pool, sized).result()

    schedules: Any = policy_body(
        place, hourlySchedule=HOURLY, dailySchedule=DAILY, weeklySchedule=WEEKLY, monthlySchedule=MONTHLY
    )
    made: Any = netapp.snapshot_policies.create(group, account, "nightly", schedules)
    assert (made.name, made.properties.provisioning_state) == ("anf/nightly", "Creating")
    policy: Any = netapp.snapshot_policies.get(group, account, "nightly")
    assert (policy.properties.provisioning_state, policy.properties.enabled) == ("Succeeded", True)
    assert policy.properties.weekly_schedule.as_dict() == WEEKLY
    assert policy.properties.monthly_schedule.as_dict() == MONTHLY

    wanted: Any = with_policy(policy.id, subnetId=network.subnets[0].id, location=place)
    protected: Any = netapp.volumes.begin_create_or_update(group, account, pool, volume, wanted).result()
    assert protected.properties.data_protection.snapshot.snapshot_policy_id == policy.id
    listed = netapp.snapshot_policies.list_volumes(group, account, "nightly").value
    assert [each.name for each in listed] == ["anf/pool/smb"]
    with pytest.raises(HttpResponseError, match="SnapshotPolicy is used"):
        netapp.snapshot_policies.begin_delete(group, account, "nightly").result()

    fewer: Any = {"properties": {"dailySchedule": {"snapshotsToKeep": 3}}}
    changed: Any = netapp.snapshot_policies.begin_update(group, account, "nightly", fewer).result()
    assert changed.properties.daily_schedule.as_dict() == DAILY | {"snapshotsToKeep": 3}
    assert changed.properties.hourly_schedule.as_dict() == HOURLY

    unassigned: Any = {"properties": {"dataProtection": {"snapshot": {"snapshotPolicyId": ""}}}}
    netapp.volumes.begin_update(group, account, pool, volume, unassigned).result()
    assert netapp.snapshot_policies.list_volumes(group, account, "nightly").value == []
    netapp.snapshot_policies.begin_delete(group, account, "nightly").result()
    with pytest.raises(ResourceNotFoundError):
        netapp.snapshot_policies.get(group, account, "nightly")
