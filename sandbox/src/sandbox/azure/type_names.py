"""Resource types, in Azure's spelling."""

from typing import Final

VIRTUAL_NETWORKS: Final = "Microsoft.Network/virtualNetworks"
SUBNETS: Final = f"{VIRTUAL_NETWORKS}/subnets"

ACCOUNTS: Final = "Microsoft.NetApp/netAppAccounts"
CAPACITY_POOLS: Final = f"{ACCOUNTS}/capacityPools"
SNAPSHOT_POLICIES: Final = f"{ACCOUNTS}/snapshotPolicies"
VOLUMES: Final = f"{CAPACITY_POOLS}/volumes"
