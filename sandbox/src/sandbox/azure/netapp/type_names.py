"""The types of Microsoft.NetApp, in Azure's spelling."""

from typing import Final

ACCOUNTS: Final = "Microsoft.NetApp/netAppAccounts"
CAPACITY_POOLS: Final = f"{ACCOUNTS}/capacityPools"
SNAPSHOT_POLICIES: Final = f"{ACCOUNTS}/snapshotPolicies"
VOLUMES: Final = f"{CAPACITY_POOLS}/volumes"
