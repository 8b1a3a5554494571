"""Sizes and counts of Azure NetApp Files."""

from typing import Final

from sandbox.azure.errors import ArmError

GIB: Final = 1024**3
TIB: Final = 1024**4

ACCOUNTS_PER_REGION: Final = 10
POOLS_PER_ACCOUNT: Final = 25
VOLUMES_PER_POOL: Final = 500
SNAPSHOTS_PER_VOLUME: Final = 255
POOL_TIB: Final = (1, 2048)
SMALL_POOL_TIB: Final = 4
"""Below this size a pool takes only volumes with Standard network features."""

VOLUME_BYTES: Final = (50 * GIB, 100 * TIB)
LARGE_VOLUME_BYTES: Final = (50 * TIB, 1024 * TIB)

SERVICE_LEVELS: Final = {"Standard": 16.0, "Premium": 64.0, "Ultra": 128.0, "Flexible": 0.0}
"""MiB/s per TiB; a Flexible pool is given its throughput."""

FLEXIBLE_MIBPS: Final = (128, 5 * 128)
"""The least throughput of a Flexible pool, and the most per TiB."""

VOLUME_MIBPS: Final = (1, 4500)


def check_count(kind: str, limit: int, per: str, count: int) -> None:
    if count >= limit:
        text = (
            f"Creating the resource of type {kind} would exceed the quota of {limit} resources of type {kind} per "
            f"{per}. The current resource count is {count}, please delete some resources of this type before creating "
            "a new one."
        )
        raise ArmError(400, "QuotaExceeded", text)
