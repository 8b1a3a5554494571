"""The types and functions that the plugin knows: the SDK's classes, and in tables what these do not tell.

Paths, limits and what replaces are those of Azure's REST specification and of the genuine plugin's metadata.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from sandbox.plugins.azure_native.schema import AutoName, Function, Method, Property, ResourceType
from sandbox.plugins.azure_native.sdk import Refine, SdkModule

_PREFIX: Final = "azure-native:"
_GROUP: Final = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_ACCOUNT: Final = f"{_GROUP}/providers/Microsoft.NetApp/netAppAccounts/{{accountName}}"
_POOL: Final = f"{_ACCOUNT}/capacityPools/{{poolName}}"
_VOLUME: Final = f"{_POOL}/volumes/{{volumeName}}"
_NETWORKS: Final = f"{_GROUP}/providers/Microsoft.Network"
_NETWORK: Final = f"{_NETWORKS}/virtualNetworks/{{virtualNetworkName}}"
_IDENTITY: Final = f"{_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{{resourceName}}"
_CLUSTER: Final = f"{_GROUP}/providers/Microsoft.ContainerService/managedClusters/{{resourceName}}"
_ROLES: Final = "/{scope}/providers/Microsoft.Authorization"


@dataclass(frozen=True)
class _Row:
    path: str
    autoname: AutoName = "copy"
    put_async: bool = True
    delete_async: bool = True


_RESOURCES: Final = {
    "resources:ResourceGroup": _Row(_GROUP, "random", put_async=False),
    "network:VirtualNetwork": _Row(_NETWORK, "random"),
    "network:Subnet": _Row(f"{_NETWORK}/subnets/{{subnetName}}"),
    "network:VirtualNetworkPeering": _Row(f"{_NETWORK}/virtualNetworkPeerings/{{virtualNetworkPeeringName}}"),
    "network:NetworkSecurityGroup": _Row(f"{_NETWORKS}/networkSecurityGroups/{{networkSecurityGroupName}}", "random"),
    "network:RouteTable": _Row(f"{_NETWORKS}/routeTables/{{routeTableName}}", "random"),
    "netapp:Account": _Row(_ACCOUNT, "random"),
    "netapp:CapacityPool": _Row(_POOL),
    "netapp:CapacityPoolVolume": _Row(_VOLUME),
    "netapp:CapacityPoolSnapshot": _Row(f"{_VOLUME}/snapshots/{{snapshotName}}"),
    "netapp:CapacityPoolVolumeQuotaRule": _Row(f"{_VOLUME}/volumeQuotaRules/{{volumeQuotaRuleName}}"),
    "netapp:SnapshotPolicy": _Row(f"{_ACCOUNT}/snapshotPolicies/{{snapshotPolicyName}}", put_async=False),
    "netapp:BackupPolicy": _Row(f"{_ACCOUNT}/backupPolicies/{{backupPolicyName}}"),
    "monitor:MetricAlert": _Row(
        f"{_GROUP}/providers/Microsoft.Insights/metricAlerts/{{ruleName}}", "random", False, False
    ),
    "authorization:RoleDefinition": _Row(f"{_ROLES}/roleDefinitions/{{roleDefinitionId}}", "uuid", False, False),
    "authorization:RoleAssignment": _Row(f"{_ROLES}/roleAssignments/{{roleAssignmentName}}", "uuid", False, False),
    "managedidentity:UserAssignedIdentity": _Row(_IDENTITY, "random", False, False),
    "managedidentity:FederatedIdentityCredential": _Row(
        f"{_IDENTITY}/federatedIdentityCredentials/{{federatedIdentityCredentialResourceName}}", "copy", False, False
    ),
}
_FUNCTIONS: Final[Mapping[str, tuple[Method, str]]] = {
    "containerservice:getManagedCluster": ("GET", _CLUSTER),
    "containerservice:listManagedClusterUserCredentials": ("POST", f"{_CLUSTER}/listClusterUserCredential"),
    "containerservice:listManagedClusterAdminCredentials": ("POST", f"{_CLUSTER}/listClusterAdminCredential"),
    **{name.replace(":", ":get"): ("GET", row.path) for name, row in _RESOURCES.items()},
}
"""A resource of each of the types can be looked up."""

_QUERY: Final = {"expand": "$expand", "serverFqdn": "server-fqdn"}
"""Arguments of functions that have another name in the query."""

_ENVELOPE: Final = re.compile(
    "id|name|type|kind|etag|location|tags|systemData|identity|sku|zones|extendedLocation|managedBy|properties"
)
"""Properties that ARM has at the top of a resource; all others are in its `properties`."""
_NESTED_RESOURCES: Final = frozenset(
    {
        "network:Delegation",
        "network:Route",
        "network:SecurityRule",
        "network:Subnet",
        "network:VirtualNetworkPeering",
        "network:VirtualNetworkPeeringVirtualNetwork",
    }
)
"""Classes of the SDK within a resource that are formed like one."""
_OPAQUE: Final = re.compile(
    "ApplicationGatewayIPConfiguration|ApplicationSecurityGroup|FlowLog|NetworkInterface|IPConfiguration|IPConfigurationProfile|IpamPoolPrefixAllocation"
    "|NetworkSecurityGroup|PrivateEndpoint|ResourceNavigationLink|RouteTable|ServiceAssociationLink"
    "|ServiceEndpointPolicy"
)
"""Classes of the SDK whose values are passed on as they are: resources of their own, to be given by their `id`."""
_AZURES_OWN: Final = frozenset({"etag", "provisioningState", "resourceNavigationLinks", "serviceAssociationLinks"})
"""Properties that only Azure sets; the SDK's classes serve older API versions too, where they could be set."""
_WHOLE_NUMBERS: Final = re.compile(r"size|usageThreshold|usedBytes|maximumNumberOfFiles|\w+KiBs")
"""For the SDK, what may be longer than 32 bits is a float."""

_BYTE: Final = r"(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
_IPV4: Final = rf"{_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}"
_REPLACES: Final = {"replaces": True}
_SHORT_TEXT: Final = {"max_length": 255}
_SHORT_TEXTS: Final = {"items": Property("string", min_length=1, max_length=255)}

_LIMITS: Final[Mapping[str, Mapping[str, Any]]] = {
    "resources:resourceGroupName": {"pattern": r"^[-\p{L}\._\(\)\w]+$", "min_length": 1, "max_length": 90},
    "netapp:resourceGroupName": {"min_length": 1, "max_length": 90},
    "netapp:accountName": {"pattern": r"^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,127}$"},
    "netapp:poolName": {"pattern": r"^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,63}$", "min_length": 1, "max_length": 64},
    "netapp:volumeName": {"pattern": r"^[a-zA-Z][a-zA-Z0-9\-_]{0,63}$", "min_length": 1, "max_length": 64},
    "managedidentity:resourceGroupName": {"min_length": 1, "max_length": 90},
    "managedidentity:federatedIdentityCredentialResourceName": {"pattern": r"^[a-zA-Z0-9]{1}[a-zA-Z0-9-_]{2,119}$"},
}
"""Of the parts of a path."""

_DETAILS: Final[Mapping[str, Mapping[str, Any]]] = {
    "network:VirtualNetwork.location": {"required": False},
    "network:VirtualNetwork.subnets": {"maintained": True},
    "network:VirtualNetwork.virtualNetworkPeerings": {"maintained": True},
    "network:VirtualNetworkPeering.syncRemoteAddressSpace": {"query": True},
    "network:NetworkSecurityGroup.location": {"required": False},
    "network:NetworkSecurityGroup.securityRules": {"maintained": True},
    "network:RouteTable.location": {"required": False},
    "network:RouteTable.routes": {"maintained": True},
    "network:Delegation.actions": {"read_only": True},
    "netapp:Account.activeDirectories": {"identifiers": ("activeDirectoryId",)},
    "netapp:ActiveDirectory.password": {"max_length": 64},
    "netapp:ActiveDirectory.dns": {"pattern": rf"^{_IPV4}((, ?){_IPV4})*$"},
    "netapp:ActiveDirectory.kdcIP": {"pattern": rf"^{_IPV4}$"},
    "netapp:ActiveDirectory.adName": {"min_length": 1, "max_length": 64},
    "netapp:ActiveDirectory.administrators": _SHORT_TEXTS,
    "netapp:ActiveDirectory.backupOperators": _SHORT_TEXTS,
    "netapp:ActiveDirectory.securityOperators": _SHORT_TEXTS,
    "netapp:ActiveDirectory.serverRootCACertificate": {"min_length": 1, "max_length": 10240},
    "netapp:ActiveDirectory.preferredServersForLdapClient": {
        "pattern": rf"^({_IPV4}((, ?){_IPV4})?)?$",
        "max_length": 32,
    },
    "netapp:LdapSearchScopeOpt.userDN": _SHORT_TEXT,
    "netapp:LdapSearchScopeOpt.groupDN": _SHORT_TEXT,
    "netapp:LdapSearchScopeOpt.groupMembershipFilter": _SHORT_TEXT,
    "netapp:CapacityPool.serviceLevel": {"default": "Premium"},
    "netapp:CapacityPool.encryptionType": _REPLACES,
    "netapp:CapacityPoolVolume.creationToken": {
        "pattern": r"^[a-zA-Z][a-zA-Z0-9\-]{0,79}$",
        "min_length": 1,
        "max_length": 80,
    },
    "netapp:CapacityPoolVolume.usageThreshold": {"minimum": 53687091200, "maximum": 2638827906662400},
    "netapp:CapacityPoolVolume.serviceLevel": {"default": "Premium"},
    "netapp:CapacityPoolVolume.networkFeatures": {"default": "Basic"},
    "netapp:CapacityPoolVolume.coolnessPeriod": {"minimum": 2, "maximum": 183},
    "netapp:CapacityPoolVolume.unixPermissions": {"min_length": 4, "max_length": 4},
    "netapp:CapacityPoolVolume.placementRules": {"identifiers": ("key",)},
    "netapp:CapacityPoolVolume.zones": {**_SHORT_TEXTS, **_REPLACES},
    "netapp:CapacityPoolVolume.snapshotId": _REPLACES,
    "netapp:CapacityPoolVolume.backupId": _REPLACES,
    "netapp:CapacityPoolVolume.kerberosEnabled": _REPLACES,
    "netapp:VolumePropertiesExportPolicy.rules": {"identifiers": ("ruleIndex",)},
    "netapp:CapacityPoolVolumeQuotaRule.quotaType": _REPLACES,
    "netapp:CapacityPoolVolumeQuotaRule.quotaTarget": _REPLACES,
    "monitor:MetricAlert.criteria": {
        "kind": "object",
        "fields": {"odataType": Property("string", wire="odata.type", required=True), "allOf": Property("any")},
    },
    "authorization:RoleDefinition.roleType": {"wire": "type"},
    "authorization:RoleAssignment.principalId": _REPLACES,
}
"""Of properties, by the class of the SDK that has them."""


@cache
def resource_type(token: str) -> ResourceType | None:
    if token not in RESOURCES:
        return None
    module, class_name, row = *_split(token), _RESOURCES[token.removeprefix(_PREFIX)]
    parameters = _parameters(row.path)
    sdk = SdkModule(module, _OPAQUE, _refine(module, class_name))
    return ResourceType(
        path=row.path,
        api_version=sdk.api_version(class_name),
        parameters={name: Property("string", **_LIMITS.get(f"{module}:{name}", {})) for name in parameters},
        properties={"id": Property("string", read_only=True), **sdk.resource(class_name, parameters)},
        autoname=row.autoname,
        put_async=row.put_async,
        delete_async=row.delete_async,
    )


@cache
def function(token: str) -> Function | None:
    if token not in FUNCTIONS:
        return None
    module, name, (method, path) = *_split(token), _FUNCTIONS[token.removeprefix(_PREFIX)]
    sdk = SdkModule(module, _OPAQUE, _refine(module, name.removeprefix("get") if method == "GET" else ""))
    query = (argument for argument in sdk.arguments(name) if argument not in _parameters(path))
    return Function(
        method=method,
        path=path,
        api_version=sdk.api_version(name),
        properties=sdk.result(name),
        query={argument: _QUERY.get(argument, argument) for argument in query},
    )


RESOURCES: Final = tuple(sorted(_PREFIX + name for name in _RESOURCES))
FUNCTIONS: Final = tuple(sorted(_PREFIX + name for name in _FUNCTIONS))


def _refine(module: str, resource: str) -> Refine:
    """Add to the properties of this resource, and of the objects within, what the SDK does not tell."""

    def refine(class_name: str, name: str, prop: Property) -> Property:
        details: dict[str, Any] = {}
        is_resource = class_name == resource
        if not _ENVELOPE.fullmatch(name) and (is_resource or f"{module}:{class_name}" in _NESTED_RESOURCES):
            details["container"] = ("properties",)
        if is_resource and name == "location":
            details |= {"required": True, "replaces": True}
        if name in _AZURES_OWN:
            details["read_only"] = True
        if prop.kind == "number" and _WHOLE_NUMBERS.fullmatch(name):
            details["kind"] = "integer"
        return replace(prop, **details | _DETAILS.get(f"{module}:{class_name}.{name}", {}))

    return refine


def _split(token: str) -> tuple[str, str]:
    _, module, name = token.split(":")
    return module, name


def _parameters(path: str) -> list[str]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [name for name in names if name != "subscriptionId"]
