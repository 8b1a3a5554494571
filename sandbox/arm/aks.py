"""AKS: any named cluster is there, and its credentials are those of the sandbox's control plane.

So a stack file that names a cluster of a real subscription runs unchanged.
"""

import base64
from pathlib import Path
from typing import Any, Final

from sandbox.arm.errors import ArmError
from sandbox.arm.ids import ResourceId

MANAGED_CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"


_USER: Final = {"listclusterusercredential": "clusterUser", "listclusteradmincredential": "clusterAdmin"}


def cluster(cluster_id: ResourceId, location: str) -> dict[str, Any]:
    """The cluster, as far as clients read it: identity of the resource, state, address."""
    name = cluster_id.name
    return {
        "id": str(cluster_id),
        "name": name,
        "type": MANAGED_CLUSTERS,
        "location": location,
        "sku": {"name": "Base", "tier": "Free"},
        "properties": {
            "provisioningState": "Succeeded",
            "powerState": {"code": "Running"},
            "dnsPrefix": name,
            "fqdn": f"{name}.hcp.{location}.azmk8s.io",
            "nodeResourceGroup": f"MC_{cluster_id.group}_{name}_{location}",
            "enableRBAC": True,
            "networkProfile": {"networkPlugin": "azure"},
        },
    }


def credentials(cluster_id: ResourceId, action: str, kubeconfig: Path) -> dict[str, Any]:
    """The answer of listClusterUserCredential and listClusterAdminCredential."""
    user = _USER.get(action.lower())
    if user is None:
        raise ArmError(400, "InvalidResourceOperation", f"The action '{action}' is not supported on {cluster_id.type}.")
    try:
        content = kubeconfig.read_bytes()
    except FileNotFoundError:
        raise ArmError(
            404,
            "ResourceNotFound",
            f"The Resource '{cluster_id.type_and_name}' under resource group '{cluster_id.group}' was not found: the "
            "sandbox's "
            "control plane has not been started (python -m sandbox up).",
        ) from None
    return {"kubeconfigs": [{"name": user, "value": base64.b64encode(content).decode()}]}
