"""Snapshots: files of a moment, which a volume goes back to, a new one has, and which keep theirs from deletion."""

from pathlib import Path

import pytest

from sandbox.azure.durations import INSTANT
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from tests.azure.names import ACCOUNT, POOL, REGION, VOLUME
from tests.azure.protection.conftest import ProtectedWorld
from tests.azure.world import pool_body, volume_body

SNAPSHOT = f"{VOLUME}/snapshots/before"
LATER = f"{VOLUME}/snapshots/later"
CLONE = f"{POOL}/volumes/clone"
BODY = {"location": REGION}


@pytest.fixture
def snapshot(volume: ProtectedWorld) -> ProtectedWorld:
    volume.put(SNAPSHOT, BODY)
    volume.write("second")
    return volume


def revert(world: ProtectedWorld, snapshot: str) -> None:
    _, operation = world.model.act(ResourceId.parse(VOLUME), "revert", {"snapshotId": snapshot})
    world.time = operation.due


def test_a_snapshot_shows_its_id_and_time_once_it_is_there(volume: ProtectedWorld) -> None:
    outcome = volume.start(SNAPSHOT, BODY)
    assert volume.shown(SNAPSHOT) == {}
    volume.finish(outcome)
    assert volume.shown(SNAPSHOT).keys() == {"snapshotId", "created"}
    assert volume.put(SNAPSHOT, BODY).properties == volume.get(SNAPSHOT).properties


def test_a_volume_with_a_snapshot_stays_until_it_is_gone(snapshot: ProtectedWorld) -> None:
    nested = "CannotDeleteResource: Can not delete resource before nested resources are deleted."
    assert snapshot.kept(VOLUME) == nested
    going = snapshot.model.delete(ResourceId.parse(SNAPSHOT))
    snapshot.time += INSTANT.nested_lag
    assert not snapshot.exists(SNAPSHOT)
    assert snapshot.kept(VOLUME) == nested
    snapshot.finish(going)
    snapshot.delete(VOLUME)
    assert not snapshot.exists(VOLUME)


def test_a_volume_goes_back_and_loses_what_is_newer(snapshot: ProtectedWorld) -> None:
    snapshot.put(LATER, BODY)
    revert(snapshot, SNAPSHOT)
    assert snapshot.read() == "first"
    assert snapshot.exists(SNAPSHOT)
    assert not snapshot.exists(LATER)


@pytest.mark.parametrize("by_id", [True, False])
def test_a_new_volume_has_the_files_of_a_snapshot(snapshot: ProtectedWorld, by_id: bool) -> None:
    body = volume_body(token="clone", snapshotId=SNAPSHOT if by_id else snapshot.shown(SNAPSHOT)["snapshotId"])
    snapshot.put(CLONE, body)
    assert snapshot.read(CLONE) == "first"
    assert "snapshotId" not in snapshot.shown(CLONE)
    snapshot.put(CLONE, body)
    refusal = snapshot.refusal(CLONE, volume_body(token="clone", snapshotId=LATER))
    assert refusal.code == "VolumeReadOnlyPropertyCanNotBeChanged"
    assert refusal.message.startswith("The volume's snapshotId property is not allowed to be updated.")


def test_a_snapshot_stays_while_it_is_cloned(snapshot: ProtectedWorld) -> None:
    creation = snapshot.start(CLONE, volume_body(token="clone", snapshotId=SNAPSHOT))
    assert snapshot.kept(SNAPSHOT).startswith("SnapshotInUse")
    snapshot.finish(creation)
    snapshot.delete(SNAPSHOT)


def test_it_moves_with_its_volume(snapshot: ProtectedWorld) -> None:
    fast = f"{ACCOUNT}/capacityPools/fast"
    snapshot.put(fast, pool_body(1, "Ultra"))
    before = snapshot.shown(SNAPSHOT)
    _, operation = snapshot.model.act(ResourceId.parse(VOLUME), "poolChange", {"newPoolResourceId": fast})
    snapshot.time = operation.due
    assert snapshot.shown(f"{fast}/volumes/smb/snapshots/before") == before
    snapshot.delete(POOL)


def test_nothing_is_left_of_a_deleted_snapshot(snapshot: ProtectedWorld) -> None:
    copies = snapshot.files.root / ".copies"
    assert [copy.name for copy in Path(copies).iterdir()] == [snapshot.shown(SNAPSHOT)["snapshotId"]]
    snapshot.delete(SNAPSHOT)
    assert not list(copies.iterdir())


@pytest.mark.parametrize(
    ("resource", "body", "code"),
    [
        (CLONE, volume_body(token="clone", snapshotId=LATER), "SnapshotNotFound"),
        (CLONE, volume_body(token="clone", snapshotId="00000000-0000-0000-0000-000000000001"), "SnapshotNotFound"),
        (CLONE, volume_body(token="clone", snapshotId=SNAPSHOT, protocolTypes=["NFSv3"], securityStyle="unix"),
         "InvalidValueReceivedFor"),
        (CLONE, volume_body(token="clone", snapshotId=SNAPSHOT, backupId=SNAPSHOT), "InvalidValueReceivedFor"),
        (f"{VOLUME}/snapshots/later", {"location": "koreasouth"}, "InvalidLocation"),
        (f"{VOLUME}/snapshots/later", {**BODY, "properties": {"snapshotId": "mine"}}, "ReadOnlyProperty"),
        (f"{VOLUME}/snapshots/a b", BODY, "InvalidResourceName"),
        (f"{POOL}/volumes/none/snapshots/later", BODY, "ParentResourceNotFound"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(snapshot: ProtectedWorld, resource: str, body: dict[str, object], code: str) -> None:
    assert snapshot.refusal(resource, body).code == code


def test_a_snapshot_takes_no_patch(snapshot: ProtectedWorld) -> None:
    with pytest.raises(ArmError, match="Patch operation is not supported"):
        snapshot.patch(SNAPSHOT, {"tags": {"a": "b"}})


def test_only_a_snapshot_of_the_volume_reverts_it(snapshot: ProtectedWorld) -> None:
    with pytest.raises(ArmError, match="snapshot of the volume"):
        revert(snapshot, LATER)
    assert snapshot.read() == "second"
