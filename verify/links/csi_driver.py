"""Checks of a CSI driver: its CSIDriver, controller and node plugins, and its registration with the kubelets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.links.nodes import name_of
from verify.trouble import BrokenError, Trouble


@dataclass(frozen=True)
class Driver:
    """The names of a CSI driver in its chart."""

    name: str
    title: str
    release: str
    prefix: str
    """The beginning of the names of its checks."""
    controller: str
    """Its Deployment."""
    plugins: Mapping[str, str]
    """Its DaemonSets, by operating system."""
    attaches: bool
    tolerations: str
    """The configuration key for tolerations of its Windows node plugin."""
    restore: str
    """The command that restores its workloads."""


SMB: Final = Driver(
    name="smb.csi.k8s.io",
    title="csi-driver-smb",
    release="csi-driver-smb",
    prefix="smb-driver",
    controller="csi-smb-controller",
    plugins={"linux": "csi-smb-node", "windows": "csi-smb-node-win"},
    attaches=False,
    tolerations="windowsPods.tolerations",
    restore="`helm get manifest csi-driver-smb -n {smb_namespace} | kubectl apply -n {smb_namespace} -f -`",
)
TRIDENT: Final = Driver(
    name="csi.trident.netapp.io",
    title="Trident",
    release="trident",
    prefix="trident",
    controller="trident-controller",
    plugins={"linux": "trident-node-linux", "windows": "trident-node-windows"},
    attaches=True,
    tolerations="trident.values.tridentNodePluginTolerations",
    restore="the operator creates it again; if it does not: `kubectl logs deployment/trident-operator "
    "-n {trident_namespace}`",
)

CSI_DRIVER_MISSING: Final = Trouble(
    "csi-driver-object-missing",
    "Pod stays ContainerCreating: only `timed out waiting for the condition`",
    "no CSIDriver object has that name, so Kubernetes waits for an attachment of the volume",
    "{restore}",
    pattern=r"timed out waiting for (the condition|external-attacher)",
)
CSI_DRIVER_ATTACHES: Final = Trouble(
    "csi-driver-object-wrong",
    "Pod stays ContainerCreating: `timed out waiting for the condition`",
    "attachRequired of the CSIDriver object is wrong for the driver",
    "`kubectl delete csidriver {driver}`, then {restore}",
)
CONTROLLER_DOWN: Final = Trouble(
    "driver-controller-down",
    "the driver's controller has no ready Pod; claims and attachments stay pending",
    "its Pod does not start, or no Linux node accepts it",
    "`kubectl describe deployment {workload} -n {namespace}`; if it does not exist: {restore}",
)
PLUGIN_MISSING: Final = Trouble(
    "node-plugin-missing",
    "`not found in the list of registered CSI drivers` on every node of one operating system",
    "the driver's DaemonSet for that operating system does not exist: Windows is not enabled, or it was deleted",
    "windows.enabled: true (smbDriver.values), windows: true (trident.values); otherwise {restore}",
)
PLUGIN_NOT_ON_NODE: Final = Trouble(
    "driver-missing-on-node",
    "`not found in the list of registered CSI drivers` on one node",
    "no Pod of the node plugin runs on that node, usually because it does not tolerate a taint",
    "tolerate the taint ({tolerations}); otherwise `kubectl describe daemonset {workload} -n {namespace}`",
    pattern=r"not found in the list of registered CSI drivers",
)
NOT_REGISTERED: Final = Trouble(
    "driver-not-registered",
    "`not found in the list of registered CSI drivers`, though its Pod runs on the node",
    "the kubelet lost the registration",
    "restart the node plugin there: `kubectl delete pod {pod} -n {namespace}`",
)
TROUBLES: Final = (
    CSI_DRIVER_MISSING,
    CSI_DRIVER_ATTACHES,
    CONTROLLER_DOWN,
    PLUGIN_MISSING,
    PLUGIN_NOT_ON_NODE,
    NOT_REGISTERED,
)


def csi_driver(cluster: Cluster, driver: Driver) -> str:
    """Check that the CSIDriver object exists with the right attachRequired."""
    found = cluster.find(f"/apis/storage.k8s.io/v1/csidrivers/{driver.name}")
    if found is None:
        raise BrokenError(CSI_DRIVER_MISSING, f"no CSIDriver {driver.name}", restore=driver.restore)
    attaches = bool(found["spec"].get("attachRequired", True))
    seen = f"{driver.name}, attachRequired {str(attaches).lower()}"
    if attaches != driver.attaches:
        raise BrokenError(CSI_DRIVER_ATTACHES, seen, driver=driver.name, restore=driver.restore)
    return seen


def controller(cluster: Cluster, driver: Driver) -> str:
    """Check that all Pods of the controller's Deployment are ready."""
    found = cluster.select("/apis/apps/v1/deployments", fieldSelector=f"metadata.name={driver.controller}")
    if not found:
        raise BrokenError(
            CONTROLLER_DOWN, f"no Deployment {driver.controller}", workload=driver.controller, restore=driver.restore
        )
    deployment = found[0]
    wanted = int(deployment["spec"].get("replicas", 1))
    ready = int(deployment.get("status", {}).get("readyReplicas") or 0)
    seen = f"{ready} of {wanted} Pods ready in {deployment['metadata']['namespace']}"
    if ready < max(1, wanted):
        raise BrokenError(
            CONTROLLER_DOWN,
            seen,
            workload=driver.controller,
            namespace=deployment["metadata"]["namespace"],
            restore=driver.restore,
        )
    return seen


def node_plugin(cluster: Cluster, driver: Driver, system: str, where: Callable[[], Sequence[str]]) -> str:
    """Check that a Pod of the node plugin runs on each of these nodes."""
    name = driver.plugins[system]
    daemon_set = _daemon_set(cluster, name)
    if daemon_set is None:
        raise BrokenError(PLUGIN_MISSING, f"no DaemonSet {name}", restore=driver.restore)
    namespace = str(daemon_set["metadata"]["namespace"])
    running = {str(pod["spec"].get("nodeName")) for pod in _pods(cluster, daemon_set) if ready(pod)}
    nodes = list(where())
    if missing := [node for node in nodes if node not in running]:
        raise BrokenError(
            PLUGIN_NOT_ON_NODE,
            f"no running Pod of {name} on {', '.join(missing)}",
            node=missing[0],
            workload=name,
            namespace=namespace,
            tolerations=driver.tolerations,
        )
    return f"Running on {', '.join(nodes)}" if nodes else f"no {system} node accepts Pods"


def registered(cluster: Cluster, driver: Driver, where: Callable[[], Sequence[str]]) -> str:
    """Check that the kubelet of each of these nodes has registered the driver."""
    nodes = list(where())
    for node in nodes:
        csi_node = cluster.member("/apis/storage.k8s.io/v1/csinodes", node)
        drivers = [each["name"] for each in ((csi_node or {}).get("spec") or {}).get("drivers") or []]
        if driver.name not in drivers:
            namespace, pod = _pod_on(cluster, driver, node)
            raise BrokenError(
                NOT_REGISTERED,
                f"CSINode {node} lists {', '.join(drivers) or 'no driver'}",
                node=node,
                namespace=namespace,
                pod=pod,
            )
    return f"{driver.name} on {len(nodes)} {'node' if len(nodes) == 1 else 'nodes'}"


def ready(pod: Json) -> bool:
    """Return whether a Pod is Running, Ready and not Terminating."""
    status: Json = pod.get("status") or {}
    conditions: list[Json] = status.get("conditions") or []
    return (
        status.get("phase") == "Running"
        and "deletionTimestamp" not in pod["metadata"]
        and any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    )


def _daemon_set(cluster: Cluster, name: str) -> Json | None:
    found = cluster.select("/apis/apps/v1/daemonsets", fieldSelector=f"metadata.name={name}")
    return found[0] if found else None


def _pods(cluster: Cluster, daemon_set: Json) -> list[Json]:
    listed = cluster.select(f"/api/v1/namespaces/{daemon_set['metadata']['namespace']}/pods")
    return [
        pod
        for pod in listed
        if any(owner["uid"] == daemon_set["metadata"]["uid"] for owner in pod["metadata"].get("ownerReferences") or [])
    ]


def _pod_on(cluster: Cluster, driver: Driver, node: str) -> tuple[str, str]:
    """Return the namespace and name of the plugin's Pod on a node."""
    for name in driver.plugins.values():
        if daemon_set := _daemon_set(cluster, name):
            here = [pod for pod in _pods(cluster, daemon_set) if pod["spec"].get("nodeName") == node]
            if here:
                return str(daemon_set["metadata"]["namespace"]), name_of(here[0])
    return "NAMESPACE", "POD"
