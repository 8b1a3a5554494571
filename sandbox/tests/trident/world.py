"""A cluster with nodes, an Azure, Trident's controllers; and whoever installs the chart."""

from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from sandbox.azure.entra import credentials
from sandbox.azure.store import Store
from sandbox.faults import StandingFaults
from sandbox.kube.api import ApiError, ConflictError, KubeApi, NotFoundError
from sandbox.kube.objects import Json
from sandbox.paths import SandboxPaths
from sandbox.services import Services
from sandbox.testing.azure_clients import AzureClients
from sandbox.trident.crds import API, CRDS, KINDS, ORCHESTRATORS, delete_objects, obliviate
from sandbox.trident.operator.workloads import ENCRYPTION_KEYS, installed_paths
from tests.azure.names import CLUSTER, REGION, SUBSCRIPTION, VNET
from tests.azure.world import account_body, directory, pool_body, subnet_body
from tests.nodes.world import eventually

NEWEST = "26.06.0"
DOCUMENTED = "23.04.0"
NAMESPACE = "trident"
GROUP, ACCOUNT, POOL = "rg-anf", "anf-dev", "pool-dev"
CONFIG = "backend-tbc-anf-smb"
SECRET = "backend-tbc-anf-secret"

_OPERATOR = "operator.trident.netapp.io"
_CHART_CRDS = files("sandbox.charts") / "trident-operator" / "crds"


@dataclass
class TridentSandbox:
    paths: SandboxPaths
    api: KubeApi
    azure: AzureClients
    service: Services

    @property
    def faults(self) -> StandingFaults:
        return StandingFaults(Store(self.paths.arm_database))

    # What a user does.

    def install(self, version: str = NEWEST, /, node_selector: Json | None = None, **spec: Any) -> None:
        """What helm applies of the chart, with the Windows node plugin unless told otherwise.

        The chart's own tests judge its templates.
        """
        for file in _CHART_CRDS.iterdir():
            with suppress(ConflictError):
                self.api.create(CRDS, yaml.safe_load(file.read_text()))
        with suppress(ConflictError):
            self.api.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        image = f"docker.io/netapp/trident-operator:{version}"
        pod: Json = {"containers": [{"name": "trident-operator", "image": image}], "nodeSelector": node_selector or {}}
        operator = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "trident-operator"},
            "spec": {
                "strategy": {"type": "Recreate"},
                "selector": {"matchLabels": {"app": _OPERATOR}},
                "template": {"metadata": {"labels": {"app": _OPERATOR}}, "spec": pod},
            },
        }
        self.apply(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/trident-operator", operator)
        wanted = {"namespace": NAMESPACE, "tridentImage": f"docker.io/netapp/trident:{version}", "windows": True}
        orchestrator = {
            "apiVersion": "trident.netapp.io/v1",
            "kind": "TridentOrchestrator",
            "metadata": {"name": "trident"},
            "spec": {**wanted, **spec},
        }
        eventually(lambda: served(self.api, ORCHESTRATORS), "the chart's kind is served")
        self.apply(f"{ORCHESTRATORS}/trident", orchestrator)

    def uninstall(self) -> None:
        """`helm uninstall`: the chart's kinds stay."""
        self.api.delete(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/trident-operator")
        self.api.delete(f"{ORCHESTRATORS}/trident")

    def apply(self, path: str, body: Json) -> Json:
        return self.api.apply(path, body, "test")

    def secret(self, **values: str) -> None:
        """The backend's Secret, by default with Trident's own application."""
        trident = credentials.ensure_trident(self.paths)
        data = {"clientID": trident.client_id, "clientSecret": trident.client_secret, **values}
        body: Json = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET}}
        body["stringData"] = {name: value for name, value in data.items() if value}
        with suppress(NotFoundError):
            self.api.delete(f"/api/v1/namespaces/{NAMESPACE}/secrets/{SECRET}")
        self.api.create(f"/api/v1/namespaces/{NAMESPACE}/secrets", body)

    def configure(self, name: str = CONFIG, /, **changes: Any) -> None:
        """The documented backend config; None takes a key out."""
        spec: Json = {
            "version": 1,
            "storageDriverName": "azure-netapp-files",
            "backendName": "anf-smb",
            "subscriptionID": SUBSCRIPTION,
            "tenantID": credentials.TENANT,
            "location": REGION,
            "serviceLevel": "Standard",
            "nasType": "smb",
            "credentials": {"name": SECRET},
            **changes,
        }
        body: Json = {
            "apiVersion": "trident.netapp.io/v1",
            "kind": "TridentBackendConfig",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {key: value for key, value in spec.items() if value is not None},
        }
        self.apply(self.config_path(name), body)

    # What there is.

    @staticmethod
    def config_path(name: str = CONFIG) -> str:
        return f"{API}/namespaces/{NAMESPACE}/tridentbackendconfigs/{name}"

    def status(self) -> Json:
        found = self.api.find(f"{ORCHESTRATORS}/trident")
        return (found or {}).get("status") or {}

    def await_status(self, status: str, words: str = "", version: str = "") -> Json:
        def look() -> Json | None:
            now = self.status()
            said = now.get("status") == status and words in now["message"] and version in now["version"]
            return now if said else None

        return eventually(look, f"the orchestrator is {status} {words} {version}")

    def installed(self, version: str = NEWEST, /, **spec: Any) -> Json:
        """Install, and wait for it."""
        self.install(version, **spec)
        return self.await_status("Installed", version=f"v{version}")

    def config(self, name: str = CONFIG) -> Json:
        return self.api.get(self.config_path(name))

    def await_config(self, phase: str, result: str, words: str = "", name: str = CONFIG) -> Json:
        def look() -> Json | None:
            now = (self.api.find(self.config_path(name)) or {}).get("status") or {}
            matches = (now.get("phase"), now.get("lastOperationStatus")) == (phase, result)
            return now if matches and words in now["message"] else None

        return eventually(look, f"config {phase!r} {result} {words!r}")

    def await_gone(self, path: str) -> None:
        eventually(lambda: self.api.find(path) is None, f"the end of {path}")

    def backends(self) -> list[Json]:
        found = self.api.find(f"{API}/namespaces/{NAMESPACE}/tridentbackends")
        return found["items"] if found else []

    def kinds(self) -> set[str]:
        items: list[Json] = self.api.get(CRDS)["items"]
        ours = [item["spec"] for item in items if item["spec"]["group"] == "trident.netapp.io"]
        return {str(spec["names"]["plural"]) for spec in ours}

    def pods(self, app: str) -> list[Json]:
        items: list[Json] = self.api.get(f"/api/v1/namespaces/{NAMESPACE}/pods")["items"]
        return [item for item in items if item["metadata"].get("labels", {}).get("app") == app]

    def events(self, namespace: str, reason: str) -> list[str]:
        items: list[Json] = self.api.get(f"/api/v1/namespaces/{namespace}/events")["items"]
        return [item["message"] for item in items if item["reason"] == reason]

    # What a test begins and ends with.

    def pool(self, name: str) -> None:
        """Another pool, of 1 TiB."""
        body: Any = pool_body()
        self.azure.netapp.pools.begin_create_or_update(GROUP, ACCOUNT, name, body).result()

    def clear(self) -> None:
        """No Trident in the cluster; its kinds may be there still, as `helm uninstall` leaves them."""
        self.faults.clear()
        self.uninstall()
        eventually(self._remove_objects, "the end of Trident's objects")
        # An uninstallation spares the keys, and their end with the orchestrator could come after the next installation.
        for path in (*installed_paths(NAMESPACE), f"/api/v1/namespaces/{NAMESPACE}/secrets/{ENCRYPTION_KEYS}"):
            self.api.delete(path)
            self.await_gone(path)
        namespace = self.api.find(f"/api/v1/namespaces/{NAMESPACE}")
        if namespace and "deletionTimestamp" in namespace["metadata"]:
            self.await_gone(f"/api/v1/namespaces/{NAMESPACE}")
        eventually(lambda: not self.api.get(f"/api/v1/namespaces/{NAMESPACE}/pods")["items"], "the end of its Pods")

    def _remove_objects(self) -> bool:
        try:
            for plural in (*(kind.plural for kind in KINDS), "tridentorchestrators"):
                delete_objects(self.api, plural)
        except ApiError as error:  # the API server is not ready for a kind that was made just now
            return error.status != 429
        return True

    def clear_kinds(self) -> None:
        """As a cluster that never had a Trident."""
        eventually(lambda: not obliviate(self.api, (), True), "the end of Trident's kinds")


def prepare_azure(azure: AzureClients) -> None:
    """A network with a domain controller, nodes and a delegated subnet; an account with its directory; 4 TiB."""
    bodies: Any = [subnet_body(), account_body(directory()), pool_body(4)]
    azure.group(GROUP)
    azure.estate.network(VNET, ["10.40.0.0/16"], subnets={"nodes": "10.40.2.0/24"}, dns_servers=["10.40.0.4"])
    azure.estate.domain_controllers("contoso.com", ["10.40.0.4"], VNET)
    azure.estate.cluster(CLUSTER, f"{VNET}/subnets/nodes")
    azure.network.subnets.begin_create_or_update(GROUP, "vnet-anf", "anf", bodies[0]).result()
    azure.netapp.accounts.begin_create_or_update(GROUP, ACCOUNT, bodies[1]).result()
    azure.netapp.pools.begin_create_or_update(GROUP, ACCOUNT, POOL, bodies[2]).result()


def served(api: KubeApi, path: str) -> bool:
    """A kind is not served at once when it is created: 404, then 429 while its storage is initialized."""
    try:
        api.get(path)
    except ApiError:
        return False
    return True
