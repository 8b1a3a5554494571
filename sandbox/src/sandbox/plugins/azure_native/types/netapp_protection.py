"""Microsoft.NetApp (2024-09-01): snapshots, policies and quota rules."""

from collections.abc import Mapping
from typing import Final

from sandbox.plugins.azure_native.schema import (
    Invoke,
    Property,
    ResourceType,
    anything,
    array,
    boolean,
    flattened,
    integer,
    obj,
    string,
)
from sandbox.plugins.azure_native.types.common import (
    RESOURCE_GROUP_NAME,
    named,
    proxy_resource,
    system_data,
    tracked_resource,
)
from sandbox.plugins.azure_native.types.netapp import ACCOUNT_NAME, ACCOUNT_PATH, API, POOL_NAME, STATE
from sandbox.plugins.azure_native.types.netapp_volume import VOLUME_NAME, VOLUME_PATH

_OF_ACCOUNT: Final = (RESOURCE_GROUP_NAME, ACCOUNT_NAME)
_OF_VOLUME: Final = (*_OF_ACCOUNT, POOL_NAME, VOLUME_NAME)
_COUNT_AND_TIME: Final = {name: integer() for name in ("snapshotsToKeep", "minute", "usedBytes")}


def _policy(kind: str, parameter: str, properties: Mapping[str, Property], *, put_async: bool = True) -> ResourceType:
    """A policy of an account: `fooPolicies/{fooPolicyName}`, enabled or not."""
    return ResourceType(
        name=f"azure-native:netapp:{kind}",
        path=f"{ACCOUNT_PATH}/{parameter.removesuffix('yName')}ies/{{{parameter}}}",
        api_version=API,
        parameters=(*_OF_ACCOUNT, named(parameter)),
        properties={
            **tracked_resource(),
            "etag": STATE,
            **flattened({"enabled": boolean(), **properties, "provisioningState": STATE}),
        },
        autoname="copy",
        put_async=put_async,
    )


SNAPSHOTS: Final = ResourceType(
    name="azure-native:netapp:CapacityPoolSnapshot",
    path=VOLUME_PATH + "/snapshots/{snapshotName}",
    api_version=API,
    parameters=(*_OF_VOLUME, named("snapshotName")),
    properties={
        **proxy_resource(),
        "systemData": system_data(),
        "location": string(required=True, replaces=True),
        **flattened({"created": STATE, "provisioningState": STATE, "snapshotId": STATE}),
    },
    autoname="copy",
)

SNAPSHOT_POLICIES: Final = _policy(
    "SnapshotPolicy",
    "snapshotPolicyName",
    {
        "hourlySchedule": obj(_COUNT_AND_TIME),
        "dailySchedule": obj({**_COUNT_AND_TIME, "hour": integer()}),
        "weeklySchedule": obj({**_COUNT_AND_TIME, "hour": integer(), "day": string()}),
        "monthlySchedule": obj({**_COUNT_AND_TIME, "hour": integer(), "daysOfMonth": string()}),
    },
    put_async=False,
)

BACKUP_POLICIES: Final = _policy(
    "BackupPolicy",
    "backupPolicyName",
    {
        "dailyBackupsToKeep": integer(),
        "weeklyBackupsToKeep": integer(),
        "monthlyBackupsToKeep": integer(),
        "backupPolicyId": STATE,
        "volumesAssigned": integer(read_only=True),
        "volumeBackups": array(anything(), read_only=True),
    },
)

QUOTA_RULES: Final = ResourceType(
    name="azure-native:netapp:CapacityPoolVolumeQuotaRule",
    path=VOLUME_PATH + "/volumeQuotaRules/{volumeQuotaRuleName}",
    api_version=API,
    parameters=(*_OF_VOLUME, named("volumeQuotaRuleName")),
    properties={
        **tracked_resource(),
        **flattened(
            {
                "quotaSizeInKiBs": integer(),
                "quotaType": string(replaces=True),
                "quotaTarget": string(replaces=True),
                "provisioningState": STATE,
            }
        ),
    },
    autoname="copy",
)

TYPES: Final = (SNAPSHOTS, SNAPSHOT_POLICIES, BACKUP_POLICIES, QUOTA_RULES)
INVOKES: Final = (
    Invoke(
        "azure-native:netapp:getSnapshotPolicy",
        "GET",
        SNAPSHOT_POLICIES.path,
        API,
        SNAPSHOT_POLICIES.properties,
        of_resource=True,
    ),
)
