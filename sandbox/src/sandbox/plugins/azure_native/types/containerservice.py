"""Microsoft.ContainerService (2025-09-01): a cluster as it is, and its credentials. Clusters are not made here."""

from collections.abc import Mapping
from typing import Final

from sandbox.plugins.azure_native.schema import (
    Invoke,
    Property,
    array,
    boolean,
    flattened,
    obj,
    string,
    string_map,
)
from sandbox.plugins.azure_native.types.common import RESOURCE_GROUP, proxy_resource

_API: Final = "2025-09-01"
_CLUSTER: Final = RESOURCE_GROUP + "/providers/Microsoft.ContainerService/managedClusters/{resourceName}"
_KUBECONFIGS: Final = {"kubeconfigs": array(obj({"name": string(), "value": string()}))}
_USER_ASSIGNED: Final = obj({name: string() for name in ("resourceId", "clientId", "objectId")})
_TEXTS: Final = (
    "provisioningState",
    "kubernetesVersion",
    "currentKubernetesVersion",
    "dnsPrefix",
    "fqdn",
    "nodeResourceGroup",
)

PROPERTIES: Final = {
    **proxy_resource(),
    "location": string(),
    "tags": string_map(),
    "sku": obj({"name": string(), "tier": string()}),
    "identity": obj({name: string() for name in ("type", "principalId", "tenantId")}),
    **flattened(
        {
            **{name: string() for name in _TEXTS},
            "powerState": obj({"code": string()}),
            "enableRBAC": boolean(),
            "servicePrincipalProfile": obj({"clientId": string()}),
            "networkProfile": obj({"networkPlugin": string()}),
            "identityProfile": Property("map", items=_USER_ASSIGNED),
            "oidcIssuerProfile": obj({"enabled": boolean(), "issuerURL": string()}),
            "securityProfile": obj({"workloadIdentity": obj({"enabled": boolean()})}),
        }
    ),
}
"""Of a cluster, what the sandbox's has."""


def _credentials(who: str, action: str, query: Mapping[str, str]) -> Invoke:
    name = f"azure-native:containerservice:listManagedCluster{who}Credentials"
    return Invoke(name, "POST", f"{_CLUSTER}/{action}", _API, _KUBECONFIGS, query=query)


TYPES: Final = ()
INVOKES: Final = (
    Invoke("azure-native:containerservice:getManagedCluster", "GET", _CLUSTER, _API, PROPERTIES, of_resource=True),
    _credentials("User", "listClusterUserCredential", {"serverFqdn": "server-fqdn", "format": "format"}),
    _credentials("Admin", "listClusterAdminCredential", {"serverFqdn": "server-fqdn"}),
)
