"""Microsoft.Network (2024-05-01): virtual networks and subnets.

What a subnet may refer to but this project does not make (gateways, security groups, route tables …) is passed on as it
is; it is to be given by its `id`.
"""

from typing import Final

from sandbox.plugins.azure_native.schema import (
    Invoke,
    Property,
    ResourceType,
    anything,
    array,
    boolean,
    flattened,
    integer,
    obj,
    string,
    string_map,
    strings,
)
from sandbox.plugins.azure_native.types.common import RESOURCE_GROUP, named

_API: Final = "2024-05-01"
_NETWORK: Final = RESOURCE_GROUP + "/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}"

_SUB_RESOURCE: Final = obj({"id": string()})
_ADDRESS_SPACE: Final = obj({"addressPrefixes": strings(), "ipamPoolPrefixAllocations": array(anything())})
_STATE: Final = string(read_only=True)
_LINKS: Final = array(anything(), read_only=True)

_DELEGATION: Final = obj(
    {
        "id": string(),
        "name": string(),
        "type": string(),
        "etag": _STATE,
        **flattened({"serviceName": string(), "actions": strings(read_only=True), "provisioningState": _STATE}),
    }
)

_SUBNET_PROPERTIES: Final = flattened(
    {
        "addressPrefix": string(),
        "addressPrefixes": strings(),
        "applicationGatewayIPConfigurations": array(anything()),
        "defaultOutboundAccess": boolean(),
        "delegations": array(_DELEGATION),
        "ipAllocations": array(_SUB_RESOURCE),
        "ipamPoolPrefixAllocations": array(anything()),
        "natGateway": _SUB_RESOURCE,
        "networkSecurityGroup": anything(),
        "privateEndpointNetworkPolicies": string(default="Disabled"),
        "privateLinkServiceNetworkPolicies": string(default="Enabled"),
        "routeTable": anything(),
        "serviceEndpointPolicies": array(anything()),
        "serviceEndpoints": array(
            obj(
                {
                    "service": string(),
                    "locations": strings(),
                    "networkIdentifier": _SUB_RESOURCE,
                    "provisioningState": _STATE,
                }
            )
        ),
        "sharingScope": string(),
        "ipConfigurationProfiles": _LINKS,
        "ipConfigurations": _LINKS,
        "privateEndpoints": _LINKS,
        "provisioningState": _STATE,
        "purpose": _STATE,
        "resourceNavigationLinks": _LINKS,
        "serviceAssociationLinks": _LINKS,
    }
)
_SUBNET: Final[dict[str, Property]] = {
    "id": string(),
    "name": string(),
    "type": string(),
    "etag": _STATE,
    **_SUBNET_PROPERTIES,
}

VIRTUAL_NETWORKS: Final = ResourceType(
    name="azure-native:network:VirtualNetwork",
    path=_NETWORK,
    api_version=_API,
    parameters=(named("resourceGroupName"), named("virtualNetworkName")),
    properties={
        "id": string(),
        "name": _STATE,
        "type": _STATE,
        "etag": _STATE,
        "location": string(replaces=True),
        "tags": string_map(),
        "extendedLocation": obj({"name": string(), "type": string()}),
        **flattened(
            {
                "addressSpace": _ADDRESS_SPACE,
                "bgpCommunities": obj(
                    {"virtualNetworkCommunity": string(required=True), "regionalCommunity": string(read_only=True)}
                ),
                "ddosProtectionPlan": _SUB_RESOURCE,
                "dhcpOptions": obj({"dnsServers": strings()}),
                "enableDdosProtection": boolean(default=False),
                "enableVmProtection": boolean(default=False),
                "encryption": obj({"enabled": boolean(required=True), "enforcement": string()}),
                "flowTimeoutInMinutes": integer(),
                "ipAllocations": array(_SUB_RESOURCE),
                "privateEndpointVNetPolicies": string(),
                "subnets": array(obj(_SUBNET), maintained=True),
                "virtualNetworkPeerings": array(anything(), maintained=True),
                "flowLogs": _LINKS,
                "provisioningState": _STATE,
                "resourceGuid": _STATE,
            }
        ),
    },
    autoname="random",
)

SUBNETS: Final = ResourceType(
    name="azure-native:network:Subnet",
    path=_NETWORK + "/subnets/{subnetName}",
    api_version=_API,
    parameters=(named("resourceGroupName"), named("virtualNetworkName"), named("subnetName")),
    properties=_SUBNET,
    autoname="copy",
)

TYPES: Final = (VIRTUAL_NETWORKS, SUBNETS)
INVOKES: Final = (
    Invoke(
        "azure-native:network:getVirtualNetwork",
        "GET",
        VIRTUAL_NETWORKS.path,
        _API,
        VIRTUAL_NETWORKS.properties,
        query={"expand": "$expand"},
        of_resource=True,
    ),
    Invoke(
        "azure-native:network:getSubnet",
        "GET",
        SUBNETS.path,
        _API,
        SUBNETS.properties,
        query={"expand": "$expand"},
        of_resource=True,
    ),
)
