"""What the operator installs beside its kinds: accounts, roles, CSIDriver, Service, Deployment, DaemonSets.

Names, labels and shapes as in cli/k8s_client/yaml_factory.go of NetApp/trident; left out is what no one can see in a
cluster whose containers do not run (probes, arguments, hostPaths of the node plugins).
"""

import base64
import secrets
from dataclasses import dataclass
from typing import Any, Final

from sandbox.kube.objects import Json
from sandbox.trident.backends.backends import PROVISIONER
from sandbox.trident.operator.installation import Plan

CONTROLLER: Final = "trident-controller"
NODE_LINUX: Final = "trident-node-linux"
NODE_WINDOWS: Final = "trident-node-windows"
CONTROLLER_APP: Final = "controller.csi.trident.netapp.io"
NODE_APP: Final = "node.csi.trident.netapp.io"
VERSION_LABEL: Final = "trident_version"
KUBERNETES_LABEL: Final = "k8s_version"
CREDENTIAL_FILE: Final = "/etc/kubernetes/azure.json"

_SERVICE: Final = "trident-csi"
_ENCRYPTION: Final = "trident-encryption-keys"
_REGISTRY: Final = "registry.k8s.io/sig-storage"


@dataclass(frozen=True)
class Installed:
    """One object: where it is applied, and what. `once`: made if it is absent, never changed."""

    path: str
    body: Json
    once: bool = False

    @property
    def collection(self) -> str:
        """Where it is created."""
        return self.path.rpartition("/")[0]


def objects(plan: Plan, kubernetes: str, held_back: bool = False) -> list[Installed]:
    """Everything, in the order in which it is made. `held_back`: the controller's Pod is never scheduled."""
    factory = _Factory(plan, kubernetes)
    names = [CONTROLLER, NODE_LINUX, *([NODE_WINDOWS] if plan.windows else [])]
    return [
        *(factory.account(name) for name in names),
        *(each for name in names for each in factory.cluster_role(name)),
        factory.driver(),
        factory.service(),
        factory.certificates(),
        factory.encryption_keys(),
        factory.quota(),
        factory.controller(held_back),
        factory.node_plugin("linux"),
        *([factory.node_plugin("windows")] if plan.windows else []),
    ]


def installed_paths(namespace: str) -> list[str]:
    """What an uninstallation removes, in its order; the keys that volumes are encrypted with stay."""
    core, rbac = f"/api/v1/namespaces/{namespace}", "/apis/rbac.authorization.k8s.io/v1"
    names = (CONTROLLER, NODE_LINUX, NODE_WINDOWS)
    return [
        f"/apis/apps/v1/namespaces/{namespace}/deployments/{CONTROLLER}",
        *(f"/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}" for name in names[1:]),
        f"{core}/resourcequotas/{_SERVICE}",
        f"{core}/services/{_SERVICE}",
        f"{core}/secrets/{_SERVICE}",
        f"/apis/storage.k8s.io/v1/csidrivers/{PROVISIONER}",
        *(f"{rbac}/{kind}/{name}" for name in names for kind in ("clusterroles", "clusterrolebindings")),
        *(f"{core}/serviceaccounts/{name}" for name in names),
    ]


class _Factory:
    def __init__(self, plan: Plan, kubernetes: str) -> None:
        self._plan = plan
        self._kubernetes = kubernetes

    def account(self, name: str) -> Installed:
        """A ServiceAccount; the controller's carries the cloud identity."""
        body = self._object("v1", "ServiceAccount", name, self._app(name))
        if name == CONTROLLER and self._plan.workload_identity:
            key, _, value = self._plan.workload_identity.partition(":")
            body["metadata"]["annotations"] = {key.strip(): value.strip()}
        if self._plan.pull_secrets:
            body["imagePullSecrets"] = [{"name": secret} for secret in self._plan.pull_secrets]
        return self._namespaced("/api/v1", "serviceaccounts", body)

    def cluster_role(self, name: str) -> tuple[Installed, Installed]:
        """A ClusterRole and its binding."""
        rbac = "rbac.authorization.k8s.io"
        role = self._object(f"{rbac}/v1", "ClusterRole", name, self._app(name), namespaced=False)
        role["rules"] = [
            {
                "apiGroups": [""],
                "resources": ["events", "nodes", "persistentvolumeclaims", "persistentvolumes", "pods", "secrets"],
                "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
            },
            {
                "apiGroups": ["storage.k8s.io"],
                "resources": ["csinodes", "storageclasses", "volumeattachments", "volumeattachments/status"],
                "verbs": ["get", "list", "patch", "update", "watch"],
            },
            {"apiGroups": ["trident.netapp.io"], "resources": ["*"], "verbs": ["*"]},
        ]
        binding = self._object(f"{rbac}/v1", "ClusterRoleBinding", name, self._app(name), namespaced=False)
        binding["subjects"] = [{"kind": "ServiceAccount", "name": name, "namespace": self._plan.namespace}]
        binding["roleRef"] = {"apiGroup": rbac, "kind": "ClusterRole", "name": name}
        path = f"/apis/{rbac}/v1"
        return Installed(f"{path}/clusterroles/{name}", role), Installed(f"{path}/clusterrolebindings/{name}", binding)

    def driver(self) -> Installed:
        """The CSIDriver. Volumes are attached: the controller publishes them to nodes."""
        body = self._object("storage.k8s.io/v1", "CSIDriver", PROVISIONER, CONTROLLER_APP, namespaced=False)
        body["spec"] = {"attachRequired": True, "fsGroupPolicy": self._plan.fs_group_policy}
        return Installed(f"/apis/storage.k8s.io/v1/csidrivers/{PROVISIONER}", body)

    def service(self) -> Installed:
        """Where node plugins reach the controller."""
        body = self._object("v1", "Service", _SERVICE, CONTROLLER_APP)
        ports = {"https": (34571, 8443), "metrics": (9220, 8001)}
        body["spec"] = {
            "selector": {"app": CONTROLLER_APP},
            "ports": [
                {"name": name, "protocol": "TCP", "port": port, "targetPort": target}
                for name, (port, target) in ports.items()
            ],
        }
        return self._namespaced("/api/v1", "services", body)

    def certificates(self) -> Installed:
        """The Secret of the certificates between controller and nodes; here without any, since nothing connects."""
        body = self._object("v1", "Secret", _SERVICE, CONTROLLER_APP)
        return self._namespaced("/api/v1", "secrets", body, once=True)

    def encryption_keys(self) -> Installed:
        """The Secret that outlives an uninstallation: it belongs to no orchestrator."""
        body = self._object("v1", "Secret", _ENCRYPTION, "persistent.trident.netapp.io")
        del body["metadata"]["ownerReferences"]
        body["metadata"]["labels"] = {"object": "persistent.trident.netapp.io"}
        body["data"] = {"aesKey": base64.b64encode(secrets.token_bytes(32)).decode()}
        return self._namespaced("/api/v1", "secrets", body, once=True)

    def quota(self) -> Installed:
        """Lets Pods of the critical priority classes run in this namespace."""
        body = self._object("v1", "ResourceQuota", _SERVICE, NODE_APP)
        classes = ["system-node-critical", "system-cluster-critical"]
        match = {"operator": "In", "scopeName": "PriorityClass", "values": classes}
        body["spec"] = {"scopeSelector": {"matchExpressions": [match]}}
        return self._namespaced("/api/v1", "resourcequotas", body)

    def controller(self, held_back: bool) -> Installed:
        """The Deployment `trident-controller`."""
        plan = self._plan
        body = self._object("apps/v1", "Deployment", CONTROLLER, CONTROLLER_APP)
        labels = {"app": CONTROLLER_APP}
        if plan.workload_identity:
            labels["azure.workload.identity/use"] = "true"
        main = self._container("trident-main", plan.image)
        main["env"] = [{"name": "TRIDENT_SERVER", "value": "127.0.0.1:8000"}]
        if plan.managed_identity:
            main["env"].append({"name": "AZURE_CREDENTIAL_FILE", "value": CREDENTIAL_FILE})
        sidecars = ("csi-provisioner", "csi-attacher", "csi-resizer", "csi-snapshotter")
        pod: Json = {
            "serviceAccountName": CONTROLLER,
            "priorityClassName": "system-cluster-critical",
            "containers": [main, *(self._container(name, f"{_REGISTRY}/{name}") for name in sidecars)],
            "affinity": self._affinity(("arm64", "amd64"), "linux", plan.controller_node_selector),
            "tolerations": plan.controller_tolerations or [],
        }
        if held_back:
            pod["schedulingGates"] = [{"name": "anf-sandbox/trident-never-installed"}]
        body["spec"] = {
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": {"app": CONTROLLER_APP}},
            "template": {"metadata": {"labels": labels}, "spec": self._with_pull_secrets(pod)},
        }
        return self._namespaced("/apis/apps/v1", "deployments", body)

    def node_plugin(self, system: str) -> Installed:
        """A DaemonSet. That of Windows talks to csi-proxy on the node; in 23.04 it tolerates no taint."""
        plan = self._plan
        windows = system == "windows"
        name = NODE_WINDOWS if windows else NODE_LINUX
        body = self._object("apps/v1", "DaemonSet", name, NODE_APP)
        everything: list[Json] = [
            {"effect": "NoExecute", "operator": "Exists"},
            {"effect": "NoSchedule", "operator": "Exists"},
        ]
        tolerations = everything if plan.node_tolerations is None else plan.node_tolerations
        architectures = ("amd64",) if windows else ("arm64", "amd64")
        main = self._container("trident-main", plan.image)
        pod: Json = {
            "serviceAccountName": name,
            "priorityClassName": "system-node-critical",
            "containers": [
                main,
                self._container(
                    "driver-registrar" if not windows else "node-driver-registrar", f"{_REGISTRY}/registrar"
                ),
                *([self._container("liveness-probe", f"{_REGISTRY}/livenessprobe")] if windows else []),
            ],
            "affinity": self._affinity(architectures, system, plan.node_node_selector),
            "tolerations": [] if windows and plan.release < (23, 7) else tolerations,
        }
        if windows:
            pipes = ("filesystem-v1", "volume-v1", "smb-v1")
            main["volumeMounts"] = [
                {"name": f"csi-proxy-{pipe}", "mountPath": f"\\\\.\\pipe\\csi-proxy-{pipe}"} for pipe in pipes
            ]
            pod["volumes"] = [
                {"name": f"csi-proxy-{pipe}", "hostPath": {"path": f"\\\\.\\pipe\\csi-proxy-{pipe}"}} for pipe in pipes
            ]
            options = {"hostProcess": False, "runAsUserName": "ContainerAdministrator"}
            pod["securityContext"] = {"windowsOptions": options}
        else:
            pod["hostNetwork"] = True
            pod["dnsPolicy"] = "ClusterFirstWithHostNet"
        body["spec"] = {
            "selector": {"matchLabels": {"app": NODE_APP}},
            "template": {"metadata": {"labels": {"app": NODE_APP}}, "spec": self._with_pull_secrets(pod)},
        }
        return self._namespaced("/apis/apps/v1", "daemonsets", body)

    def _object(self, version: str, kind: str, name: str, app: str, namespaced: bool = True) -> Json:
        metadata: Json = {
            "name": name,
            "labels": {"app": app, KUBERNETES_LABEL: self._kubernetes, VERSION_LABEL: self._plan.version_label},
            "ownerReferences": [self._plan.owner],
        }
        if namespaced:
            metadata["namespace"] = self._plan.namespace
        return {"apiVersion": version, "kind": kind, "metadata": metadata}

    def _namespaced(self, api: str, plural: str, body: Json, once: bool = False) -> Installed:
        name = body["metadata"]["name"]
        return Installed(f"{api}/namespaces/{self._plan.namespace}/{plural}/{name}", body, once)

    def _container(self, name: str, image: str) -> Json:
        return {"name": name, "image": image, "imagePullPolicy": self._plan.pull_policy}

    def _with_pull_secrets(self, pod: Json) -> Json:
        if self._plan.pull_secrets:
            pod["imagePullSecrets"] = [{"name": secret} for secret in self._plan.pull_secrets]
        return pod

    @staticmethod
    def _app(name: str) -> str:
        return CONTROLLER_APP if name == CONTROLLER else NODE_APP

    @staticmethod
    def _affinity(architectures: tuple[str, ...], system: str, selector: dict[str, str]) -> Json:
        wanted: dict[str, list[Any]] = {
            "kubernetes.io/arch": [*architectures],
            "kubernetes.io/os": [system],
            **{key: [value] for key, value in selector.items()},
        }
        expressions = [{"key": key, "operator": "In", "values": values} for key, values in wanted.items()]
        terms = {"nodeSelectorTerms": [{"matchExpressions": expressions}]}
        return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
