"""What Trident finds in Azure as a backend's identity: capacity pools and delegated subnets of a location.

It asks Azure Resource Graph, which shows what the identity may read and says nothing of the rest, and takes its first
page alone (storage_drivers/azure/api/azure_discovery.go in NetApp/trident).
"""

import re
from collections.abc import Callable
from typing import Any, Final

from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.rest import HttpRequest
from azure.mgmt.netapp import NetAppManagementClient

from sandbox.trident.backends.azure_errors import response_text
from sandbox.trident.backends.backend import CapacityPool, Subnet
from sandbox.trident.backends.login import Login
from sandbox.trident.backends.spec import BackendError, BackendSpec

_GRAPH: Final = "providers/Microsoft.ResourceGraph/resources?api-version=2021-06-01-preview"
_POOLS: Final = "where type =~ 'Microsoft.NetApp/netAppAccounts/capacityPools' and location =~ '{}'"
_SUBNETS: Final = " | ".join(
    (
        "where type =~ 'Microsoft.Network/virtualNetworks' and location =~ '{}'",
        "project subnets = (properties.subnets)",
        "mv-expand subnets limit 2000",
        "project subnetID = (subnets.id), delegations = (subnets.properties.delegations)",
        "mv-expand delegations limit 2000",
        "project subnetID, serviceName = (delegations.properties.serviceName)",
        "where serviceName =~ 'Microsoft.NetApp/volumes'",
    )
)
_IN_GROUP: Final = r"/subscriptions/[^/]+/resourceGroups/([^/]+)/providers/[^/]+"
_POOL_ID: Final = re.compile(rf"{_IN_GROUP}/netAppAccounts/([^/]+)/capacityPools/([^/]+)")
_SUBNET_ID: Final = re.compile(rf"{_IN_GROUP}/virtualNetworks/([^/]+)/subnets/([^/]+)")
_FEATURE: Final = "providers/Microsoft.Features/providers/Microsoft.NetApp/features/ANFUnixPermissions"
_FEATURE_VERSION: Final = "2021-07-01"


class Discovery:
    """One look at a subscription."""

    def __init__(self, login: Login, spec: BackendSpec, netapp: NetAppManagementClient) -> None:
        self._login = login
        self._spec = spec
        self._netapp = netapp

    def fitting(self) -> tuple[tuple[CapacityPool, ...], tuple[Subnet, ...]]:
        """Return the pools and subnets that the backend's filters leave; raise BackendError where no pool is left."""
        pools: list[CapacityPool] = []
        subnets: list[Subnet] = []
        problem = self._problem(lambda: (pools.extend(self._capacity_pools()), subnets.extend(self._subnets())))
        # Of a discovery that failed nothing is kept.
        fitting = () if problem else tuple(pool for pool in pools if self._takes_pool(pool))
        none = "" if fitting else f"no capacity pools found for storage pool {self._spec.pool_name}"
        if problems := [each for each in (problem, none, self._problem(self._ask_for_a_feature)) if each]:
            raise BackendError("; ".join(problems))
        return fitting, tuple(subnet for subnet in subnets if self._takes_subnet(subnet))

    def _problem(self, ask: Callable[[], object]) -> str:
        """Sign in and ask; return what went wrong."""
        try:
            self._login.prove()
            ask()
        except BackendError as error:
            return str(error)
        except AzureError as error:
            return response_text(error)
        return ""

    def _takes_pool(self, pool: CapacityPool) -> bool:
        spec = self._spec
        return (
            (not spec.resource_groups or pool.resource_group in spec.resource_groups)
            and (not spec.netapp_accounts or not pool.account_names.isdisjoint(spec.netapp_accounts))
            and (not spec.capacity_pools or not pool.names.isdisjoint(spec.capacity_pools))
            and spec.service_level in {"", pool.service_level}
            and spec.qos_type == pool.qos_type
        )

    def _takes_subnet(self, subnet: Subnet) -> bool:
        spec = self._spec
        return (
            (not spec.resource_groups or subnet.resource_group in spec.resource_groups)
            and spec.virtual_network in {"", *subnet.network_names}
            and spec.subnet in {"", *subnet.names}
        )

    def _capacity_pools(self) -> list[CapacityPool]:
        rows = self._asked(_POOLS, "capacity pool query returned no data")
        return [
            CapacityPool(
                resource_group=found[1],
                account=found[2],
                name=found[3],
                service_level=str(row["properties"]["serviceLevel"]),
                qos_type=str(row["properties"]["qosType"]),
                location=self._spec.location,
            )
            for row in rows
            if (found := _POOL_ID.fullmatch(str(row["id"])))
        ]

    def _subnets(self) -> list[Subnet]:
        ids = [str(row["subnetID"]) for row in self._asked(_SUBNETS, "subnet query returned no data")]
        return [Subnet(each, found[1], found[2], found[3]) for each in ids if (found := _SUBNET_ID.fullmatch(each))]

    def _asked(self, query: str, nothing: str) -> list[dict[str, Any]]:
        """Return the rows of a query; raise BackendError with the text for an answer without any."""
        body = {
            "subscriptions": [self._spec.subscription_id],
            "query": f"Resources | {query.format(self._spec.location)}",
            "options": {"resultFormat": "objectArray"},
        }
        answer: Any = self._netapp.send_request(HttpRequest("POST", f"{self._login.base}/{_GRAPH}", json=body))
        if answer.status_code >= 400:
            raise HttpResponseError(response=answer)
        rows: list[dict[str, Any]] = answer.json()["data"]
        if not rows:
            raise BackendError(nothing)
        return rows

    def _ask_for_a_feature(self) -> None:
        """Ask whether the subscription has a preview feature, which Trident needs the right to; 404 is no refusal."""
        if not self._spec.subscription_id:
            raise BackendError("parameter client.subscriptionID cannot be empty")
        path = f"subscriptions/{self._spec.subscription_id}/{_FEATURE}?api-version={_FEATURE_VERSION}"
        answer: Any = self._netapp.send_request(HttpRequest("GET", f"{self._login.base}/{path}"))
        if answer.status_code >= 400 and answer.status_code != 404:
            raise HttpResponseError(response=answer)
