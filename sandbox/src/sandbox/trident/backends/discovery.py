"""What Trident finds in Azure: capacity pools and delegated subnets of a location, in the name of a backend's identity.

The genuine driver asks Azure Resource Graph, which shows what the identity may read and says nothing of the rest
(storage_drivers/azure/api/azure_discovery.go). Here Azure Resource Manager is asked, group by group where the identity
may not read the whole subscription; what it refuses is not there.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.rest import HttpRequest
from azure.mgmt.netapp import NetAppManagementClient

from sandbox.azure.ids import ResourceId
from sandbox.trident.backends.azure_errors import response_text
from sandbox.trident.backends.azure_login import Login
from sandbox.trident.backends.backends import BackendError, CapacityPool, StoragePool, Subnet
from sandbox.trident.backends.settings import BackendSettings, PoolSettings

T = TypeVar("T")

_SERVICE: Final = "microsoft.netapp/volumes"
_FEATURE: Final = "providers/Microsoft.Features/providers/Microsoft.NetApp/features/ANFUnixPermissions"
_FEATURE_VERSION: Final = "2021-07-01"


class Discovery:
    """One look at a subscription."""

    def __init__(self, login: Login, settings: BackendSettings, netapp: NetAppManagementClient) -> None:
        self._login = login
        self._settings = settings
        self._netapp = netapp
        self._network = login.network(settings.subscription_id)

    def storage_pools(self) -> tuple[StoragePool, ...]:
        """The backend's pools, with what of Azure fits each.

        Raises:
            BackendError: nothing is there, or nothing fits a pool; all that Trident says of it, separated by `; `.

        """
        problems: list[str] = []
        pools: list[CapacityPool] = []
        subnets: list[Subnet] = []
        refused = ""
        try:
            self._login.prove()
            pools = self._capacity_pools() if self._settings.subscription_id else []
            if not pools:
                problems.append("capacity pool query returned no data")
            elif not (subnets := self._subnets()):
                problems.append("subnet query returned no data")
            refused = self._feature_refusal() if self._settings.subscription_id else ""
        except BackendError as error:
            problems.append(str(error))
        except AzureError as error:
            problems.append(response_text(error))
        if problems:
            pools = []  # of a discovery that failed nothing is kept
        offered = [_storage_pool(settings, pools, subnets) for settings in self._settings.pools]
        unsatisfied = [pool.name for pool in offered if not pool.capacity_pools]
        problems += [f"no capacity pools found for storage pool {name}" for name in unsatisfied]
        problems += [refused] if refused else []
        if problems:
            raise BackendError("; ".join(problems))
        return tuple(offered)

    def _capacity_pools(self) -> list[CapacityPool]:
        found: list[CapacityPool] = []
        for group, name in self._accounts():
            pools = _allowed(lambda group=group, name=name: self._netapp.pools.list(group, name)) or []
            found += [self._capacity_pool(group, name, pool) for pool in pools if self._is_here(pool.location)]
        return found

    def _accounts(self) -> Iterable[tuple[str, str]]:
        """Where pools are looked for, as resource group and name.

        Trident asks Azure Resource Graph, which shows a pool to whoever may read it, though not its account: NetApp's
        role of least privilege has no right to read accounts. So those that the backend names are asked anyway.
        """
        listed = self._readable(self._netapp.accounts.list_by_subscription, self._netapp.accounts.list)
        accounts = [(ResourceId.parse(str(account.id)).group, str(account.name)) for account in listed]
        for pool in self._settings.pools:
            parts = [path.split("/") for path in (*pool.netapp_accounts, *pool.capacity_pools)]
            accounts += [(names[0], names[1]) for names in parts if len(names) > 1]
        return {(group.lower(), name.lower()): (group, name) for group, name in accounts}.values()

    def _capacity_pool(self, group: str, account: str, pool: Any) -> CapacityPool:
        return CapacityPool(
            resource_group=group,
            account=account,
            name=str(pool.name).rpartition("/")[2],
            service_level=_text(pool.service_level),
            qos_type=_text(pool.qos_type) or "Auto",
            location=self._settings.location,
        )

    def _subnets(self) -> list[Subnet]:
        networks = self._readable(self._network.virtual_networks.list_all, self._network.virtual_networks.list)
        found: list[Subnet] = []
        for network in networks:
            if not self._is_here(network.location):
                continue
            for subnet in network.subnets or []:
                services = {str(each.service_name).lower() for each in subnet.delegations or []}
                if _SERVICE in services:
                    identity = ResourceId.parse(str(subnet.id))
                    found.append(Subnet(str(subnet.id), identity.group, str(network.name), str(subnet.name)))
        return found

    def _readable(self, everything: Callable[[], Iterable[T]], of_group: Callable[[str], Iterable[T]]) -> list[T]:
        """All that the identity may read, of the subscription or else of the groups that the backend names."""
        found = _allowed(everything)
        if found is not None:
            return found
        groups = {group.lower(): group for group in self._named_groups()}.values()
        return [item for group in groups for item in _allowed(lambda group=group: of_group(group)) or []]

    def _named_groups(self) -> list[str]:
        named: list[str] = []
        for pool in self._settings.pools:
            parts = (*pool.netapp_accounts, *pool.capacity_pools, pool.virtual_network, pool.subnet)
            named += [*pool.resource_groups, *(part.partition("/")[0] for part in parts if "/" in part)]
        return named

    def _feature_refusal(self) -> str:
        """What Azure says where the identity may not ask for a preview feature. An unknown one is generally there."""
        path = f"/subscriptions/{self._settings.subscription_id}/{_FEATURE}?api-version={_FEATURE_VERSION}"
        answer: Any = self._netapp.send_request(HttpRequest("GET", f"{self._login.base}{path}"))
        refused = answer.status_code >= 400 and answer.status_code != 404
        return response_text(HttpResponseError(response=answer)) if refused else ""

    def _is_here(self, location: str | None) -> bool:
        """As a query's `=~` compares: letters in any case, but every character counts."""
        return (location or "").lower() == self._settings.location.lower()


def _allowed(listing: Callable[[], Iterable[T]]) -> list[T] | None:
    """What a listing shows; None where the identity may not see it."""
    try:
        return list(listing())
    except HttpResponseError as error:
        if error.status_code in {403, 404}:
            return None
        raise


def _storage_pool(settings: PoolSettings, pools: list[CapacityPool], subnets: list[Subnet]) -> StoragePool:
    groups = settings.resource_groups
    accounts, names = settings.netapp_accounts, settings.capacity_pools
    fitting = [
        pool
        for pool in pools
        if (not groups or pool.resource_group in groups)
        and (not accounts or pool.account in accounts or pool.account_full_name in accounts)
        and (not names or pool.name in names or pool.full_name in names)
        and settings.service_level in {"", pool.service_level}
        and settings.qos_type in {"", pool.qos_type}
    ]
    reachable = [
        subnet
        for subnet in subnets
        if (not groups or subnet.resource_group in groups)
        and settings.virtual_network in {"", subnet.virtual_network, subnet.network_full_name}
        and settings.subnet in {"", subnet.name, subnet.full_name}
    ]
    return StoragePool(
        name=settings.name,
        nas_type=settings.nas_type,
        service_level=settings.service_level,
        qos_type=settings.qos_type,
        max_throughput=settings.max_throughput,
        default_size=settings.size,
        network_features=settings.network_features,
        snapshot_directory=settings.snapshot_directory,
        labels=settings.labels,
        supported_topologies=settings.supported_topologies,
        capacity_pools=tuple(fitting),
        subnets=tuple(reachable),
    )


def _text(value: Any) -> str:
    """An enumeration's value, or the text that it is."""
    return str(getattr(value, "value", value) or "")
