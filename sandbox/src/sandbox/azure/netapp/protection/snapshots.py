"""Snapshots of volumes: taken at once, with the files of that moment, and the volume that goes back to one of them.

What Azure answers: test_create_delete_snapshots.yaml of azure-cli's tests. That a volume stays while it has snapshots:
github.com/Azure/azure-sdk-for-go, issue 11475, for which azurerm's netapp_snapshot_resource.go waits. That Azure takes
a volume with the snapshots of its own backups: TestBackupCrud of azure-powershell's tests deletes one. Scheduled
snapshots of a policy are not taken.
"""

import uuid
from typing import Any, Final

from azure.mgmt.netapp import models

from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import SNAPSHOTS, VOLUMES, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.netapp.limits import SNAPSHOTS_PER_VOLUME, check_count
from sandbox.azure.netapp.netapp_type import NetAppType, changing, check_location
from sandbox.azure.netapp.properties import Properties, invalid
from sandbox.azure.netapp.protection.data_protection import backups_of
from sandbox.azure.operations import Operation
from sandbox.azure.shapes import timestamp
from sandbox.azure.store import Resource

_PROPERTIES: Final = Properties(models.SnapshotProperties)
COPY: Final = "copy"
"""In what is kept of a volume: the id of the copy that it was created from."""


class Snapshots(NetAppType):
    """Microsoft.NetApp/netAppAccounts/capacityPools/volumes/snapshots."""

    name = SNAPSHOTS
    has_system_data = False
    put_by_both = True

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        volume = model.store.existing(resource_id.parent.key)
        check_location("Snapshot", desired, volume, "Volume")
        _check_ready(volume)
        check_count("snapshot", SNAPSHOTS_PER_VOLUME, "volume", model.store.count_children(volume.id.key))
        _PROPERTIES.check_new(desired.properties)
        return draft(model)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        """Leave a snapshot as it is: it has nothing that changes."""
        if desired.partial:
            # The text is that of azure-sdk-for-net's SnapshotTests.cs.
            # Guess: The code of the refusal to change a snapshot by PATCH is OperationNotSupported.
            raise ArmError(405, "OperationNotSupported", "Patch operation is not supported")
        return Draft(resource.properties, resource.private)

    def applied(self, model: Model, resource: Resource, desired: Desired) -> None:
        if not resource.ready:
            keep_files(model, resource)

    def etag(self, now: float) -> str:
        """Return none: a snapshot never changes."""
        return ""

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        return resource.properties if resource.ready else {}

    def check_delete(self, model: Model, resource: Resource) -> None:
        """Refuse it while a volume is created from it (documented: snapshots-delete), or a backup builds on it."""
        copy = resource.properties["snapshotId"]
        volumes = model.store.of_type(VOLUMES, Criteria(resource.id.subscription, state="Creating"))
        if any(each.private.get(COPY) == copy for each in volumes):
            # Guess: The words with which Azure refuses to delete a snapshot that is being cloned.
            text = f"Snapshot '{resource.id.full_name}' is being cloned and cannot be deleted at the moment."
            raise ArmError(409, "SnapshotInUse", text)
        backups = backups_of(model, model.store.existing(resource.id.parent.key))
        if backups and backups[-1].properties.get("snapshotName") == resource.id.name:
            # Guess: Azure refuses to delete the snapshot of a volume's latest backup.
            text = f"Snapshot '{resource.id.full_name}' is used by backup '{backups[-1].id.full_name}'."
            raise ArmError(409, "SnapshotInUse", text)
        super().check_delete(model, resource)

    def removed(self, model: Model, resource: Resource) -> None:
        if model.files:
            model.files.forget(resource.properties["snapshotId"])


def draft(model: Model, private: dict[str, Any] | None = None) -> Draft:
    created = timestamp(model.now())[:-4] + "Z"  # to the millisecond, as recorded
    return Draft({"snapshotId": str(uuid.uuid4()), "created": created}, private or {})


def keep_files(model: Model, snapshot: Resource) -> None:
    if model.files:
        model.files.keep(model.store.existing(snapshot.id.parent.key).properties, snapshot.properties["snapshotId"])


def check_without_snapshots(model: Model, volume: Resource) -> None:
    """Refuse to delete a volume that has snapshots which clients took."""
    if any("backup" not in snapshot.private for snapshot in model.store.children(volume.id.key)):
        raise ArmError(409, "CannotDeleteResource", "Can not delete resource before nested resources are deleted.")


def revert(model: Model, volume: Resource, body: dict[str, Any]) -> tuple[Resource, Operation]:
    """Give a volume the files of one of its snapshots, and delete those that are newer.

    Source: https://learn.microsoft.com/azure/azure-netapp-files/snapshots-revert-volume.
    """
    _check_ready(volume)
    model.type(volume.id).check_idle(model, volume.id, volume)
    snapshots = model.store.children(volume.id.key)
    wanted = find(model, body.get("snapshotId"))
    if wanted is None or wanted.id.parent.key != volume.id.key:
        raise invalid(body.get("snapshotId"), "snapshotId", "It must be a snapshot of the volume.")
    if backups_of(model, volume):
        # Guess: The words with which Azure refuses to revert a volume that has backups, which is documented.
        raise ArmError(409, "VolumeHasBackups", "Revert is not supported on a volume that has backups.")
    for newer in snapshots[[each.id.key for each in snapshots].index(wanted.id.key) + 1 :]:
        model.remove(newer)
    if model.files:
        model.files.restore(wanted.properties["snapshotId"], volume.properties)
    return changing(model, volume)


def find(model: Model, value: object) -> Resource | None:
    """Return a snapshot by its id, or by its snapshotId (recorded: azure-cli 2.17 sent that)."""
    if snapshot_id := ResourceId.of(SNAPSHOTS, value):
        found = model.find(snapshot_id)
    else:
        snapshots = model.store.of_type(SNAPSHOTS)
        found = next((each for each in snapshots if each.properties["snapshotId"] == value), None)
    return found if found and found.ready and found.state != "Deleting" else None


def _check_ready(volume: Resource) -> None:
    if not volume.ready:
        raise ArmError(404, "VolumeNotFound", "Volume was not found or was not created successfully.")
