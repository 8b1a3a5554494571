"""The resource types and providers of the emulator, and the API versions that they answer to."""

from collections.abc import Iterable
from typing import Any, Final

from sandbox.azure import api_versions
from sandbox.azure.aks.agent_pools import AGENT_POOLS
from sandbox.azure.errors import ArmError
from sandbox.azure.groups import ResourceGroups
from sandbox.azure.identity.identities import FederatedIdentityCredentials, UserAssignedIdentities
from sandbox.azure.ids import MANAGED_CLUSTERS
from sandbox.azure.insights.action_groups import ActionGroups
from sandbox.azure.insights.metric_alerts import MetricAlerts
from sandbox.azure.model import ResourceType
from sandbox.azure.netapp.accounts import Accounts
from sandbox.azure.netapp.capacity_pools import CapacityPools
from sandbox.azure.netapp.protection.backup_policies import BackupPolicies
from sandbox.azure.netapp.protection.backup_vaults import BackupVaults
from sandbox.azure.netapp.protection.backups import Backups
from sandbox.azure.netapp.protection.snapshot_policies import SnapshotPolicies
from sandbox.azure.netapp.protection.snapshots import Snapshots
from sandbox.azure.netapp.volumes import Volumes
from sandbox.azure.network.peerings import Peerings
from sandbox.azure.network.route_tables import RouteTables
from sandbox.azure.network.security_groups import NetworkSecurityGroups
from sandbox.azure.network.subnets import Subnets
from sandbox.azure.network.virtual_networks import VirtualNetworks
from sandbox.azure.regions import REGIONS

_ALL: Final[tuple[ResourceType, ...]] = (
    ResourceGroups(),
    VirtualNetworks(),
    Subnets(),
    Peerings(),
    NetworkSecurityGroups(),
    RouteTables(),
    Accounts(),
    CapacityPools(),
    Volumes(),
    Snapshots(),
    SnapshotPolicies(),
    BackupVaults(),
    Backups(),
    BackupPolicies(),
    ActionGroups(),
    MetricAlerts(),
    UserAssignedIdentities(),
    FederatedIdentityCredentials(),
)

TYPES: Final = {rules.name.lower(): rules for rules in _ALL}
"""Every type by its lower-case name: a new one is a class and a line above."""

PROVIDERS: Final = {
    "Microsoft.Resources": api_versions.RESOURCES,
    "Microsoft.Network": api_versions.NETWORK,
    "Microsoft.NetApp": api_versions.NETAPP,
    "Microsoft.ContainerService": api_versions.AKS,
    "Microsoft.Insights": api_versions.INSIGHTS,
    "Microsoft.ManagedIdentity": api_versions.MANAGED_IDENTITY,
    "Microsoft.Authorization": api_versions.ROLE_ASSIGNMENT,
}
"""Resource providers, all registered, with the first and the newest of their API versions."""

_NAMES: Final = {key: rules.name for key, rules in TYPES.items()} | {
    name.lower(): name for name in (MANAGED_CLUSTERS, AGENT_POOLS)
}


def provider_name(name: str) -> str:
    if known := next((each for each in PROVIDERS if each.lower() == name.lower()), None):
        return known
    raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{name}' is invalid.")


def type_name(name: str, version: str) -> str:
    provider, _, kind = name.partition("/")
    provider = provider_name(provider)
    if name.lower() not in _NAMES:
        text = (
            f"The resource type '{kind}' could not be found in the namespace '{provider}' for api version "
            f"'{version}'. The supported api-versions are '{','.join(PROVIDERS[provider])}'."
        )
        raise ArmError(404, "InvalidResourceType", text)
    check_type_version(name, version)
    return spelled_type(name)


def check_type_version(name: str, version: str) -> None:
    """Refuse a version of before the type, whose provider is known."""
    provider, _, kind = name.partition("/")
    check_supported(kind, version, _versions(provider_name(provider), name), REGIONS)


def _versions(provider: str, type_name: str) -> tuple[str, str]:
    first, newest = PROVIDERS[provider]
    return api_versions.FIRST.get(type_name.lower(), first), newest


def spelled_type(name: str) -> str:
    """Return a type's name in Azure's spelling where it is known, else as it is."""
    return _NAMES.get(name.lower(), name)


def check_supported(kind: str, version: str, versions: tuple[str, str], locations: Iterable[str] = ()) -> None:
    if not api_versions.is_supported(version, versions):
        text = (
            f"No registered resource provider found for location '' and API version '{version}' for type '{kind}'. "
            f"The supported api-versions are '{', '.join(versions)}'. The supported locations are "
            f"'{', '.join(locations)}'."
        )
        raise ArmError(400, "NoRegisteredProviderFound", text)


def check_version(version: str | None) -> str:
    if not version:
        text = "The api-version query parameter (?api-version=) is required for all requests."
        raise ArmError(400, "MissingApiVersionParameter", text)
    if not api_versions.is_version(version):
        raise _invalid_version(version)
    return version


def check_group_version(version: str) -> None:
    if not api_versions.is_supported(version, api_versions.RESOURCES):
        raise _invalid_version(version)


def registration(subscription: str, provider: str) -> dict[str, Any]:
    provider = provider_name(provider)
    types = [name for name in _NAMES.values() if name.startswith(f"{provider}/")]
    return {
        "id": f"/subscriptions/{subscription}/providers/{provider}",
        "namespace": provider,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": [
            {
                "resourceType": each.partition("/")[2],
                "locations": list(REGIONS.values()),
                "apiVersions": list(reversed(_versions(provider, each))),
            }
            for each in types
        ],
    }


def _invalid_version(version: str) -> ArmError:
    text = f"The api-version '{version}' is invalid. The supported versions are '{','.join(api_versions.RESOURCES)}'."
    return ArmError(400, "InvalidApiVersionParameter", text)
