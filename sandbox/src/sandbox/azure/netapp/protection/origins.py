"""What a new volume is a copy of: a snapshot, or a backup. The volume has its files when it is created.

What Azure answers: test_create_volume_from_snapshot.yaml of azure-cli's tests; a volume does not show its origin later.
That source and volume have the same protocols: learn.microsoft.com/azure/azure-netapp-files,
snapshots-restore-new-volume and backup-restore-new-volume.
"""

from collections.abc import Callable
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.model import Model
from sandbox.azure.netapp.properties import fixed, invalid
from sandbox.azure.netapp.protection import backups, snapshots
from sandbox.azure.netapp.protection.data_protection import volume_of
from sandbox.azure.store import Resource

_FINDERS: Final[dict[str, Callable[[Model, object], Resource | None]]] = {
    "snapshotId": snapshots.find,
    "backupId": backups.find,
}


def origin(model: Model, location: str, properties: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of the origin that a request names: its id as given, and the copy of files."""
    named = {name: wanted[name] for name in _FINDERS if wanted.get(name)}
    if len(named) > 1:
        raise invalid(named["backupId"], "backupId", "A volume is created from a snapshot or from a backup.")
    for name, value in named.items():
        source = _FINDERS[name](model, value)
        if source is None:
            # Guess: The words with which Azure refuses a snapshot or backup that it does not find.
            kind = name.removesuffix("Id").capitalize()
            raise ArmError(404, f"{kind}NotFound", f"{kind} '{value}' was not found.")
        if source.location != location:
            raise invalid(value, name, "It must be in the region of the volume.")
        snapshot = name == "snapshotId"
        volume = model.store.find(source.id.parent.key) if snapshot else volume_of(model, source)
        if volume and sorted(volume.properties["protocolTypes"]) != sorted(properties["protocolTypes"]):
            raise invalid(value, name, "The volume must have the protocol types of its source.")
        size = model.files.copied_bytes(source.properties[name]) if model.files else 0
        if properties["usageThreshold"] < size:
            raise invalid(properties["usageThreshold"], "usageThreshold", f"The source has {size} bytes.")
        return {name: value, snapshots.COPY: source.properties[name]}
    return {}


def check_origin(volume: Resource, wanted: dict[str, Any]) -> None:
    """Refuse another origin; the one that the volume was created from may be named again."""
    for name in _FINDERS:
        if (value := wanted.get(name)) and str(value).lower() != str(volume.private.get(name, "")).lower():
            raise fixed(name)


def restore(model: Model, volume: Resource) -> None:
    if model.files and (copy := volume.private.get(snapshots.COPY)):
        model.files.restore(copy, volume.properties)
