"""The data protection of a volume: its snapshot policy, its backup, its replication.

That a backup needs a vault of the volume's region, and a policy is enforced or suspended:
learn.microsoft.com/azure/azure-netapp-files/backup-requirements-considerations.
"""

from typing import Any, Final

from azure.mgmt.netapp import models

from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import BACKUP_POLICIES, BACKUP_VAULTS, BACKUPS, SNAPSHOT_POLICIES, VOLUMES, ResourceId
from sandbox.azure.model import Model
from sandbox.azure.netapp.properties import Properties, flag, invalid, missing
from sandbox.azure.shapes import mapping
from sandbox.azure.store import Resource

_PROTECTION: Final = Properties(models.VolumePropertiesDataProtection, without=("ransomwareProtection",))
_SNAPSHOT: Final = Properties(models.VolumeSnapshotProperties)
_POLICY: Final = "snapshotPolicyId"
_BACKUP: Final = Properties(models.VolumeBackupProperties)
_REFERENCES: Final = {"backupVaultId": BACKUP_VAULTS, "backupPolicyId": BACKUP_POLICIES}


def data_protection(model: Model, volume_id: ResourceId, location: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the dataProtection of a volume from a request, if it has any. A replication is kept as given."""
    given = mapping(wanted.get("dataProtection"), "dataProtection")
    _PROTECTION.check(given)
    parts = {name: mapping(part, name) for name, part in given.items()}
    snapshot = parts.pop("snapshot", {})
    _SNAPSHOT.check(snapshot)
    if policy := snapshot.get(_POLICY):
        if parts.get("replication", {}).get("endpointType") == "dst":
            raise invalid(policy, _POLICY, "A destination volume of a replication has no snapshot policy.")
        _check_policy(model, volume_id.parent.parent, policy)
        parts["snapshot"] = {_POLICY: policy}
    if backup := _backup(model, location, parts.pop("backup", {})):
        parts["backup"] = backup
    parts = {name: part for name, part in parts.items() if part}
    return {"dataProtection": parts} if parts else {}


def _check_policy(model: Model, account: ResourceId, policy: object) -> None:
    policy_id = ResourceId.of(SNAPSHOT_POLICIES, policy)
    if policy_id is None:
        raise invalid(policy, _POLICY, "It must be the id of a snapshot policy.")
    if policy_id.parent.key != account.key:
        raise invalid(policy, _POLICY, f"The policy must be one of the volume's account '{account.name}'.")
    found = model.find(policy_id)
    if found is None or found.state == "Deleting":
        # Guess: The words with which Azure refuses a snapshot policy that it does not find.
        raise ArmError(404, "SnapshotPolicyNotFound", f"The snapshot policy '{policy}' was not found.")


def backup_setting(volume: Resource, name: str) -> str:
    """Return `backupVaultId` or `backupPolicyId` of a volume in the form that all its spellings share."""
    return str(volume.properties.get("dataProtection", {}).get("backup", {}).get(name, "")).lower()


def backups_of(model: Model, volume: Resource) -> list[Resource]:
    """Return the backups of a volume, in any vault, the oldest first."""
    return [each for each in model.store.of_type(BACKUPS) if _is_of(each, volume)]


def volume_of(model: Model, backup: Resource) -> Resource | None:
    """Return the volume that a backup was taken of, wherever it is now; None if it is gone."""
    return model.store.first_of_type(VOLUMES, Criteria(texts={"fileSystemId": backup.private["volume"]}))


def refuse_in_use(model: Model, resource: Resource, name: str, title: str) -> None:
    """Refuse to delete the vault or the policy that a volume names as its `name`."""
    for volume in model.store.of_type(VOLUMES, Criteria(resource.id.subscription)):
        if backup_setting(volume, name) == resource.id.key:
            # Guess: The words with which Azure keeps a backup vault or backup policy that a volume names.
            text = f"{title} is used by volume '{volume.id.full_name}' and cannot be deleted."
            raise ArmError(409, f"{title}InUse", text)


def _is_of(backup: Resource, volume: Resource) -> bool:
    return backup.private["volume"] == volume.properties["fileSystemId"]


def _backup(model: Model, location: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the backup of a volume from a request, without what is empty."""
    _BACKUP.check(given)
    found = {name: value for name, value in given.items() if value not in {None, ""}}
    for name, kind in _REFERENCES.items():
        if name in found:
            _check_reference(model, name, kind, found[name], location)
    if "backupPolicyId" in found and "backupVaultId" not in found:
        raise missing("backupVaultId")
    if "policyEnforced" in found:
        found["policyEnforced"] = flag(found, "policyEnforced", default=False)
    return found


def _check_reference(model: Model, name: str, kind: str, value: object, location: str) -> None:
    resource_id = ResourceId.of(kind, value)
    if resource_id is None:
        raise invalid(value, name, f"It must be the id of a {kind}.")
    found = model.find(resource_id)
    if found is None or found.state == "Deleting":
        # Guess: The words with which Azure refuses a backup vault or backup policy that it does not find.
        title = name.removesuffix("Id")
        raise ArmError(404, f"{title[0].upper()}{title[1:]}NotFound", f"The {title} '{value}' was not found.")
    if found.location != location:
        raise invalid(value, name, "It must be in the region of the volume.")
