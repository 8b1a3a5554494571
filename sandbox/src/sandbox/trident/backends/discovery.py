"""What Trident finds in Azure as a backend's identity: capacity pools and delegated subnets of a location.

The genuine driver asks Azure Resource Graph, which shows what the identity may read and says nothing of the rest
(storage_drivers/azure/api/azure_discovery.go). Here Azure Resource Manager is asked, group by group where the identity
may not read the whole subscription; what it refuses counts as absent.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.rest import HttpRequest
from azure.mgmt.netapp import NetAppManagementClient

from sandbox.azure.ids import ResourceId
from sandbox.trident.backends.azure_errors import response_text
from sandbox.trident.backends.backend import CapacityPool, Subnet
from sandbox.trident.backends.login import Login
from sandbox.trident.backends.spec import BackendError, BackendSpec

T = TypeVar("T")

_SERVICE: Final = "microsoft.netapp/volumes"
_FEATURE: Final = "providers/Microsoft.Features/providers/Microsoft.NetApp/features/ANFUnixPermissions"
_FEATURE_VERSION: Final = "2021-07-01"


class Discovery:
    """One look at a subscription."""

    def __init__(self, login: Login, spec: BackendSpec, netapp: NetAppManagementClient) -> None:
        self._login = login
        self._spec = spec
        self._netapp = netapp
        self._network = login.network(spec.subscription_id)

    def fitting(self) -> tuple[tuple[CapacityPool, ...], tuple[Subnet, ...]]:
        """Return the pools and subnets that the backend's filters leave; raise BackendError where no pool is left."""
        problems: list[str] = []
        pools: list[CapacityPool] = []
        subnets: list[Subnet] = []
        refused = ""
        try:
            self._login.prove()
            pools = self._capacity_pools() if self._spec.subscription_id else []
            if not pools:
                problems.append("capacity pool query returned no data")
            elif not (subnets := self._subnets()):
                problems.append("subnet query returned no data")
            refused = self._feature_refusal() if self._spec.subscription_id else ""
        except BackendError as error:
            problems.append(str(error))
        except AzureError as error:
            problems.append(response_text(error))
        # Of a discovery that failed nothing is kept.
        fitting = () if problems else tuple(pool for pool in pools if self._takes_pool(pool))
        if not fitting:
            problems.append(f"no capacity pools found for storage pool {self._spec.pool_name}")
        problems += [refused] if refused else []
        if problems:
            raise BackendError("; ".join(problems))
        return fitting, tuple(subnet for subnet in subnets if self._takes_subnet(subnet))

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
        return [
            CapacityPool(
                resource_group=group,
                account=account,
                name=str(pool.name).rpartition("/")[2],
                service_level=_text(pool.service_level),
                qos_type=_text(pool.qos_type) or "Auto",
                location=self._spec.location,
            )
            for group, account in self._accounts()
            for pool in _allowed(lambda group=group, account=account: self._netapp.pools.list(group, account)) or []
            if self._is_here(pool.location)
        ]

    def _accounts(self) -> Iterable[tuple[str, str]]:
        """Return the accounts in which to look for pools, as resource group and name.

        Azure Resource Graph shows a pool to whoever may read it, even without its account: NetApp's role of least
        privilege has no right to read accounts. So those that the backend names are asked anyway.
        """
        listed = self._readable(self._netapp.accounts.list_by_subscription, self._netapp.accounts.list)
        accounts = [(ResourceId.parse(str(account.id)).group, str(account.name)) for account in listed]
        named = [path.split("/") for path in (*self._spec.netapp_accounts, *self._spec.capacity_pools)]
        accounts += [(names[0], names[1]) for names in named if len(names) > 1]
        return {(group.lower(), name.lower()): (group, name) for group, name in accounts}.values()

    def _subnets(self) -> list[Subnet]:
        networks = self._readable(self._network.virtual_networks.list_all, self._network.virtual_networks.list)
        return [
            Subnet(str(subnet.id), ResourceId.parse(str(subnet.id)).group, str(network.name), str(subnet.name))
            for network in networks
            if self._is_here(network.location)
            for subnet in network.subnets or []
            if _SERVICE in {str(each.service_name).lower() for each in subnet.delegations or []}
        ]

    def _readable(self, everything: Callable[[], Iterable[T]], of_group: Callable[[str], Iterable[T]]) -> list[T]:
        """Return all that the identity may read, of the subscription or else of the groups that the backend names."""
        found = _allowed(everything)
        if found is not None:
            return found
        spec = self._spec
        paths = (*spec.netapp_accounts, *spec.capacity_pools, spec.virtual_network, spec.subnet)
        named = [*spec.resource_groups, *(path.partition("/")[0] for path in paths if "/" in path)]
        groups = {group.lower(): group for group in named}.values()
        return [item for group in groups for item in _allowed(lambda group=group: of_group(group)) or []]

    def _feature_refusal(self) -> str:
        """Return Azure's refusal where the identity may not ask for a preview feature; 404 is no refusal."""
        path = f"/subscriptions/{self._spec.subscription_id}/{_FEATURE}?api-version={_FEATURE_VERSION}"
        answer: Any = self._netapp.send_request(HttpRequest("GET", f"{self._login.base}{path}"))
        refused = answer.status_code >= 400 and answer.status_code != 404
        return response_text(HttpResponseError(response=answer)) if refused else ""

    def _is_here(self, location: str | None) -> bool:
        """Compare as a query's `=~` does: letters in any case, but every character counts."""
        return (location or "").lower() == self._spec.location.lower()


def _allowed(listing: Callable[[], Iterable[T]]) -> list[T] | None:
    """Return a list; None where the identity may not see it."""
    try:
        return list(listing())
    except HttpResponseError as error:
        if error.status_code in {403, 404}:
            return None
        raise


def _text(value: Any) -> str:
    return str(getattr(value, "value", value) or "")
