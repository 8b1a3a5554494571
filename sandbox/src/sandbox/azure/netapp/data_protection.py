"""The data protection of a volume: the snapshot policy that it has. Backup and replication are kept as they are given.

A PUT that names no policy takes it off the volume (github.com/ANFTechTeam/ANFCapacityManager, issue 6); a PATCH does so
with an empty id (azurerm's netapp_volume_resource.go).
"""

from typing import TYPE_CHECKING, Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.netapp import refusals
from sandbox.azure.shapes import mapping

if TYPE_CHECKING:
    from sandbox.azure.model import Model

_NAME: Final = "dataProtection"
_KNOWN: Final = ("backup", "replication", "snapshot", "volumeRelocation")
_POLICY: Final = "snapshotPolicyId"


def policy_key(volume: dict[str, Any]) -> str | None:
    """The key of the snapshot policy that a volume has, from its properties."""
    policy = volume.get(_NAME, {}).get("snapshot", {}).get(_POLICY)
    return policy.lower() if policy else None


def patched(before: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What a PATCH makes of a volume's data protection: the parts that it does not name stay."""
    if _NAME not in wanted:
        return {}
    return {_NAME: {**before.get(_NAME, {}), **mapping(wanted[_NAME], _NAME)}}


def checked(model: "Model", volume_id: ResourceId, wanted: dict[str, Any]) -> dict[str, Any]:
    """The data protection of a volume from a request, as a property; none where it says nothing."""
    given = mapping(wanted.get(_NAME), _NAME)
    refusals.check_known(given, _KNOWN)
    parts = {name: mapping(part, name) for name, part in given.items()}
    snapshot = parts.pop("snapshot", {})
    refusals.check_known(snapshot, (_POLICY,))
    if policy := snapshot.get(_POLICY):
        if parts.get("replication", {}).get("endpointType") == "dst":
            raise refusals.invalid(policy, _POLICY, "A destination volume of a replication has no snapshot policy.")
        parts["snapshot"] = {_POLICY: _existing(model, volume_id, policy)}
    parts = {name: part for name, part in parts.items() if part}
    return {_NAME: parts} if parts else {}


def _existing(model: "Model", volume_id: ResourceId, policy: Any) -> str:
    account = volume_id.parent.parent
    try:
        policy_id = ResourceId.parse(policy)
    except (AttributeError, ValueError):
        raise refusals.invalid(policy, _POLICY, "It must be the id of a snapshot policy.") from None
    if policy_id.type.lower() != "microsoft.netapp/netappaccounts/snapshotpolicies":
        raise refusals.invalid(policy, _POLICY, "It must be the id of a snapshot policy.")
    if policy_id.parent.key != account.key:
        raise refusals.invalid(policy, _POLICY, f"The policy must be one of the volume's account '{account.name}'.")
    found = model.find(policy_id)
    if found is None or found.state == "Deleting":
        raise ArmError(404, "SnapshotPolicyNotFound", f"The snapshot policy '{policy}' was not found.")
    return policy
