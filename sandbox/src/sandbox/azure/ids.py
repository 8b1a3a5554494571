"""Resource ids, which Azure compares without regard to case and shows as they were first written, and types."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from sandbox.azure.errors import ArmError

GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
GROUP_TYPE: Final = "Microsoft.Resources/resourceGroups"
MANAGED_CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"

VIRTUAL_NETWORKS: Final = "Microsoft.Network/virtualNetworks"
SUBNETS: Final = f"{VIRTUAL_NETWORKS}/subnets"
PEERINGS: Final = f"{VIRTUAL_NETWORKS}/virtualNetworkPeerings"
SECURITY_GROUPS: Final = "Microsoft.Network/networkSecurityGroups"
ROUTE_TABLES: Final = "Microsoft.Network/routeTables"

ACTION_GROUPS: Final = "Microsoft.Insights/actionGroups"
METRIC_ALERTS: Final = "Microsoft.Insights/metricAlerts"

ACCOUNTS: Final = "Microsoft.NetApp/netAppAccounts"
CAPACITY_POOLS: Final = f"{ACCOUNTS}/capacityPools"
SNAPSHOT_POLICIES: Final = f"{ACCOUNTS}/snapshotPolicies"
BACKUP_VAULTS: Final = f"{ACCOUNTS}/backupVaults"
BACKUP_POLICIES: Final = f"{ACCOUNTS}/backupPolicies"
BACKUPS: Final = f"{BACKUP_VAULTS}/backups"
VOLUMES: Final = f"{CAPACITY_POOLS}/volumes"
SNAPSHOTS: Final = f"{VOLUMES}/snapshots"

_ID: Final = re.compile(
    r"/subscriptions/([^/]+)/resourcegroups/([^/]+)(?:/providers/([^/]+)((?:/[^/]+/[^/]+)+))?", re.IGNORECASE
)


@dataclass(frozen=True)
class ResourceId:
    """The id of a resource group (no types), or of a resource in one."""

    subscription: str
    group: str
    provider: str = ""
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> "ResourceId":
        """Read `/subscriptions/S/resourceGroups/G[/providers/P/TYPE/NAME…]`; ValueError if it is not one."""
        found = _ID.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not a resource id")
        subscription, group, provider, path = found.groups("")
        parts = path.split("/")[1:]
        return cls(subscription, group, provider, tuple(parts[::2]), tuple(parts[1::2]))

    @classmethod
    def of(cls, type_name: str, value: object) -> "ResourceId | None":
        """Read an id of a type, which is compared without regard to case; None if `value` is not one."""
        try:
            found = cls.parse(value) if isinstance(value, str) else None
        except ValueError:
            return None
        return found if found and found.type.lower() == type_name.lower() else None

    def __str__(self) -> str:
        group = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
        return f"{group}/providers/{self.type_and_name}" if self.types else group

    @cached_property
    def key(self) -> str:
        """The id in the form that all its spellings share."""
        return str(self).lower()

    @property
    def type(self) -> str:
        return "/".join((self.provider, *self.types)) if self.types else GROUP_TYPE

    @property
    def name(self) -> str:
        return self.names[-1] if self.names else self.group

    @property
    def full_name(self) -> str:
        """All names, as NetApp resources show them: `account/pool/volume`."""
        return "/".join(self.names) if self.names else self.group

    @property
    def type_and_name(self) -> str:
        """`Microsoft.NetApp/netAppAccounts/anf-dev`, the form of ResourceNotFound."""
        return self.provider + "".join(f"/{k}/{n}" for k, n in zip(self.types, self.names, strict=True))

    @property
    def parent(self) -> "ResourceId":
        """The resource it is nested in, else its resource group."""
        if len(self.types) < 2:
            return self.resource_group
        return ResourceId(self.subscription, self.group, self.provider, self.types[:-1], self.names[:-1])

    @property
    def resource_group(self) -> "ResourceId":
        return ResourceId(self.subscription, self.group)

    def child(self, kind: str, name: str) -> "ResourceId":
        return ResourceId(self.subscription, self.group, self.provider, (*self.types, kind), (*self.names, name))


def check_subscription(subscription: str) -> str:
    if not GUID.fullmatch(subscription):
        text = f"The provided subscription identifier '{subscription}' is malformed or invalid."
        raise ArmError(400, "InvalidSubscriptionId", text)
    return subscription.lower()
