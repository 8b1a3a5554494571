"""The data protection of a volume: its snapshot policy, its backup, its replication."""

from typing import Any, Final

from azure.mgmt.netapp import models

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import SNAPSHOT_POLICIES, ResourceId
from sandbox.azure.model import Model
from sandbox.azure.netapp.properties import Properties, invalid
from sandbox.azure.netapp.protection.backups import backup_of
from sandbox.azure.shapes import mapping

_PROTECTION: Final = Properties(models.VolumePropertiesDataProtection, without=("ransomwareProtection",))
_SNAPSHOT: Final = Properties(models.VolumeSnapshotProperties)
_POLICY: Final = "snapshotPolicyId"


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
    if backup := backup_of(model, location, parts.pop("backup", {})):
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
        raise ArmError(404, "SnapshotPolicyNotFound", f"The snapshot policy '{policy}' was not found.")
