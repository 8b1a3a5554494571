"""AKS: a cluster of any name exists, and its credentials are those of the sandbox's control plane.

So a stack file that names a cluster of a real subscription runs unchanged.
"""

import base64
from pathlib import Path
from typing import Any, Final

from sandbox.azure.aks.issuer import ClusterIssuer
from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.entra.principals import CLUSTER, KUBELET
from sandbox.azure.errors import ArmError
from sandbox.azure.identity.identities import IDENTITIES
from sandbox.azure.ids import MANAGED_CLUSTERS, ResourceId

_USER: Final = {"listclusterusercredential": "clusterUser", "listclusteradmincredential": "clusterAdmin"}


class Clusters:
    """The sandbox's control plane, as a cluster of every name."""

    def __init__(self, kubeconfig: Path) -> None:
        self.issuer = ClusterIssuer(kubeconfig)
        self._kubeconfig = kubeconfig

    def show(self, cluster_id: ResourceId, location: str) -> dict[str, Any]:
        """Return the cluster, as far as clients read it: state, version, issuer of tokens, identities.

        It is a stopped one while the control plane does not answer.
        """
        api_server = self.issuer.metadata()
        name, group = cluster_id.name, f"MC_{cluster_id.group}_{cluster_id.name}_{location}"
        identities = f"/subscriptions/{cluster_id.subscription}/resourcegroups/{group}/providers/{IDENTITIES}"
        issuer: dict[str, Any] = {"enabled": True}
        version: dict[str, Any] = {}
        if api_server:
            issuer["issuerURL"] = api_server.issuer
            version = {"kubernetesVersion": api_server.version, "currentKubernetesVersion": api_server.version}
        return {
            "id": str(cluster_id),
            "name": name,
            "type": MANAGED_CLUSTERS,
            "location": location,
            "sku": {"name": "Base", "tier": "Free"},
            "identity": {"type": "SystemAssigned", "principalId": CLUSTER.object_id, "tenantId": TENANT},
            "properties": {
                "provisioningState": "Succeeded",
                "powerState": {"code": "Running" if api_server else "Stopped"},
                **version,
                "dnsPrefix": name,
                "fqdn": f"{name}.hcp.{location}.azmk8s.io",
                "servicePrincipalProfile": {"clientId": "msi"},
                "nodeResourceGroup": group,
                "enableRBAC": True,
                "networkProfile": {"networkPlugin": "azure"},
                "identityProfile": {
                    "kubeletidentity": {
                        "resourceId": f"{identities}/{name}-agentpool",
                        "clientId": KUBELET.client_id,
                        "objectId": KUBELET.object_id,
                    }
                },
                "oidcIssuerProfile": issuer,
                "securityProfile": {"workloadIdentity": {"enabled": True}},
            },
        }

    def credentials(self, cluster_id: ResourceId, action: str) -> dict[str, Any]:
        user = _USER.get(action.lower())
        if user is None:
            text = f"The action '{action}' is not supported on {cluster_id.type}."
            raise ArmError(400, "InvalidResourceOperation", text)
        try:
            content = self._kubeconfig.read_bytes()
        except FileNotFoundError:
            text = (
                f"The Resource '{cluster_id.type_and_name}' under resource group '{cluster_id.group}' was not found: "
                "the sandbox's control plane has not been started (python -m sandbox up)."
            )
            raise ArmError(404, "ResourceNotFound", text) from None
        return {"kubeconfigs": [{"name": user, "value": base64.b64encode(content).decode()}]}
