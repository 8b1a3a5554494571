"""Microsoft.ContainerService (2025-09-01): the credentials of a cluster. Clusters are not made here."""

from collections.abc import Mapping
from typing import Final

from sandbox.providers.azure_native.schema import Invoke, array, obj, string
from sandbox.providers.azure_native.types.common import RESOURCE_GROUP

_CLUSTER: Final = RESOURCE_GROUP + "/providers/Microsoft.ContainerService/managedClusters/{resourceName}"
_KUBECONFIGS: Final = {"kubeconfigs": array(obj({"name": string(), "value": string()}))}


def _credentials(who: str, action: str, query: Mapping[str, str]) -> Invoke:
    name = f"azure-native:containerservice:listManagedCluster{who}Credentials"
    return Invoke(name, "POST", f"{_CLUSTER}/{action}", "2025-09-01", _KUBECONFIGS, query=query)


TYPES: Final = ()
INVOKES: Final = (
    _credentials("User", "listClusterUserCredential", {"serverFqdn": "server-fqdn", "format": "format"}),
    _credentials("Admin", "listClusterAdminCredential", {"serverFqdn": "server-fqdn"}),
)
