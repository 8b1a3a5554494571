"""Rules of Azure NetApp Files for a volume's placement, cool access and backup."""

from collections.abc import Mapping
from typing import Any, Final

from components.rules import InvalidArgsError, argument, check_args, one_of, text, whole

ZONES: Final = "https://learn.microsoft.com/azure/azure-netapp-files/manage-availability-zone-volume-placement"
COOL_ACCESS: Final = "https://learn.microsoft.com/azure/azure-netapp-files/manage-cool-access"
BACKUP: Final = "https://learn.microsoft.com/azure/azure-netapp-files/backup-requirements-considerations"

ZONE = one_of(("1", "2", "3"), ZONES)
COOLNESS_PERIOD = whole(2, 183, "days", COOL_ACCESS)
COOL_ACCESS_RETRIEVAL_POLICY = one_of(("Default", "OnRead", "Never"), COOL_ACCESS)
COOL_ACCESS_TIERING_POLICY = one_of(("Auto", "SnapshotOnly"), COOL_ACCESS)


def _id_pattern(kind: str) -> str:
    return (
        r"(?i)/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.NetApp"
        rf"/netAppAccounts/[^/]+/{kind}/[^/]+"
    )


def _id_in_words(kind: str) -> str:
    return (
        f"/subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.NetApp/netAppAccounts/NAME/{kind}/NAME, of the "
        "region of the volume"
    )


BACKUP_VAULT_ID = text(_id_pattern("backupVaults"), _id_in_words("backupVaults"), BACKUP)
BACKUP_POLICY_ID = text(_id_pattern("backupPolicies"), _id_in_words("backupPolicies"), BACKUP)

OF_COOL_ACCESS: Final = ("coolness_period", "cool_access_retrieval_policy", "cool_access_tiering_policy")
"""The arguments of a volume that only cool access gives a meaning."""


def check_options(component: str, args: Mapping[str, Any]) -> None:
    """Raise `InvalidArgsError` for placement, cool access or backup that Azure would refuse."""
    check_args(
        component,
        args,
        {
            "zone": ZONE,
            "coolness_period": COOLNESS_PERIOD,
            "cool_access_retrieval_policy": COOL_ACCESS_RETRIEVAL_POLICY,
            "cool_access_tiering_policy": COOL_ACCESS_TIERING_POLICY,
        },
    )
    alone = [name for name in OF_COOL_ACCESS if args.get(name) is not None and not args.get("cool_access")]
    if alone:
        listed = ", ".join(argument(component, name) for name in alone)
        raise InvalidArgsError(f"{component}: {listed}: allowed only with {argument(component, 'cool_access')} true")
    if isinstance(backup := args.get("backup"), Mapping):
        check_args(f"{component}.backup", backup, {"vault_id": BACKUP_VAULT_ID, "policy_id": BACKUP_POLICY_ID})
        if backup.get("enforced") and backup.get("policy_id") is None:
            raise InvalidArgsError(
                f"{component}.backup: enforced: allowed only with policy_id, whose backups it starts"
            )
