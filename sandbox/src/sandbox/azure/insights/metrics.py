"""The metrics and log categories of resource types, as far as this sandbox has the types.

Source: learn.microsoft.com/azure/azure-monitor/reference/metrics-index and logs-index, the pages of each type.
"""

from typing import Final

from sandbox.azure.ids import CAPACITY_POOLS, VIRTUAL_NETWORKS, VOLUMES

ALL_METRICS: Final = "AllMetrics"
"""The one category of metrics of a type that has any."""

METRICS: Final[dict[str, frozenset[str]]] = {
    CAPACITY_POOLS.lower(): frozenset(
        {
            "VolumePoolAllocatedSize",
            "VolumePoolAllocatedToVolumeThroughput",
            "VolumePoolAllocatedUsed",
            "VolumePoolProvisionedThroughput",
            "VolumePoolTotalLogicalSize",
            "VolumePoolTotalSnapshotSize",
        }
    ),
    VOLUMES.lower(): frozenset(
        {
            "AverageReadLatency",
            "AverageWriteLatency",
            "CbsVolumeBackupActive",
            "CbsVolumeLogicalBackupBytes",
            "CbsVolumeOperationBackupTransferredBytes",
            "CbsVolumeOperationComplete",
            "CbsVolumeOperationRestoreTransferredBytes",
            "CbsVolumeOperationTransferredBytes",
            "CbsVolumeProtected",
            "OtherIops",
            "OtherThroughput",
            "QosLatencyDelta",
            "ReadIops",
            "ReadThroughput",
            "ThroughputLimitReached",
            "TotalIops",
            "TotalThroughput",
            "VolumeAllocatedSize",
            "VolumeConsumedSizePercentage",
            "VolumeCoolTierDataReadSize",
            "VolumeCoolTierDataWriteSize",
            "VolumeCoolTierSize",
            "VolumeInodesPercentage",
            "VolumeInodesQuota",
            "VolumeInodesTotal",
            "VolumeInodesUsed",
            "VolumeLogicalSize",
            "VolumeSnapshotSize",
            "WriteIops",
            "WriteThroughput",
            "XregionReplicationHealthy",
            "XregionReplicationLagTime",
            "XregionReplicationLastTransferDuration",
            "XregionReplicationLastTransferSize",
            "XregionReplicationRelationshipProgress",
            "XregionReplicationRelationshipTransferring",
            "XregionReplicationTotalTransfer",
        }
    ),
    VIRTUAL_NETWORKS.lower(): frozenset(
        {"BytesDroppedDDoS", "BytesForwardedDDoS", "BytesInDDoS", "IfUnderDDoSAttack", "PingMeshAverageRoundtripMs"}
    ),
}
"""By lower-case type. A type that is not here has none."""

LOGS: Final[dict[str, frozenset[str]]] = {
    VOLUMES.lower(): frozenset({"ANFFileAccess"}),
    VIRTUAL_NETWORKS.lower(): frozenset({"VMProtectionAlerts"}),
}
"""Log categories, by lower-case type."""
