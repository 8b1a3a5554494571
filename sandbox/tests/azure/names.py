"""Names and sizes in the small Azure of the tests."""

from typing import Any

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
REGION = "koreacentral"
GIB = 1024**3
TIB = 1024**4
PASSWORD = "Join-pw-1"

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-anf"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-anf"
SUBNET = f"{VNET}/subnets/anf"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks-dev"
ACCOUNT = f"{GROUP}/providers/Microsoft.NetApp/netAppAccounts/anf-dev"
POOL = f"{ACCOUNT}/capacityPools/pool-dev"
VOLUME = f"{POOL}/volumes/smb"

Json = dict[str, Any]
