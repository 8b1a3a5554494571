"""The resources of a load: one account with many volumes that all clients read, and an account for each client."""

import copy
import uuid
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

from sandbox.azure.ids import ResourceId
from sandbox.azure.store import Store
from sandbox.testing.azure_clients import AzureClients

GROUP: Final = "rg-load"
LARGE: Final = "large"
"""The account with many volumes."""
POOL: Final = "pool"
VOLUMES_PER_POOL: Final = 500
_REGION, _CLIENTS_REGION = "koreacentral", "koreasouth"
_GIB, _TIB = 1024**3, 1024**4
_ACCOUNTS_PER_REGION: Final = 10


def subscription(client: int) -> str:
    """Return the subscription of a client; a region of one takes ten accounts."""
    return f"00000000-0000-0000-0000-{client // _ACCOUNTS_PER_REGION:012}"


def account(client: int) -> str:
    return f"client-{client}"


def volume_body(token: str, region: str, subscription_id: str) -> Any:
    subnet = f"/subscriptions/{subscription_id}/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks"
    return {
        "location": region,
        "properties": {
            "creationToken": token,
            "subnetId": f"{subnet}/vnet-{region}/subnets/anf",
            "usageThreshold": 50 * _GIB,
            "protocolTypes": ["NFSv3"],
            "networkFeatures": "Standard",
        },
    }


def client_volume(client: int, token: str) -> Any:
    """Return the body of a volume that a client creates in its account."""
    return volume_body(token, _CLIENTS_REGION, subscription(client))


def fill(azure: AzureClients, volumes: int, clients: int) -> None:
    """Create the resources; the many volumes are copies of one, put straight into the store."""
    for number in range(0, max(clients, 1), _ACCOUNTS_PER_REGION):
        _network(azure, subscription(number), _CLIENTS_REGION)
    for client in range(clients):
        _account(azure, subscription(client), account(client), _CLIENTS_REGION, 1)
    _network(azure, subscription(0), _REGION)
    pools = -(-volumes // VOLUMES_PER_POOL)
    _account(azure, subscription(0), LARGE, _REGION, pools)
    if volumes:
        _copies(azure, volumes)


def large_volume(number: int) -> tuple[str, str]:
    """Return the pool and the name of one of the many volumes."""
    return f"{POOL}-{number // VOLUMES_PER_POOL}", f"volume-{number}"


def _network(azure: AzureClients, subscription_id: str, region: str) -> None:
    base = f"/subscriptions/{subscription_id}/resourceGroups/{GROUP}"
    _put(azure, base, "2024-03-01", {"location": region if region == _CLIENTS_REGION else _CLIENTS_REGION})
    delegation = {"name": "anf", "properties": {"serviceName": "Microsoft.Netapp/volumes"}}
    subnet = {"name": "anf", "properties": {"addressPrefix": "10.40.1.0/24", "delegations": [delegation]}}
    properties = {"addressSpace": {"addressPrefixes": ["10.40.0.0/16"]}, "subnets": [subnet]}
    network = f"{base}/providers/Microsoft.Network/virtualNetworks/vnet-{region}"
    _put(azure, network, "2024-05-01", {"location": region, "properties": properties})


def _account(azure: AzureClients, subscription_id: str, name: str, region: str, pools: int) -> None:
    netapp = azure.of(subscription_id)
    new: Any = {"location": region}
    netapp.accounts.begin_create_or_update(GROUP, name, new).result()
    for number in range(pools):
        pool: Any = {"location": region, "properties": {"size": _TIB, "serviceLevel": "Standard"}}
        netapp.pools.begin_create_or_update(GROUP, name, f"{POOL}-{number}", pool).result()


def _copies(azure: AzureClients, volumes: int) -> None:
    """Copy one volume; pools get the size that these take, whatever the region's quota is."""
    pool, name = large_volume(0)
    body = volume_body(name, _REGION, subscription(0))
    created = azure.of(subscription(0)).volumes.begin_create_or_update(GROUP, LARGE, pool, name, body).result()
    with closing(Store(azure.paths.arm_database)) as store, store.transaction():
        first = store.existing(str(created.id).lower())
        for number in range(volumes):
            pool, name = large_volume(number)
            volume_id = first.id.parent.parent.child("capacityPools", pool).child("volumes", name)
            file_system, properties = str(uuid.uuid4()), copy.deepcopy(first.properties)
            for target in properties["mountTargets"]:
                target |= {"mountTargetId": file_system, "fileSystemId": file_system}
            properties |= {"creationToken": name, "fileSystemId": file_system}
            store.save(replace(first, id=volume_id, properties=properties))
        for number in range(-(-volumes // VOLUMES_PER_POOL)):
            pool_id = first.id.parent.parent.child("capacityPools", f"{POOL}-{number}")
            _grow(store, pool_id)


def _grow(store: Store, pool_id: ResourceId) -> None:
    pool = store.existing(pool_id.key)
    store.save(replace(pool, properties=pool.properties | {"size": 25 * _TIB}))


def _put(azure: AzureClients, path: str, version: str, body: dict[str, Any]) -> None:
    answer = azure.http.put(path, params={"api-version": version}, json=body)
    answer.raise_for_status()
    if follow := answer.headers.get("Azure-AsyncOperation"):
        azure.follow(follow)
