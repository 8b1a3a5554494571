"""A volume as Azure has it: its settings, what the SDK adds to them, and what never changes."""

from collections.abc import Collection, Mapping
from typing import Final

from pulumi_azure_native import netapp

from components import rules
from components.guest.azure_types import AzureType
from components.guest.azure_update import Unchangeable

CONTINUOUSLY_AVAILABLE: Final = "smbContinuouslyAvailable"
SDK_DEFAULTS: Final = {"cool_access": "coolAccess", "continuously_available": CONTINUOUSLY_AVAILABLE}
"""Arguments whose inputs the SDK fills with false where nothing is given."""

VOLUME: Final = AzureType(
    title="The volume",
    look_up="azure-native:netapp:getCapacityPoolVolume",
    names=("resourceGroupName", "accountName", "poolName", "volumeName"),
    sdk_defaults=(
        "avsDataStore",
        "coolAccess",
        "defaultGroupQuotaInKiBs",
        "defaultUserQuotaInKiBs",
        "enableSubvolumes",
        "encryptionKeySource",
        "isDefaultQuotaEnabled",
        "isLargeVolume",
        "kerberosEnabled",
        "ldapEnabled",
        CONTINUOUSLY_AVAILABLE,
    ),
    shared=("dataProtection",),
    inputs=netapp.CapacityPoolVolumeArgs,
    from_state=("zones", "snapshotId", "backupId", "kerberosEnabled"),
    constant=("zones", CONTINUOUSLY_AVAILABLE),
    # Azure reports a throughput for QoS type Auto too, and refuses it there.
    no_settings=("location", "deleteBaseSnapshot", "isRestoring", "throughputMibps"),
    unset={"encryptionKeySource": "Microsoft.NetApp", "coolnessPeriod": 31, "coolAccessTieringPolicy": "Auto"},
    arguments={"dataProtection.backup": "SmbVolume.backup", "coolAccess": "SmbVolume.cool_access"},
)

_ANOTHER_VOLUME: Final = "leave it, or create another volume under another name and copy the files"
_ANOTHER_POOL: Final = (
    "leave it, or move the volume to a pool of that level: az netappfiles volume pool-change --ids VOLUME_ID "
    "--new-pool-resource-id POOL_ID"
)
_IN_THE_PORTAL: Final = (
    "leave it; to turn it on for a volume that is there, use the Azure portal (Edit, Enable Continuous Availability), "
    "then set true here"
)
_UNCHANGEABLE: Final = {
    "creationToken": ("creation_token", _ANOTHER_VOLUME),
    "subnetId": ("subnet_id", _ANOTHER_VOLUME),
    "protocolTypes": ("protocolTypes", _ANOTHER_VOLUME),
    "networkFeatures": ("networkFeatures", _ANOTHER_VOLUME),
    "securityStyle": ("securityStyle", _ANOTHER_VOLUME),
    "serviceLevel": ("service_level", _ANOTHER_POOL),
    "smbEncryption": ("smb_encryption", _ANOTHER_VOLUME),
    "snapshotDirectoryVisible": ("snapshot_directory_visible", _ANOTHER_VOLUME),
    "zones": ("zone", _ANOTHER_VOLUME),
    CONTINUOUSLY_AVAILABLE: ("continuously_available", _IN_THE_PORTAL),
}
"""What Azure never changes of a volume, with the arguments that say it, and what to do instead."""


def unchangeable(given: Collection[str]) -> Mapping[str, Unchangeable]:
    """Return what Azure never changes. What a component need not set counts only if it is among `given` inputs."""
    return {
        path: Unchangeable(rules.argument("SmbVolume", name), instead)
        for path, (name, instead) in _UNCHANGEABLE.items()
        if path not in VOLUME.constant or path in given
    }
