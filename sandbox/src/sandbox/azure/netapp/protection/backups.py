"""Backup vaults and backup policies of an account, and the backup that a volume has of them. No backup is taken.

Names and types: the REST specification. That a backup needs a vault of the volume's region, and a policy is enforced
or suspended: learn.microsoft.com/azure/azure-netapp-files/backup-requirements-considerations. The words of the refusals
are a guess, after those for snapshot policies.
"""

from typing import Any, Final

from azure.mgmt.netapp import models

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import BACKUP_POLICIES, BACKUP_VAULTS, VOLUMES, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.netapp.netapp_type import NetAppType, check_location
from sandbox.azure.netapp.properties import Properties, flag, integer, invalid, missing
from sandbox.azure.store import Resource

_POLICY: Final = Properties(models.BackupPolicyProperties)
_COUNTS: Final = ("dailyBackupsToKeep", "weeklyBackupsToKeep", "monthlyBackupsToKeep")
_BACKUP: Final = Properties(models.VolumeBackupProperties)
_REFERENCES: Final = {"backupVaultId": BACKUP_VAULTS, "backupPolicyId": BACKUP_POLICIES}


class BackupVaults(NetAppType):
    """Microsoft.NetApp/netAppAccounts/backupVaults."""

    name = BACKUP_VAULTS

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        check_location("BackupVault", desired, model.store.existing(resource_id.parent.key), "NetAppAccount")
        return Draft({}, envelope=desired.envelope)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        return Draft({}, envelope=desired.envelope)

    def check_delete(self, model: Model, resource: Resource) -> None:
        _refuse_in_use(model, resource, "BackupVault")
        super().check_delete(model, resource)


class BackupPolicies(NetAppType):
    """Microsoft.NetApp/netAppAccounts/backupPolicies."""

    name = BACKUP_POLICIES

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        check_location("BackupPolicy", desired, model.store.existing(resource_id.parent.key), "NetAppAccount")
        return _policy({}, desired)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        return _policy(resource.properties if desired.partial else {}, desired)

    def check_delete(self, model: Model, resource: Resource) -> None:
        _refuse_in_use(model, resource, "BackupPolicy")
        super().check_delete(model, resource)


def backup_of(model: Model, location: str, given: dict[str, Any]) -> dict[str, Any]:
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
        title = kind.rpartition("/")[2].removesuffix("s").replace("olicie", "olicy")
        raise ArmError(404, f"{title[0].upper()}{title[1:]}NotFound", f"The {title} '{value}' was not found.")
    if found.location != location:
        raise invalid(value, name, "It must be in the region of the volume.")


def _policy(before: dict[str, Any], desired: Desired) -> Draft:
    _POLICY.check(desired.properties)
    wanted = {**before, **desired.properties}
    counts = {name: integer(wanted, name) for name in _COUNTS if wanted.get(name) is not None}
    return Draft({**counts, "enabled": flag(wanted, "enabled", default=True)}, envelope=desired.envelope)


def _refuse_in_use(model: Model, resource: Resource, title: str) -> None:
    for volume in model.store.of_type(VOLUMES, resource.id.subscription):
        backup: dict[str, Any] = volume.properties.get("dataProtection", {}).get("backup", {})
        if any(str(backup.get(name, "")).lower() == resource.id.key for name in _REFERENCES):
            text = f"{title} is used by volume '{volume.id.full_name}' and cannot be deleted."
            raise ArmError(409, f"{title}InUse", text)
