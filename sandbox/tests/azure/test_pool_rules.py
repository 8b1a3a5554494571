"""Capacity pools: sizes, service levels, QoS, quotas."""

from pathlib import Path

import pytest

from sandbox.azure.errors import ArmError
from tests.azure.world import (
    ACCOUNT,
    GIB,
    POOL,
    VOLUME,
    Json,
    World,
    account_body,
    directory,
    pool_body,
    volume_body,
)


@pytest.fixture
def account(world: World) -> World:
    world.group()
    world.network()
    world.put(ACCOUNT, account_body(directory()))
    return world


REFUSED_POOLS = [
    (pool_body(0.5), "An invalid value '549755813888' was received for size."),
    (pool_body(1.5), "An invalid value '1649267441664' was received for size."),
    (pool_body(2049), "1 to 2048 TiB"),
    (pool_body(0), "was received for size."),
    ({"location": "koreacentral", "properties": {"serviceLevel": "Standard"}}, "Missing value for 'size'."),
    ({"location": "koreacentral", "properties": {"size": 1024**4}}, "Missing value for 'serviceLevel'."),
    (pool_body(1, "Gold"), "An invalid value 'Gold' was received for serviceLevel."),
    (pool_body(1, qosType="None"), "was received for qosType."),
    (pool_body(1, "Flexible", customThroughputMibps=127), "It must be between 128 and 640."),
    (pool_body(1, "Flexible", customThroughputMibps=641), "It must be between 128 and 640."),
    (pool_body(1, "Flexible", qosType="Auto"), "has QoS type Manual"),
    (pool_body(1, customThroughputMibps=200), "Only a pool of service level Flexible has it."),
    (pool_body(1, location="westeurope"), "Location for CapacityPool must be the same as NetAppAccount"),
    (pool_body(1, poolId="mine"), "Received a value for read-only property 'poolId'."),
    (pool_body(1, sizeTiB=1), "Value received for an unknown property 'sizeTiB'."),
    (pool_body(26), "would exceed the quota of 25 TiB"),
]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One world for all refusals, since a refusal changes nothing."""
    world = World(tmp_path_factory.mktemp("pools"))
    world.group()
    world.put(ACCOUNT, account_body())
    return world


@pytest.mark.parametrize(("body", "message"), REFUSED_POOLS, ids=[m[:56] for _, m in REFUSED_POOLS])
def test_a_pool_that_azure_refuses(untouched: World, body: Json, message: str) -> None:
    error = untouched.refusal(POOL, body)
    assert error.status == 400
    assert message in error.message
    assert not untouched.exists(POOL)


@pytest.mark.parametrize(
    ("level", "tib", "mibps"), [("Standard", 1, 16), ("Premium", 4, 256), ("Ultra", 2, 256), ("Flexible", 1, 128)]
)
def test_the_throughput_of_a_pool_follows_level_and_size(account: World, level: str, tib: int, mibps: int) -> None:
    account.put(POOL, pool_body(tib, level))
    assert account.shown(POOL)["totalThroughputMibps"] == mibps


def test_sizes_may_come_as_floats(account: World) -> None:
    account.put(POOL, pool_body(4.0))
    assert account.shown(POOL)["size"] == 4 * 1024**4


def test_the_largest_pool_needs_a_larger_quota(tmp_path: Path) -> None:
    world = World(tmp_path, capacity_quota_tib=4096)
    world.up_to_pool(tib=2048)
    assert world.shown(POOL)["size"] == 2048 * 1024**4


def test_a_pool_cannot_shrink_below_its_volumes(account: World) -> None:
    account.put(POOL, pool_body(3))
    account.put(VOLUME, volume_body(gib=1500))

    error = account.refusal(POOL, pool_body(1))

    assert (error.code, error.message) == ("PoolSizeTooSmall", "Pool size too small for total volume size.")
    account.put(POOL, pool_body(2))
    with pytest.raises(ArmError, match="PoolSizeTooSmall"):
        account.patch(POOL, {"properties": {"size": 1024**4}})


def test_a_pool_with_a_basic_volume_stays_at_four_tib(account: World) -> None:
    account.put(POOL, pool_body(4))
    account.put(VOLUME, volume_body(networkFeatures="Basic"))
    assert "smaller than 4 TiB" in account.refusal(POOL, pool_body(3)).message


def test_the_service_level_changes_only_while_a_pool_is_empty(account: World) -> None:
    account.put(POOL, pool_body(1))
    account.put(POOL, pool_body(1, "Premium"))
    account.put(VOLUME, volume_body())
    assert account.refusal(POOL, pool_body(1, "Ultra")).message == "ServiceLevel cannot be changed."


def test_what_a_pool_keeps(account: World) -> None:
    account.put(POOL, pool_body(1, qosType="Manual"))
    assert account.refusal(POOL, pool_body(1, encryptionType="Double")).message == "EncryptionType cannot be changed."
    assert "QosType cannot be changed" in account.refusal(POOL, pool_body(1, qosType="Auto")).message
    assert account.refusal(POOL, pool_body(1, qosType="Manual", poolId="x")).message == "PoolId cannot be changed."


def test_volumes_keep_their_throughput_when_qos_becomes_manual(account: World) -> None:
    account.put(POOL, pool_body(1))
    account.put(VOLUME, volume_body(gib=512))
    account.patch(POOL, {"properties": {"qosType": "Manual"}})
    assert account.shown(VOLUME)["throughputMibps"] == 8
    assert account.shown(POOL)["utilizedThroughputMibps"] == 8


def test_manual_throughput_is_bound_by_the_pool(account: World) -> None:
    account.put(POOL, pool_body(2, qosType="Manual"))
    assert account.refusal(VOLUME, volume_body()).message == "Missing value for 'throughputMibps'."
    assert "between 1 and 4500" in account.refusal(VOLUME, volume_body(throughputMibps=0.5)).message
    assert account.refusal(VOLUME, volume_body(throughputMibps=33)).message == "Requested throughput not available"
    account.put(VOLUME, volume_body(throughputMibps=32))
    smaller = account.refusal(POOL, pool_body(1, qosType="Manual"))
    assert smaller.message == "Requested throughput not available"


def test_twenty_five_pools_per_account(account: World) -> None:
    for number in range(25):
        account.put(f"{ACCOUNT}/capacityPools/pool{number}", pool_body(1))
    error = account.refusal(POOL, pool_body(1))
    assert "quota of 25 resources of type capacityPool per netAppAccount" in error.message


def test_a_pool_needs_its_account(world: World) -> None:
    world.group()
    error = world.refusal(POOL, pool_body(1))
    assert (error.status, error.code) == (404, "ParentResourceNotFound")


def test_the_sizes_of_volumes_never_count_twice(account: World) -> None:
    account.put(POOL, pool_body(1))
    account.put(VOLUME, volume_body(gib=1024))
    account.patch(VOLUME, {"properties": {"usageThreshold": 512 * GIB}})
    account.put(f"{POOL}/volumes/second", volume_body(gib=512, token="second"))
    assert account.refusal(f"{POOL}/volumes/third", volume_body(gib=50, token="third")).code == "PoolSizeTooSmall"
