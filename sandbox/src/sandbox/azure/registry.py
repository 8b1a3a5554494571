"""The resource types that the emulator has, and which API versions it answers to."""

import re
from typing import Final

from sandbox.azure.aks.clusters import MANAGED_CLUSTERS
from sandbox.azure.api_versions import (
    AKS_VERSIONS,
    MANAGED_IDENTITY_VERSIONS,
    NETAPP_VERSIONS,
    NETWORK_VERSIONS,
    RESOURCES_VERSIONS,
    ROLE_ASSIGNMENT_VERSIONS,
)
from sandbox.azure.errors import ArmError
from sandbox.azure.groups import ResourceGroups
from sandbox.azure.identity.federated_credentials import FederatedIdentityCredentials
from sandbox.azure.identity.identities import UserAssignedIdentities
from sandbox.azure.netapp.accounts import Accounts
from sandbox.azure.netapp.capacity_pools import CapacityPools
from sandbox.azure.netapp.snapshot_policies import SnapshotPolicies
from sandbox.azure.netapp.volumes import Volumes
from sandbox.azure.network.subnets import Subnets
from sandbox.azure.network.virtual_networks import VirtualNetworks
from sandbox.azure.regions import REGIONS
from sandbox.azure.resource_type import ResourceType

_ALL: Final[tuple[ResourceType, ...]] = (
    ResourceGroups(),
    VirtualNetworks(),
    Subnets(),
    Accounts(),
    CapacityPools(),
    Volumes(),
    SnapshotPolicies(),
    UserAssignedIdentities(),
    FederatedIdentityCredentials(),
)

TYPES: Final = {rules.name.lower(): rules for rules in _ALL}
"""Every type by its lower-case name: a new one is a class and a line above."""

PROVIDERS: Final = {
    "Microsoft.Resources": RESOURCES_VERSIONS,
    "Microsoft.Network": NETWORK_VERSIONS,
    "Microsoft.NetApp": NETAPP_VERSIONS,
    "Microsoft.ContainerService": AKS_VERSIONS,
    "Microsoft.ManagedIdentity": MANAGED_IDENTITY_VERSIONS,
    "Microsoft.Authorization": ROLE_ASSIGNMENT_VERSIONS,
}
"""Resource providers, all registered, with their API versions."""

_VERSIONS: Final = {MANAGED_CLUSTERS.lower(): AKS_VERSIONS} | {key: rules.api_versions for key, rules in TYPES.items()}
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


def provider_name(name: str) -> str:
    """A provider's name in Azure's spelling; an error if there is none of that name."""
    for known in PROVIDERS:
        if known.lower() == name.lower():
            return known
    raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{name}' is invalid.")


def type_name(name: str, version: str) -> str:
    """A type's name in Azure's spelling, after checking that it exists in that API version."""
    provider, _, kinds = name.partition("/")
    provider = provider_name(provider)
    versions = _VERSIONS.get(name.lower())
    if versions is None:
        raise ArmError(
            404,
            "InvalidResourceType",
            f"The resource type '{kinds}' could not be found in the namespace '{provider}' for api version "
            f"'{version}'. The "
            f"supported api-versions are '{','.join(PROVIDERS[provider])}'.",
        )
    if version not in versions:
        raise ArmError(
            400,
            "NoRegisteredProviderFound",
            f"No registered resource provider found for location '' and API version '{version}' for type '{kinds}'. "
            "The "
            f"supported api-versions are '{', '.join(versions)}'. The supported locations are '{', '.join(REGIONS)}'.",
        )
    return spelled_type(name)


def spelled_type(name: str) -> str:
    """A type's name in Azure's spelling where it is known, else as it is."""
    if name.lower() == MANAGED_CLUSTERS.lower():
        return MANAGED_CLUSTERS
    rules = TYPES.get(name.lower())
    return rules.name if rules else name


def check_version(version: str | None) -> str:
    """The api-version of a request; an error if there is none or it is no date."""
    if not version:
        raise ArmError(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    if not _DATE.fullmatch(version):
        raise ArmError(
            400,
            "InvalidApiVersionParameter",
            f"The api-version '{version}' is invalid. The supported versions are '{','.join(RESOURCES_VERSIONS)}'.",
        )
    return version


def check_group_version(version: str) -> None:
    """Refuse an API version that Azure Resource Manager itself does not have."""
    if version not in RESOURCES_VERSIONS:
        raise ArmError(
            400,
            "InvalidApiVersionParameter",
            f"The api-version '{version}' is invalid. The supported versions are '{','.join(RESOURCES_VERSIONS)}'.",
        )
