"""Backup vaults of an account, which hold backups. One that has backups, or that a volume names, stays."""

from sandbox.azure.ids import BACKUP_VAULTS, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.netapp.netapp_type import NetAppType, check_location
from sandbox.azure.netapp.protection.data_protection import refuse_in_use
from sandbox.azure.store import Resource


class BackupVaults(NetAppType):
    """Microsoft.NetApp/netAppAccounts/backupVaults."""

    name = BACKUP_VAULTS

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        check_location("BackupVault", desired, model.store.existing(resource_id.parent.key), "NetAppAccount")
        return Draft({}, envelope=desired.envelope)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        return Draft({}, envelope=desired.envelope)

    def check_delete(self, model: Model, resource: Resource) -> None:
        super().check_delete(model, resource)
        refuse_in_use(model, resource, "backupVaultId", "BackupVault")
