"""Backup policies of an account: how many backups are kept. No backup is taken by them.

What Azure answers: test_create_delete_backup_policies.yaml of azure-cli's tests.
"""

import uuid
from typing import Any, Final

from azure.mgmt.netapp import models

from sandbox.azure.ids import BACKUP_POLICIES, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.netapp.netapp_type import NetAppType, check_location
from sandbox.azure.netapp.properties import Properties, flag, integer
from sandbox.azure.netapp.protection.data_protection import refuse_in_use
from sandbox.azure.store import Resource

_PROPERTIES: Final = Properties(models.BackupPolicyProperties)
_COUNTS: Final = ("dailyBackupsToKeep", "weeklyBackupsToKeep", "monthlyBackupsToKeep")
_ID: Final = "backupPolicyId"


class BackupPolicies(NetAppType):
    """Microsoft.NetApp/netAppAccounts/backupPolicies."""

    name = BACKUP_POLICIES

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        check_location("BackupPolicy", desired, model.store.existing(resource_id.parent.key), "NetAppAccount")
        return _draft({_ID: str(uuid.uuid4())}, {}, desired)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        before = resource.properties
        return _draft({_ID: before[_ID]}, before if desired.partial else {}, desired)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        """Leave out the id while the policy is being created."""
        return {name: value for name, value in resource.properties.items() if resource.ready or name != _ID}

    def check_delete(self, model: Model, resource: Resource) -> None:
        refuse_in_use(model, resource, _ID, "BackupPolicy")
        super().check_delete(model, resource)


def _draft(identity: dict[str, str], before: dict[str, Any], desired: Desired) -> Draft:
    _PROPERTIES.check(desired.properties)
    wanted = {**before, **desired.properties}
    counts = {name: integer(wanted, name) for name in _COUNTS if wanted.get(name) is not None}
    properties = {"enabled": flag(wanted, "enabled", default=True), **identity, **counts}
    return Draft(properties, envelope=desired.envelope)
