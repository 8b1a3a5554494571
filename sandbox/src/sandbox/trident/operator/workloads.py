"""The objects that the operator installs beside Trident's kinds: ServiceAccounts, CSIDriver, Deployment, DaemonSets.

Names, labels and shapes are those of cli/k8s_client/yaml_factory.go in NetApp/trident. What serves only containers that
really run is left out: roles, certificates, the controller's Service, probes, arguments, most hostPaths.
"""

import base64
import secrets
from typing import Final

from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json
from sandbox.trident.names import CONTROLLER_APP, PROVISIONER
from sandbox.trident.operator.installation import Plan
from sandbox.trident.versions import release

CONTROLLER: Final = "trident-controller"
NODE_LINUX: Final = "trident-node-linux"
NODE_WINDOWS: Final = "trident-node-windows"
ENCRYPTION_KEYS: Final = "trident-encryption-keys"
NODE_APP: Final = "node.csi.trident.netapp.io"
VERSION_LABEL: Final = "trident_version"
KUBERNETES_LABEL: Final = "k8s_version"

_CREDENTIAL_FILE: Final = "/etc/kubernetes/azure.json"
_REGISTRY: Final = "registry.k8s.io/sig-storage"
_SIDECARS: Final = ("csi-provisioner", "csi-attacher", "csi-resizer", "csi-snapshotter")
_PIPES: Final = ("filesystem-v1", "volume-v1", "smb-v1")
_EVERY_TAINT: Final = [{"effect": effect, "operator": "Exists"} for effect in ("NoExecute", "NoSchedule")]
_TOLERANT_SINCE: Final = (23, 7)
"""Before, the node plugin of Windows tolerated no taint."""


def objects(plan: Plan, kubernetes: str, *, identity_label: bool, held_back: bool = False) -> dict[str, Json]:
    """Return all objects by their paths, in order.

    `identity_label`: the controller's Pod has the label of a workload identity. `held_back`: it is never scheduled.
    """
    factory = _Factory(plan, kubernetes)
    wanted = [
        *(factory.account(name) for name in (CONTROLLER, NODE_LINUX, *([NODE_WINDOWS] if plan.windows else []))),
        factory.driver(),
        factory.encryption_keys(),
        factory.controller(identity_label, held_back),
        factory.linux_plugin(),
        *([factory.windows_plugin()] if plan.windows else []),
    ]
    return dict(wanted)


def installed_paths(namespace: str) -> list[str]:
    """Return the paths that an uninstallation deletes, in its order; the encryption keys stay."""
    return [
        f"/apis/apps/v1/namespaces/{namespace}/deployments/{CONTROLLER}",
        *(f"/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}" for name in (NODE_LINUX, NODE_WINDOWS)),
        f"/apis/storage.k8s.io/v1/csidrivers/{PROVISIONER}",
        *(f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}" for name in (CONTROLLER, NODE_LINUX, NODE_WINDOWS)),
    ]


def uninstall(api: KubeApi, namespace: str) -> None:
    """Delete what was installed; kinds and their objects stay."""
    for path in installed_paths(namespace):
        api.delete(path)


class _Factory:
    def __init__(self, plan: Plan, kubernetes: str) -> None:
        self._plan = plan
        self._kubernetes = kubernetes

    def account(self, name: str) -> tuple[str, Json]:
        """Return a ServiceAccount; the controller's carries the cloud identity."""
        body = self._object("v1", "ServiceAccount", name, CONTROLLER_APP if name == CONTROLLER else NODE_APP)
        if name == CONTROLLER and self._plan.workload_identity:
            key, _, value = self._plan.workload_identity.partition(":")
            body["metadata"]["annotations"] = {key.strip(): value.strip()}
        if self._plan.pull_secrets:
            body["imagePullSecrets"] = self._pull_secrets()
        return self._namespaced("/api/v1", "serviceaccounts", body)

    def driver(self) -> tuple[str, Json]:
        """Return the CSIDriver. Volumes are attached: the controller publishes them to nodes."""
        body = self._object("storage.k8s.io/v1", "CSIDriver", PROVISIONER, CONTROLLER_APP)
        del body["metadata"]["namespace"]
        body["spec"] = {"attachRequired": True, "fsGroupPolicy": self._plan.fs_group_policy}
        return f"/apis/storage.k8s.io/v1/csidrivers/{PROVISIONER}", body

    def encryption_keys(self) -> tuple[str, Json]:
        """Return the Secret that an uninstallation spares, and that goes with its owner, the orchestrator."""
        body = self._object("v1", "Secret", ENCRYPTION_KEYS, CONTROLLER_APP)
        body["metadata"]["labels"]["object"] = "persistent.trident.netapp.io"
        body["data"] = {"aesKey": base64.b64encode(secrets.token_bytes(32)).decode()}
        return self._namespaced("/api/v1", "secrets", body)

    def controller(self, identity_label: bool, held_back: bool) -> tuple[str, Json]:
        plan = self._plan
        main = self._container("trident-main", plan.image)
        main["env"] = [{"name": "TRIDENT_SERVER", "value": "127.0.0.1:8000"}]
        if plan.managed_identity:
            main["env"].append({"name": "AZURE_CREDENTIAL_FILE", "value": _CREDENTIAL_FILE})
        pod: Json = {
            "serviceAccountName": CONTROLLER,
            "priorityClassName": "system-cluster-critical",
            "containers": [main, *(self._container(name, f"{_REGISTRY}/{name}") for name in _SIDECARS)],
            "affinity": self._affinity(("arm64", "amd64"), "linux", "controllerPluginNodeSelector"),
            "tolerations": plan.controller_tolerations or [],
        }
        # Null, since what is left out would stay.
        pod["schedulingGates"] = [{"name": "anf-sandbox/trident-never-installed"}] if held_back else None
        body = self._workload("Deployment", CONTROLLER, CONTROLLER_APP, pod)
        body["spec"] |= {"replicas": 1, "strategy": {"type": "Recreate"}}
        if identity_label:
            body["spec"]["template"]["metadata"]["labels"]["azure.workload.identity/use"] = "true"
        return self._namespaced("/apis/apps/v1", "deployments", body)

    def linux_plugin(self) -> tuple[str, Json]:
        pod = self._node_pod(NODE_LINUX, "linux", "driver-registrar")
        pod |= {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}
        return self._namespaced("/apis/apps/v1", "daemonsets", self._workload("DaemonSet", NODE_LINUX, NODE_APP, pod))

    def windows_plugin(self) -> tuple[str, Json]:
        """Return the DaemonSet of the Windows nodes, which talks to csi-proxy on its node."""
        pod = self._node_pod(NODE_WINDOWS, "windows", "node-driver-registrar", "liveness-probe")
        if release(self._plan.version) < _TOLERANT_SINCE:
            pod["tolerations"] = []
        pipes = {f"csi-proxy-{pipe}": f"\\\\.\\pipe\\csi-proxy-{pipe}" for pipe in _PIPES}
        mounts = [{"name": name, "mountPath": path} for name, path in pipes.items()]
        pod["containers"][0]["volumeMounts"] = mounts
        pod["volumes"] = [{"name": name, "hostPath": {"path": path}} for name, path in pipes.items()]
        options = {"hostProcess": False, "runAsUserName": "ContainerAdministrator"}
        pod["securityContext"] = {"windowsOptions": options}
        body = self._workload("DaemonSet", NODE_WINDOWS, NODE_APP, pod)
        return self._namespaced("/apis/apps/v1", "daemonsets", body)

    def _node_pod(self, name: str, system: str, *sidecars: str) -> Json:
        architectures = ("amd64",) if system == "windows" else ("arm64", "amd64")
        tolerations = self._plan.node_tolerations
        return {
            "serviceAccountName": name,
            "priorityClassName": "system-node-critical",
            "containers": [
                self._container("trident-main", self._plan.image),
                *(self._container(sidecar, f"{_REGISTRY}/{sidecar}") for sidecar in sidecars),
            ],
            "affinity": self._affinity(architectures, system, "nodePluginNodeSelector"),
            "tolerations": _EVERY_TAINT if tolerations is None else tolerations,
        }

    def _workload(self, kind: str, name: str, app: str, pod: Json) -> Json:
        if self._plan.pull_secrets:
            pod["imagePullSecrets"] = self._pull_secrets()
        body = self._object("apps/v1", kind, name, app)
        template: Json = {"metadata": {"labels": {"app": app}}, "spec": pod}
        body["spec"] = {"selector": {"matchLabels": {"app": app}}, "template": template}
        return body

    def _object(self, version: str, kind: str, name: str, app: str) -> Json:
        metadata: Json = {
            "name": name,
            "namespace": self._plan.namespace,
            "labels": {"app": app, KUBERNETES_LABEL: self._kubernetes, VERSION_LABEL: self._plan.version_label},
            "ownerReferences": [self._plan.owner],
        }
        return {"apiVersion": version, "kind": kind, "metadata": metadata}

    def _namespaced(self, api: str, plural: str, body: Json) -> tuple[str, Json]:
        return f"{api}/namespaces/{self._plan.namespace}/{plural}/{body['metadata']['name']}", body

    def _container(self, name: str, image: str) -> Json:
        return {"name": name, "image": image, "imagePullPolicy": self._plan.pull_policy}

    def _pull_secrets(self) -> list[Json]:
        return [{"name": name} for name in self._plan.pull_secrets]

    def _affinity(self, architectures: tuple[str, ...], system: str, selector: str) -> Json:
        selected: dict[str, str] = self._plan.spec.get(selector) or {}
        wanted = {
            "kubernetes.io/arch": [*architectures],
            "kubernetes.io/os": [system],
            **{key: [value] for key, value in selected.items()},
        }
        expressions = [{"key": key, "operator": "In", "values": values} for key, values in wanted.items()]
        terms = {"nodeSelectorTerms": [{"matchExpressions": expressions}]}
        return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
