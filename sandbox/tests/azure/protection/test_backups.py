"""Backups in a vault: taken of a volume that names it, longer-lived than the volume, and the source of a new one."""

from typing import Any

import pytest

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.netapp.protection.backups import latest_status
from tests.azure.names import POOL, REGION, VOLUME
from tests.azure.protection.conftest import ProtectedWorld
from tests.azure.protection.test_backup_settings import KEPT, POLICY, VAULT, backed_up
from tests.azure.world import volume_body

FIRST, SECOND = f"{VAULT}/backups/first", f"{VAULT}/backups/second"
RESTORED = f"{POOL}/volumes/restored"
NESTED = "CannotDeleteResource: Can not delete resource before nested resources are deleted."


def backup_body(**properties: Any) -> dict[str, Any]:
    return {"properties": {"volumeResourceId": VOLUME, **properties}}


@pytest.fixture
def backed(volume: ProtectedWorld) -> ProtectedWorld:
    """Return a world whose volume has a vault and a backup in it."""
    volume.put(VAULT, {"location": REGION})
    volume.put(POLICY, {"location": REGION, "properties": KEPT})
    volume.put(VOLUME, backed_up(backupVaultId=VAULT))
    volume.put(FIRST, backup_body(label="before"))
    volume.write("second")
    return volume


def test_a_backup_says_what_it_is_of(backed: ProtectedWorld) -> None:
    shown = backed.shown(FIRST)
    same = ("label", "backupType", "volumeResourceId", "size", "snapshotName", "useExistingSnapshot")
    assert [shown[name] for name in same] == ["before", "Manual", VOLUME, len("first"), "first", False]
    assert {"backupId", "creationDate", "completionDate"} <= shown.keys()
    backed.patch(FIRST, {"properties": {"label": "after"}})
    assert backed.shown(FIRST)["label"] == "after"


def test_a_volume_goes_and_its_backup_stays(backed: ProtectedWorld) -> None:
    assert backed.exists(f"{VOLUME}/snapshots/first")
    backed.delete(VOLUME)
    backed.put(RESTORED, volume_body(token="restored", backupId=FIRST))
    assert backed.read(RESTORED) == "first"
    assert backed.kept(VAULT) == NESTED
    for each in (FIRST, VAULT):
        backed.delete(each)
    assert not list((backed.files.root / ".copies").iterdir())


def test_an_existing_snapshot_can_be_backed_up(backed: ProtectedWorld) -> None:
    backed.put(f"{VOLUME}/snapshots/mine", {"location": REGION})
    backed.write("third")
    backed.put(SECOND, backup_body(useExistingSnapshot=True, snapshotName="mine"))
    backed.put(RESTORED, volume_body(token="restored", backupId=backed.shown(SECOND)["backupId"]))
    assert backed.read(RESTORED) == "second"
    assert backed.kept(f"{VOLUME}/snapshots/mine").startswith("SnapshotInUse")


def test_the_latest_backup_stays_while_the_volume_has_a_policy(backed: ProtectedWorld) -> None:
    backed.put(VOLUME, backed_up(backupVaultId=VAULT, backupPolicyId=POLICY))
    assert backed.kept(FIRST).startswith("LatestBackupCannotBeDeleted")
    backed.put(SECOND, backup_body())
    backed.delete(FIRST)
    assert backed.kept(SECOND).startswith("LatestBackupCannotBeDeleted")
    backed.delete(VOLUME)
    backed.delete(SECOND)


def test_the_status_of_a_volume_follows_its_backups(volume: ProtectedWorld) -> None:
    def status() -> list[str]:
        shown = latest_status(volume.model, volume.get(VOLUME))
        return [shown["relationshipStatus"], shown["mirrorState"]]

    volume.put(VAULT, {"location": REGION})
    volume.put(VOLUME, backed_up(backupVaultId=VAULT))
    assert status() == ["Idle", "Uninitialized"]
    first = volume.start(FIRST, backup_body())
    assert status() == ["Transferring", "Uninitialized"]
    assert volume.refusal(SECOND, backup_body()).code == "BackupInProgress"
    volume.finish(first)
    assert status() == ["Idle", "Mirrored"]


def test_a_volume_with_backups_is_not_reverted(backed: ProtectedWorld) -> None:
    with pytest.raises(ArmError, match="VolumeHasBackups"):
        backed.model.act(ResourceId.parse(VOLUME), "revert", {"snapshotId": f"{VOLUME}/snapshots/first"})
    assert backed.read() == "second"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MissingValue"),
        (backup_body(volumeResourceId=f"{POOL}/volumes/none"), "VolumeNotFound"),
        (backup_body(useExistingSnapshot=True), "InvalidValueReceivedFor"),
        (backup_body(useExistingSnapshot=True, snapshotName="none"), "InvalidValueReceivedFor"),
        (backup_body(backupId="mine"), "ReadOnlyProperty"),
    ],
)
def test_a_backup_that_cannot_be_is_refused(backed: ProtectedWorld, body: dict[str, Any], code: str) -> None:
    assert backed.refusal(SECOND, body).code == code


def test_a_backup_needs_a_volume_with_its_vault(volume: ProtectedWorld) -> None:
    volume.put(VAULT, {"location": REGION})
    assert volume.refusal(FIRST, backup_body()).code == "VolumeNotBackupEnabled"


def test_an_unknown_backup_is_refused(backed: ProtectedWorld) -> None:
    assert backed.refusal(RESTORED, volume_body(token="restored", backupId=SECOND)).code == "BackupNotFound"
