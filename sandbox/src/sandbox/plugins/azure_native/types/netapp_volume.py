"""Microsoft.NetApp (2024-09-01): volumes."""

from typing import Final

from sandbox.plugins.azure_native.schema import (
    Invoke,
    ResourceType,
    array,
    boolean,
    flattened,
    integer,
    number,
    obj,
    string,
    strings,
)
from sandbox.plugins.azure_native.types.common import RESOURCE_GROUP_NAME, named, tracked_resource
from sandbox.plugins.azure_native.types.netapp import ACCOUNT_NAME, API, POOL_NAME, POOL_PATH, STATE

VOLUME_PATH: Final = POOL_PATH + "/volumes/{volumeName}"
VOLUME_NAME: Final = named("volumeName", pattern=r"^[a-zA-Z][a-zA-Z0-9\-_]{0,63}$", min_length=1, max_length=64)

_KERBEROS: Final = ("kerberos5", "kerberos5i", "kerberos5p")
_EXPORT_RULE: Final = obj(
    {
        "ruleIndex": integer(),
        "unixReadOnly": boolean(),
        "unixReadWrite": boolean(),
        **{f"{level}{access}": boolean(default=False) for level in _KERBEROS for access in ("ReadOnly", "ReadWrite")},
        "cifs": boolean(),
        "nfsv3": boolean(),
        "nfsv41": boolean(),
        "allowedClients": string(),
        "hasRootAccess": boolean(default=True),
        "chownMode": string(default="Restricted"),
    }
)
_REMOTE_PATH: Final = {name: string(required=True) for name in ("externalHostName", "serverName", "volumeName")}
_DATA_PROTECTION: Final = obj(
    {
        "backup": obj({"backupPolicyId": string(), "backupVaultId": string(), "policyEnforced": boolean()}),
        "replication": obj(
            {
                "endpointType": string(),
                "replicationSchedule": string(),
                "remoteVolumeResourceId": string(),
                "remotePath": obj(_REMOTE_PATH),
                "remoteVolumeRegion": string(),
                "replicationId": STATE,
            }
        ),
        "snapshot": obj({"snapshotPolicyId": string()}),
        "volumeRelocation": obj({"relocationRequested": boolean(), "readyToBeFinalized": boolean(read_only=True)}),
    }
)
_MOUNT_TARGET: Final = obj(
    {"mountTargetId": string(), "fileSystemId": string(), "ipAddress": string(), "smbServerFqdn": string()}
)

_SETTINGS: Final = {
    "creationToken": string(required=True, pattern=r"^[a-zA-Z][a-zA-Z0-9\-]{0,79}$", min_length=1, max_length=80),
    "usageThreshold": integer(required=True, default=107374182400, minimum=53687091200, maximum=2638827906662400),
    "subnetId": string(required=True),
    "serviceLevel": string(default="Premium"),
    "exportPolicy": obj({"rules": array(_EXPORT_RULE, identifiers=("ruleIndex",))}),
    "protocolTypes": strings(),
    "snapshotId": string(replaces=True),
    "deleteBaseSnapshot": boolean(),
    "backupId": string(replaces=True),
    "networkFeatures": string(default="Basic"),
    "volumeType": string(),
    "dataProtection": _DATA_PROTECTION,
    "isRestoring": boolean(),
    "snapshotDirectoryVisible": boolean(default=True),
    "kerberosEnabled": boolean(replaces=True, default=False),
    "securityStyle": string(default="unix"),
    "smbEncryption": boolean(default=False),
    "smbAccessBasedEnumeration": string(),
    "smbNonBrowsable": string(),
    "smbContinuouslyAvailable": boolean(default=False),
    "throughputMibps": number(),
    "encryptionKeySource": string(default="Microsoft.NetApp"),
    "keyVaultPrivateEndpointResourceId": string(),
    "ldapEnabled": boolean(default=False),
    "coolAccess": boolean(default=False),
    "coolnessPeriod": integer(minimum=2, maximum=183),
    "coolAccessRetrievalPolicy": string(),
    "coolAccessTieringPolicy": string(),
    "unixPermissions": string(min_length=4, max_length=4),
    "avsDataStore": string(default="Disabled"),
    "isDefaultQuotaEnabled": boolean(default=False),
    "defaultUserQuotaInKiBs": integer(default=0),
    "defaultGroupQuotaInKiBs": integer(default=0),
    "capacityPoolResourceId": string(),
    "proximityPlacementGroup": string(),
    "volumeSpecName": string(),
    "placementRules": array(obj({"key": string(required=True), "value": string(required=True)}), identifiers=("key",)),
    "enableSubvolumes": string(default="Disabled"),
    "isLargeVolume": boolean(default=False),
}
_STATUS: Final = {
    "mountTargets": array(_MOUNT_TARGET, read_only=True),
    "actualThroughputMibps": number(read_only=True),
    "cloneProgress": integer(read_only=True),
    "dataStoreResourceId": strings(read_only=True),
    "encrypted": boolean(read_only=True),
    "maximumNumberOfFiles": integer(read_only=True),
    **dict.fromkeys(
        (
            "fileSystemId",
            "provisioningState",
            "baremetalTenantId",
            "effectiveNetworkFeatures",
            "networkSiblingSetId",
            "storageToNetworkProximity",
            "fileAccessLogs",
            "volumeGroupName",
            "t2Network",
            "provisionedAvailabilityZone",
            "originatingResourceId",
        ),
        STATE,
    ),
}

VOLUMES: Final = ResourceType(
    name="azure-native:netapp:CapacityPoolVolume",
    path=VOLUME_PATH,
    api_version=API,
    parameters=(RESOURCE_GROUP_NAME, ACCOUNT_NAME, POOL_NAME, VOLUME_NAME),
    properties={
        **tracked_resource(),
        "etag": STATE,
        "zones": array(string(min_length=1, max_length=255), replaces=True),
        **flattened({**_SETTINGS, **_STATUS}),
    },
    autoname="copy",
)

TYPES: Final = (VOLUMES,)
INVOKES: Final = (
    Invoke("azure-native:netapp:getCapacityPoolVolume", "GET", VOLUMES.path, API, VOLUMES.properties, of_resource=True),
)
