"""Other teams, who change the Azure resources of a stack by Azure's API, and what is there of theirs afterwards."""

import copy
import time
from collections.abc import Mapping
from typing import Any, Final

from components.rules.network import NetworkPath, peering_name
from sandbox.testing import SUBSCRIPTION, AzureClients, Json

_GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-anf-dev"
_ACCOUNT: Final = f"{_GROUP}/providers/Microsoft.NetApp/netAppAccounts/anf-dev"
_NETWORK: Final = f"{_GROUP}/providers/Microsoft.Network"
_OWN: Final = f"{_NETWORK}/virtualNetworks/vnet-anf"
HUB: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
_POOL: Final = f"{_ACCOUNT}/capacityPools/pool-dev"
_VOLUME: Final = f"{_POOL}/volumes/smb"
_RESOURCES: Final = {
    "group": (_GROUP, "2024-03-01"),
    "network": (_OWN, "2024-05-01"),
    "subnet": (f"{_OWN}/subnets/anf", "2024-05-01"),
    "peering": (f"{HUB}/virtualNetworkPeerings/{peering_name(NetworkPath.of(_OWN))}", "2024-05-01"),
    "account": (_ACCOUNT, "2024-09-01"),
    "pool": (_POOL, "2024-09-01"),
    "volume": (_VOLUME, "2024-09-01"),
}
_AWAITED_SECONDS: Final = 60
_DIAGNOSTICS: Final = {"api-version": "2021-05-01-preview"}
_DIAGNOSED: Final = [f"{path}/providers/Microsoft.Insights/diagnosticSettings/policy" for path in (_POOL, _OWN)]
_WORKSPACE: Final = "providers/Microsoft.OperationalInsights/workspaces/logs"

Place = tuple[str, ...]
"""The name of a resource, and the path of a setting in its body: numbers are places in lists."""

_DIRECTORY: Final = ("account", "properties", "activeDirectories", "0")
_PROTECTION: Final = ("volume", "properties", "dataProtection")

VALUES: Final[Mapping[Place, tuple[Any, ...]]] = {
    **{
        (name, "tags", tag): values
        for name in _RESOURCES
        if name not in {"subnet", "peering"}
        for tag, values in {"team": ("storage", "Disabled"), "cost.center": ("42", "a b")}.items()
    },
    ("network", "properties", "dhcpOptions"): ({"dnsServers": ["10.40.0.4"]}, {"dnsServers": ["10.1.0.4", "10.1.0.5"]}),
    ("network", "properties", "flowTimeoutInMinutes"): (10, 20),
    ("subnet", "properties", "networkSecurityGroup"): (
        {"id": f"{_NETWORK}/networkSecurityGroups/nsg-a"},
        {"id": f"{_NETWORK}/networkSecurityGroups/nsg-b"},
    ),
    ("subnet", "properties", "routeTable"): ({"id": f"{_NETWORK}/routeTables/rt-hub"},),
    ("peering", "properties", "allowGatewayTransit"): (True,),
    ("subnet", "properties", "serviceEndpoints"): ([{"service": "Microsoft.Storage"}],),
    (*_DIRECTORY, "aesEncryption"): (True,),
    (*_DIRECTORY, "ldapSigning"): (True,),
    (*_DIRECTORY, "encryptDCConnections"): (True,),
    (*_DIRECTORY, "administrators"): (["admin-a"], ["admin-a", "admin-b"]),
    (*_DIRECTORY, "backupOperators"): (["backup-a"],),
    (*_DIRECTORY, "securityOperators"): (["audit-a"],),
    (*_PROTECTION, "backup"): tuple(
        {"backupVaultId": f"{_ACCOUNT}/backupVaults/vault", "policyEnforced": enforced} for enforced in (True, False)
    ),
    ("volume", "properties", "isDefaultQuotaEnabled"): (True,),
    ("volume", "properties", "defaultUserQuotaInKiBs"): (1024, 2048),
}
"""Settings that the program does not make, each with values that others give it."""


class OtherHands:
    """Teams with the right to change the resources."""

    vault: Final = f"{_ACCOUNT}/backupVaults/vault"

    def __init__(self, azure: AzureClients) -> None:
        self._azure = azure
        self.made: dict[Place, Any] = {}
        for name in ("networkSecurityGroups/nsg-a", "networkSecurityGroups/nsg-b", "routeTables/rt-hub"):
            body = {"location": "koreacentral"}
            azure.http.put(f"{_NETWORK}/{name}", params={"api-version": "2024-05-01"}, json=body).raise_for_status()

    def create_vault(self) -> None:
        """Create the backup vault of the account."""
        body = {"location": "koreacentral"}
        self._azure.http.put(self.vault, params={"api-version": "2024-09-01"}, json=body).raise_for_status()

    def send_metrics(self) -> None:
        """Send the metrics of pool and network to a workspace, as Azure Policy does."""
        sent = {"workspaceId": f"{_GROUP}/{_WORKSPACE}", "metrics": [{"category": "AllMetrics", "enabled": True}]}
        for path in _DIAGNOSED:
            answer = self._azure.http.put(path, params=_DIAGNOSTICS, json={"properties": sent})
            answer.raise_for_status()

    def unsent(self) -> list[str]:
        """Return the diagnostic settings that are no longer there."""
        return [path for path in _DIAGNOSED if self._azure.http.get(path, params=_DIAGNOSTICS).status_code != 200]

    def body(self, name: str) -> Json:
        """Return a resource as Azure shows it."""
        path, version = _RESOURCES[name]
        answer = self._azure.http.get(path, params={"api-version": version})
        answer.raise_for_status()
        return answer.json()

    def make(self, place: Place, value: Any) -> None:
        """Make a setting: GET, change, PUT, as the portal and the CLI do."""
        name, *steps = place
        body = self.body(name)
        holder: Any = body
        for step in steps[:-1]:
            holder = holder[int(step)] if isinstance(holder, list) else _entry(holder, step)
        holder[steps[-1]] = copy.deepcopy(value)
        path, version = _RESOURCES[name]
        answer = self._azure.http.put(path, params={"api-version": version}, json=_settable(body))
        answer.raise_for_status()
        self._settled(name)
        self.made[place] = value

    def missing(self) -> list[str]:
        """Return what the teams have made and Azure has no longer."""
        bodies = {name: self.body(name) for name in {place[0] for place in self.made}}
        return [
            f"{'.'.join(place)}: {value} is {found}"
            for place, value in self.made.items()
            if not _is_within(value, found := _at(bodies[place[0]], place[1:]))
        ]

    def _settled(self, name: str) -> None:
        deadline = time.monotonic() + _AWAITED_SECONDS
        while (state := self.body(name)["properties"]["provisioningState"]) != "Succeeded":
            assert time.monotonic() < deadline, f"{name} was {state} for {_AWAITED_SECONDS} s"
            time.sleep(0.05)


def _entry(holder: dict[str, Any], name: str) -> Any:
    holder[name] = holder.get(name) or {}
    return holder[name]


def _settable(body: Json) -> Json:
    body.get("properties", {}).pop("provisioningState", None)
    return {name: part for name, part in body.items() if name in {"location", "tags", "properties", "zones"}}


def _at(holder: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if isinstance(holder, list):
            holder = holder[int(step)] if int(step) < len(holder) else None
        else:
            holder = (holder or {}).get(step)
    return holder


def _is_within(value: Any, found: Any) -> bool:
    """Return True if a setting is found with its value; Azure may add to it."""
    if isinstance(value, dict) and isinstance(found, dict):
        return all(_is_within(part, found.get(name)) for name, part in value.items())
    if isinstance(value, list) and isinstance(found, list):
        return len(value) == len(found) and all(_is_within(*pair) for pair in zip(value, found, strict=True))
    return value == found
