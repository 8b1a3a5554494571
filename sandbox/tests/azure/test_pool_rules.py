"""Capacity pools: sizes, service levels, QoS, quotas."""

from pathlib import Path

import pytest

from sandbox.azure.errors import ArmError
from tests.azure.names import ACCOUNT, GIB, POOL, TIB, VOLUME, Json
from tests.azure.world import World, pool_body, volume_body


@pytest.fixture
def account(world: World) -> World:
    world.up_to_account()
    return world


@pytest.mark.parametrize(
    ("level", "tib", "mibps"), [("Standard", 1.0, 16), ("Premium", 4, 256), ("Ultra", 2, 256), ("Flexible", 1, 128)]
)
def test_the_throughput_of_a_pool_follows_level_and_size(account: World, level: str, tib: float, mibps: int) -> None:
    account.put(POOL, pool_body(tib, level))
    shown = account.shown(POOL)
    assert (shown["size"], shown["totalThroughputMibps"], shown["utilizedThroughputMibps"]) == (tib * TIB, mibps, 0)
    assert shown["qosType"] == ("Manual" if level == "Flexible" else "Auto")


def test_the_largest_pool_needs_a_larger_quota_and_holds_large_volumes(account: World, tmp_path: Path) -> None:
    account.put(POOL, pool_body(1))
    assert "exceed the quota of 25 TiB" in account.refusal(POOL, pool_body(2048)).message
    larger = World(tmp_path / "larger", capacity_quota_tib=4096)
    larger.up_to_pool(tib=2048)
    assert larger.shown(POOL)["size"] == 2048 * TIB
    larger.put(VOLUME, volume_body(gib=150 * 1024, isLargeVolume=True))
    assert larger.shown(VOLUME)["isLargeVolume"] is True


def test_a_pool_cannot_shrink_below_its_volumes(account: World) -> None:
    account.put(POOL, pool_body(3))
    account.put(VOLUME, volume_body(gib=1500))

    error = account.refusal(POOL, pool_body(1))

    assert (error.code, error.message) == ("PoolSizeTooSmall", "Pool size too small for total volume size.")
    account.put(POOL, pool_body(2))
    with pytest.raises(ArmError, match="PoolSizeTooSmall"):
        account.patch(POOL, {"properties": {"size": TIB}})


def test_with_a_volume_a_pool_keeps_its_service_level_and_for_a_basic_one_four_tib(account: World) -> None:
    account.put(POOL, pool_body(4))
    account.put(POOL, pool_body(4, "Premium"))
    account.put(VOLUME, volume_body(networkFeatures="Basic"))
    assert "smaller than 4 TiB" in account.refusal(POOL, pool_body(3, "Premium")).message
    assert account.refusal(POOL, pool_body(4, "Ultra")).message == "ServiceLevel cannot be changed."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encryptionType": "Double"}, "EncryptionType cannot be changed."),
        ({"qosType": "Auto"}, "QosType cannot be changed from Manual to Auto."),
        ({"poolId": "x"}, "PoolId cannot be changed."),
    ],
)
def test_what_a_pool_keeps(account: World, change: Json, message: str) -> None:
    account.put(POOL, pool_body(1, qosType="Manual"))
    before = account.shown(POOL)
    assert account.refusal(POOL, pool_body(1, **{"qosType": "Manual", **change})).message == message
    account.put(POOL, {"location": "koreacentral", "properties": before | {"utilizedThroughputMibps": 5}})
    assert account.shown(POOL) == before, "what a GET shows can be sent back"


def test_volumes_keep_their_throughput_when_qos_becomes_manual_and_the_pool_binds_it(account: World) -> None:
    account.put(POOL, pool_body(2))
    account.put(VOLUME, volume_body(gib=512))
    account.patch(POOL, {"properties": {"qosType": "Manual"}})
    assert account.shown(VOLUME)["throughputMibps"] == 8
    assert account.shown(POOL)["utilizedThroughputMibps"] == 8
    account.put(VOLUME, volume_body(throughputMibps=32, gib=512))
    for resource, body in (
        (f"{POOL}/volumes/second", volume_body(token="second", throughputMibps=1)),
        (VOLUME, volume_body(throughputMibps=33)),
        (POOL, pool_body(1, qosType="Manual")),
    ):
        assert account.refusal(resource, body).message == "Requested throughput not available"


def test_twenty_five_pools_per_account_and_policies_are_none(account: World) -> None:
    daily = {"dailySchedule": {"snapshotsToKeep": 7, "hour": 1, "minute": 15}}
    account.put(f"{ACCOUNT}/snapshotPolicies/policy", {"location": "koreacentral", "properties": daily})
    for number in range(25):
        account.put(f"{ACCOUNT}/capacityPools/pool{number}", pool_body(1))
    error = account.refusal(POOL, pool_body(1))
    assert "quota of 25 resources of type capacityPool per netAppAccount" in error.message


def test_the_sizes_of_volumes_never_count_twice(account: World) -> None:
    account.put(POOL, pool_body(1))
    account.put(VOLUME, volume_body(gib=1024))
    account.patch(VOLUME, {"properties": {"usageThreshold": 512 * GIB}})
    account.put(f"{POOL}/volumes/second", volume_body(gib=512, token="second"))
    assert account.refusal(f"{POOL}/volumes/third", volume_body(gib=50, token="third")).code == "PoolSizeTooSmall"
