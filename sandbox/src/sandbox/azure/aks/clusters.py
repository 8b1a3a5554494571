"""AKS: a cluster of any name exists, and its credentials are those of the sandbox's control plane.

So a stack file that names a cluster of a real subscription runs unchanged. The nodes of a cluster that the estate does
not have stand in the subnet of the first one that it has in the subscription.

The control plane is also an OpenID Connect issuer: it signs the tokens of its service accounts. AKS publishes keys at a
public address (learn.microsoft.com/azure/aks/use-oidc-issuer). Here they are read where the API server itself serves
them, with the administrator's credentials of the sandbox's kubeconfig.
"""

import base64
import json
import ssl
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from sandbox.azure.aks.agent_pools import AgentPools
from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.entra.principals import CLUSTER, KUBELET
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import IDENTITIES, MANAGED_CLUSTERS, ResourceId
from sandbox.azure.network.machines import node_pools
from sandbox.azure.shapes import mapping
from sandbox.azure.store import Store
from sandbox.azure.tags import tags_in
from sandbox.private_files import write_private

_ANSWER_SECONDS: Final = 30.0


@dataclass(frozen=True)
class IssuerMetadata:
    """The API server's own description. `keys` are JSON Web Keys, `version` that of Kubernetes (`1.36.2`)."""

    issuer: str
    keys: tuple[dict[str, Any], ...]
    version: str


class ClusterIssuer:
    """Asks the API server that a kubeconfig names, each time anew: keys may be rotated and clusters created again."""

    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = kubeconfig

    def metadata(self) -> IssuerMetadata | None:
        """Return the issuer and its keys; None while no control plane answers."""
        try:
            with _api_server(self._kubeconfig) as api:
                discovery, keys, version = (
                    api.get(path).raise_for_status().json()
                    for path in ("/.well-known/openid-configuration", "/openid/v1/jwks", "/version")
                )
            kubernetes = str(version["gitVersion"]).removeprefix("v").partition("+")[0]
            return IssuerMetadata(str(discovery["issuer"]), tuple(keys["keys"]), kubernetes)
        except (OSError, httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, yaml.YAMLError):
            return None


def _api_server(kubeconfig: Path) -> httpx.Client:
    content = yaml.safe_load(kubeconfig.read_text())
    cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
    trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
    # Python reads a client certificate from files alone; these are nobody else's to read and gone at once.
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder) / "client.crt", Path(folder) / "client.key"
        write_private(certificate, base64.b64decode(user["client-certificate-data"]))
        write_private(key, base64.b64decode(user["client-key-data"]))
        trust.load_cert_chain(certificate, key)
    return httpx.Client(base_url=cluster["server"], verify=trust, timeout=_ANSWER_SECONDS, trust_env=False)


_UNCHANGEABLE: Final = ("kubernetesVersion", "dnsPrefix", "nodeResourceGroup", "enableRBAC")
_USER: Final = {"listclusterusercredential": "clusterUser", "listclusteradmincredential": "clusterAdmin"}


class Clusters:
    """The sandbox's control plane, as a cluster of every name."""

    def __init__(self, store: Store, kubeconfig: Path) -> None:
        self.issuer = ClusterIssuer(kubeconfig)
        self.pools = AgentPools(store)
        self._store = store
        self._kubeconfig = kubeconfig

    def show(self, cluster_id: ResourceId, location: str) -> dict[str, Any]:
        """Return the cluster, as far as clients read it: a stopped one while the control plane does not answer."""
        api_server, now = self.issuer.metadata(), time.time()
        name, group = cluster_id.name, f"MC_{cluster_id.group}_{cluster_id.name}_{location}"
        identities = f"/subscriptions/{cluster_id.subscription}/resourcegroups/{group}/providers/{IDENTITIES}"
        issuer: dict[str, Any] = {"enabled": True}
        version: dict[str, Any] = {}
        kept = self._kept(cluster_id)
        if api_server:
            issuer["issuerURL"] = api_server.issuer
            version = {"kubernetesVersion": api_server.version, "currentKubernetesVersion": api_server.version}
        return {
            "id": str(cluster_id),
            "name": name,
            "type": MANAGED_CLUSTERS,
            "location": location,
            **({"tags": kept["tags"]} if kept.get("tags") is not None else {}),
            "sku": {"name": "Base", "tier": "Free"},
            "identity": {"type": "SystemAssigned", "principalId": CLUSTER.object_id, "tenantId": TENANT},
            "properties": {
                "provisioningState": "Succeeded",
                "powerState": {"code": "Running" if api_server else "Stopped"},
                **version,
                "dnsPrefix": name,
                "fqdn": f"{name}.hcp.{location}.azmk8s.io",
                "servicePrincipalProfile": {"clientId": "msi"},
                "agentPoolProfiles": [
                    {"name": pool.name, **pool.shown(now, version.get("kubernetesVersion"), self.subnet(cluster_id))}
                    for pool in self.pools.every(now)
                ],
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
                "securityProfile": {"workloadIdentity": {"enabled": kept.get("workloadIdentity", True)}},
            },
        }

    def change(self, cluster_id: ResourceId, location: str, body: dict[str, Any], *, partial: bool) -> None:
        """Take the tags of a cluster, and whether it has workload identity; refuse what is not played.

        Raises:
            ArmError: another change. Its words are not Azure's.

        """
        kept, shown = self._kept(cluster_id), self.show(cluster_id, location)["properties"]
        wanted = mapping(body.get("properties"), "properties")
        if mapping(wanted.get("oidcIssuerProfile"), "oidcIssuerProfile").get("enabled") is False:
            # Guess: the words; it is documented that the issuer cannot be disabled.
            raise ArmError(400, "OIDCIssuerFeatureCannotBeDisabled", "OIDC issuer feature cannot be disabled.")
        for name in _UNCHANGEABLE:
            if wanted.get(name) is not None and wanted[name] != shown.get(name):
                text = f"The sandbox does not play another {name} of a cluster: it is {shown.get(name)!r}."
                raise ArmError(400, "InvalidParameter", text)
        security = mapping(wanted.get("securityProfile"), "securityProfile")
        if (identity := mapping(security.get("workloadIdentity"), "workloadIdentity").get("enabled")) is not None:
            kept["workloadIdentity"] = bool(identity)
        if body.get("tags") is not None or not partial:
            kept["tags"] = tags_in(body)
        self._store.query("INSERT OR REPLACE INTO clusters VALUES (?, ?)", cluster_id.key, json.dumps(kept))

    def _kept(self, cluster_id: ResourceId) -> dict[str, Any]:
        rows = self._store.query("SELECT document FROM clusters WHERE key = ?", cluster_id.key)
        return json.loads(rows[0]["document"]) if rows else {}

    def version(self) -> str | None:
        """Return the version of Kubernetes; None while no control plane answers."""
        api_server = self.issuer.metadata()
        return api_server.version if api_server else None

    def of_estate(self, subscription: str) -> list[ResourceId]:
        """Return the clusters of the estate in a subscription."""
        return [each.cluster for each in node_pools(self._store) if each.cluster.subscription.lower() == subscription]

    def subnet(self, cluster_id: ResourceId) -> str | None:
        """Return the subnet of a cluster's nodes; of one that the estate does not have, that of the first one."""
        mine = cluster_id.subscription.lower()
        pools = [each for each in node_pools(self._store) if each.cluster.subscription.lower() == mine]
        named = [each for each in pools if each.cluster.key == cluster_id.key]
        return str(first.subnet) if (first := next(iter(named or pools), None)) else None

    def credentials(self, cluster_id: ResourceId, action: str) -> dict[str, Any]:
        user = _USER.get(action.lower())
        if user is None:
            text = f"The action '{action}' is not supported on {cluster_id.type}."
            raise ArmError(400, "InvalidResourceOperation", text)
        try:
            content = yaml.safe_load(self._kubeconfig.read_text())
        except FileNotFoundError:
            text = (
                f"The Resource '{cluster_id.type_and_name}' under resource group '{cluster_id.group}' was not found: "
                "the sandbox's control plane has not been started (python -m sandbox up)."
            )
            raise ArmError(404, "ResourceNotFound", text) from None
        kubeconfig = _renamed(content, cluster_id.name, f"{user}_{cluster_id.group}_{cluster_id.name}")
        return {"kubeconfigs": [{"name": user, "value": base64.b64encode(kubeconfig.encode()).decode()}]}


def _renamed(content: dict[str, Any], cluster: str, user: str) -> str:
    """Return the control plane's kubeconfig with AKS's names: the cluster's, and `clusterUser_GROUP_CLUSTER`."""
    named = {
        "clusters": [{**content["clusters"][0], "name": cluster}],
        "contexts": [{"context": {"cluster": cluster, "user": user}, "name": cluster}],
        "current-context": cluster,
        "users": [{**content["users"][0], "name": user}],
    }
    return yaml.safe_dump({**content, "preferences": {}, **named})
