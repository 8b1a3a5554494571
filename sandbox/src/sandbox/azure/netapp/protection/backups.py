"""Backups in a vault: of a volume that has this vault, with the volume's files, which outlive it.

Source: learn.microsoft.com/azure/azure-netapp-files, backup-configure-manual, backup-delete and
backup-requirements-considerations; the REST specification. No backup is taken on the schedule of a policy.
"""

import uuid
from typing import Any, Final

from azure.mgmt.netapp import models

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import BACKUPS, VOLUMES, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.netapp.netapp_type import NetAppType
from sandbox.azure.netapp.properties import Properties, flag, invalid, missing, unchangeable
from sandbox.azure.netapp.protection import snapshots
from sandbox.azure.netapp.protection.data_protection import backup_setting, backups_of, volume_of
from sandbox.azure.operations import Kind
from sandbox.azure.shapes import timestamp
from sandbox.azure.store import Resource

_PROPERTIES: Final = Properties(models.BackupProperties)


class Backups(NetAppType):
    """Microsoft.NetApp/netAppAccounts/backupVaults/backups."""

    name = BACKUPS
    pattern = r"[a-zA-Z0-9][a-zA-Z0-9\-_.]{0,255}"
    has_location = False

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        wanted = desired.properties
        _PROPERTIES.check_new(wanted)
        volume = _volume(model, resource_id.parent, wanted)
        if any(each.state == "Creating" for each in backups_of(model, volume)):
            # Guess: The words with which Azure refuses a second manual backup at a time, which is documented.
            text = f"Another backup of volume '{volume.id.full_name}' is in progress."
            raise ArmError(409, "BackupInProgress", text)
        existing = flag(wanted, "useExistingSnapshot", default=False)
        name = wanted.get("snapshotName") if existing else resource_id.name
        if existing and (not name or not snapshots.find(model, str(volume.id.child("snapshots", str(name))))):
            raise invalid(name, "snapshotName", "It must be a snapshot of the volume.")
        properties: dict[str, Any] = {
            "backupId": str(uuid.uuid4()),
            "creationDate": timestamp(model.now()),
            "size": model.files.used_bytes(volume.properties) if model.files else 0,
            "backupType": "Manual",
            "failureReason": "None",
            "volumeResourceId": str(volume.id),
            "useExistingSnapshot": existing,
            "snapshotName": name,
            "isLargeVolume": volume.properties["isLargeVolume"],
        }
        if wanted.get("label"):
            properties["label"] = wanted["label"]
        return Draft(properties, {"volume": volume.properties["fileSystemId"]})

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        wanted = desired.properties
        _PROPERTIES.check(wanted)
        volume = wanted.get("volumeResourceId")
        if volume is not None and str(volume).lower() != resource.properties["volumeResourceId"].lower():
            raise unchangeable("volumeResourceId")
        label = {"label": wanted["label"]} if wanted.get("label") else {}
        return Draft({**resource.properties, **label}, resource.private)

    def applied(self, model: Model, resource: Resource, desired: Desired) -> None:
        """Take the snapshot that a backup transfers, named like the backup, and its files."""
        if resource.ready:
            return
        properties = resource.properties
        volume = model.store.existing(properties["volumeResourceId"].lower())
        snapshot_id = volume.id.child("snapshots", properties["snapshotName"])
        if not model.store.find(snapshot_id.key):
            model.create_child(snapshot_id, volume.location, snapshots.draft(model, {"backup": resource.id.key}))
            snapshots.keep_files(model, model.store.existing(snapshot_id.key))
        if model.files:
            copy = model.store.existing(snapshot_id.key).properties["snapshotId"]
            model.files.keep_again(copy, properties["backupId"])

    def etag(self, now: float) -> str:
        """Return none, as the REST specification has it."""
        return ""

    def completed(self, model: Model, resource: Resource, kind: Kind) -> None:
        if kind == "create":
            resource.properties["completionDate"] = timestamp(model.now())

    def check_delete(self, model: Model, resource: Resource) -> None:
        """Refuse the latest backup of a volume that has a backup policy."""
        volume = volume_of(model, resource)
        if volume and backups_of(model, volume)[-1].id == resource.id and backup_setting(volume, "backupPolicyId"):
            # Guess: The words with which Azure refuses to delete the latest backup, which is documented.
            text = f"Backup '{resource.id.full_name}' is the latest of its volume and cannot be deleted."
            raise ArmError(409, "LatestBackupCannotBeDeleted", text)
        super().check_delete(model, resource)

    def removed(self, model: Model, resource: Resource) -> None:
        if model.files:
            model.files.forget(resource.properties["backupId"])


def latest_status(model: Model, volume: Resource) -> dict[str, Any]:
    """Return the answer to `latestBackupStatus/current`. The words: azure-cli's test_backup_commands.py."""
    backups = backups_of(model, volume)
    done = [each for each in backups if each.ready]
    moving = len(done) < len(backups)
    # Guess: A volume without a backup answers like one whose first backup has not ended.
    shown: dict[str, Any] = {
        "healthy": True,
        "relationshipStatus": "Transferring" if moving else "Idle",
        "mirrorState": "Mirrored" if done else "Uninitialized",
        "unhealthyReason": "",
        "errorMessage": "",
    }
    if done:
        size = done[-1].properties["size"]
        shown |= {"lastTransferSize": size, "lastTransferType": "Update", "totalTransferBytes": size}
    return shown


def find(model: Model, value: object) -> Resource | None:
    """Return a backup that is complete, by its id or its backupId."""
    if backup_id := ResourceId.of(BACKUPS, value):
        found = model.find(backup_id)
    else:
        found = next((each for each in model.store.of_type(BACKUPS) if each.properties["backupId"] == value), None)
    return found if found and found.ready and found.state != "Deleting" else None


def _volume(model: Model, vault: ResourceId, wanted: dict[str, Any]) -> Resource:
    value = wanted.get("volumeResourceId")
    if not value:
        raise missing("volumeResourceId")
    volume_id = ResourceId.of(VOLUMES, value)
    volume = model.find(volume_id) if volume_id else None
    if volume is None or not volume.ready or volume.state == "Deleting":
        raise ArmError(404, "VolumeNotFound", "Volume was not found or was not created successfully.")
    if backup_setting(volume, "backupVaultId") != vault.key:
        # Guess: The words with which Azure refuses a backup of a volume that has not this vault, which is documented.
        text = f"Volume '{volume.id.full_name}' is not enabled for backup in backup vault '{vault.full_name}'."
        raise ArmError(400, "VolumeNotBackupEnabled", text)
    return volume
