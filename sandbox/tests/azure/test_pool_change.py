"""poolChange: a volume moves to another pool of its account, or stays as it is."""

import pytest

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from tests.azure.names import ACCOUNT, GIB, POOL, TIB, VOLUME, Json
from tests.azure.world import World, pool_body, volume_body

FAST = f"{ACCOUNT}/capacityPools/fast"


@pytest.fixture
def moving(world: World) -> World:
    """Return a world with a volume of 100 GiB, and a faster pool beside its own."""
    world.up_to_account()
    world.put(POOL, pool_body(1))
    world.put(VOLUME, volume_body(gib=100))
    world.put(FAST, pool_body(1, "Ultra"))
    return world


def move(world: World, pool: object = FAST) -> None:
    _, operation = world.model.act(ResourceId.parse(VOLUME), "poolChange", {"newPoolResourceId": pool})
    world.time = operation.due


def test_a_volume_keeps_all_but_its_id_and_its_level(moving: World) -> None:
    before = moving.shown(VOLUME)
    move(moving)
    after = moving.shown(f"{FAST}/volumes/smb")
    assert not moving.exists(VOLUME)
    assert after["serviceLevel"] == "Ultra"
    assert after["actualThroughputMibps"] == before["actualThroughputMibps"] * 128 / 16
    same = ("fileSystemId", "creationToken", "mountTargets", "usageThreshold", "subnetId")
    assert [after[name] for name in same] == [before[name] for name in same]
    moving.put(f"{FAST}/volumes/smb", volume_body(gib=200, serviceLevel="Ultra"))


def test_a_manual_pool_gives_it_the_throughput_that_it_had(moving: World) -> None:
    moving.put(FAST, pool_body(1, "Ultra", qosType="Manual"))
    had = moving.shown(VOLUME)["actualThroughputMibps"]
    move(moving)
    assert moving.shown(f"{FAST}/volumes/smb")["throughputMibps"] == had


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MissingValue"),
        ({"newPoolResourceId": POOL}, "InvalidValueReceivedFor"),
        ({"newPoolResourceId": f"{ACCOUNT}/capacityPools/none"}, "ParentPoolNotFound"),
        ({"newPoolResourceId": "fast"}, "ParentPoolNotFound"),
    ],
)
def test_it_is_another_pool_of_the_account(moving: World, body: Json, code: str) -> None:
    with pytest.raises(ArmError) as refused:
        moving.model.act(ResourceId.parse(VOLUME), "poolChange", body)
    assert refused.value.code == code
    assert moving.exists(VOLUME)


def test_the_pool_has_room_for_it(moving: World) -> None:
    moving.put(f"{FAST}/volumes/large", volume_body(gib=TIB // GIB - 99, creationToken="large", serviceLevel="Ultra"))
    with pytest.raises(ArmError, match="Pool size too small for total volume size"):
        move(moving)
    assert moving.exists(VOLUME)
