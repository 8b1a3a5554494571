"""Nodes: whether a Windows node takes Pods, and which nodes a mount can happen on."""

from collections.abc import Iterable
from typing import Final

from verify.cluster import Cluster, Json
from verify.trouble import BrokenError, Trouble

NODES: Final = "/api/v1/nodes"
_OS: Final = "kubernetes.io/os"
# Kubernetes puts these on a node by itself; the last is the one that AKS' users put on Windows pools.
_OWN_TAINTS: Final = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")

NO_WINDOWS_NODE: Final = Trouble(
    "no-windows-node",
    "Pod stays Pending: `didn't match Pod's node affinity/selector`",
    "the cluster has no Windows node",
    "az aks nodepool add --os-type Windows --name win --cluster-name CLUSTER -g GROUP",
    words=r"didn't match Pod's node affinity/selector",
)
NODE_NOT_READY: Final = Trouble(
    "node-not-ready",
    "Pods of a node are not Ready, or stay Terminating",
    "the node's kubelet is not heard of",
    "kubectl describe node {node}; where it does not come back: az aks nodepool, or restart or delete its instance",
    words=r"untolerated taint.*node\.kubernetes\.io/(not-ready|unreachable)",
)
NODE_CORDONED: Final = Trouble(
    "node-cordoned",
    "Pod stays Pending: `node(s) were unschedulable`",
    "every Windows node that could take it is cordoned: an upgrade under way, or somebody's maintenance",
    "kubectl uncordon {node}",
    words=r"were unschedulable",
)
NODE_FULL: Final = Trouble(
    "node-full",
    "Pod stays Pending: `Insufficient cpu`, `Insufficient memory`, `Too many pods`",
    "no Windows node has room",
    "az aks nodepool scale --node-count MORE, or smaller requests of the Pod",
    words=r"Insufficient |Too many pods",
)
NODE_TAINTED: Final = Trouble(
    "node-tainted",
    "Pod stays Pending: `had untolerated taint`",
    "the Windows nodes have a taint that the Pod does not tolerate",
    "give the Pod a toleration of that taint, or take it off: kubectl taint node NODE TAINT-",
    words=r"untolerated taint",
)
UNSCHEDULED: Final = Trouble(
    "pod-unscheduled",
    "Pod stays Pending and has no node",
    "the scheduler finds no node for it, and says why",
    "kubectl describe pod {pod} -n {namespace}: the event FailedScheduling",
)
SCHEDULING: Final = (NODE_FULL, NODE_NOT_READY, NODE_TAINTED, NODE_CORDONED, NO_WINDOWS_NODE)
"""What a FailedScheduling event may speak of; the scheduler lists every node's reason, the most telling first here."""
TROUBLES: Final = (
    NO_WINDOWS_NODE,
    NODE_CORDONED,
    NODE_NOT_READY,
    NODE_FULL,
    NODE_TAINTED,
    UNSCHEDULED,
)


def windows_nodes(cluster: Cluster) -> str:
    """Every Windows node is Ready, and one of them takes Pods."""
    nodes = _of(cluster, "windows")
    if not nodes:
        raise BrokenError(NO_WINDOWS_NODE, "no node with kubernetes.io/os=windows")
    if silent := [node for node in nodes if not _ready(node)]:
        names = name_of(silent[0])
        raise BrokenError(NODE_NOT_READY, f"not Ready: {joined(silent)}", node=names)
    taking = [node for node in nodes if not node["spec"].get("unschedulable")]
    if not taking:
        raise BrokenError(NODE_CORDONED, f"cordoned: {joined(nodes)}", node=name_of(nodes[0]))
    cordoned = [node for node in nodes if node not in taking]
    return f"{joined(taking)} Ready" + (f"; cordoned: {joined(cordoned)}" if cordoned else "")


def node_ready(cluster: Cluster, name: str) -> str:
    """The node of one Pod is Ready."""
    node = cluster.find(f"{NODES}/{name}")
    if node is None or not _ready(node):
        raise BrokenError(NODE_NOT_READY, f"{name} is {'not Ready' if node else 'gone'}", node=name)
    return f"{name} Ready" + (", cordoned" if node["spec"].get("unschedulable") else "")


def plain_nodes(cluster: Cluster, system: str) -> list[str]:
    """The nodes of an operating system that any Pod of that system can be scheduled to."""
    return [
        name_of(node)
        for node in _of(cluster, system)
        if _ready(node)
        and not node["spec"].get("unschedulable")
        and not any(_keeps_off(taint) for taint in node["spec"].get("taints") or [])
    ]


def system_of(cluster: Cluster, name: str) -> str:
    """The operating system of a node; empty for one that is gone."""
    node = cluster.find(f"{NODES}/{name}")
    return str((node or {"metadata": {}})["metadata"].get("labels", {}).get(_OS, ""))


def windows_build(cluster: Cluster) -> str:
    """The build of Windows that the nodes run, as `10.0.20348`; empty where none says."""
    labels = (node["metadata"].get("labels", {}) for node in _of(cluster, "windows"))
    return next((label["node.kubernetes.io/windows-build"] for label in labels if label.get(_BUILD)), "")


_BUILD: Final = "node.kubernetes.io/windows-build"


def name_of(item: Json) -> str:
    """An object's name."""
    return str(item["metadata"]["name"])


def joined(items: Iterable[Json]) -> str:
    """Names of objects, for people."""
    return ", ".join(sorted(name_of(item) for item in items))


def _of(cluster: Cluster, system: str) -> list[Json]:
    return [node for node in cluster.select(NODES) if node["metadata"].get("labels", {}).get(_OS) == system]


def _ready(node: Json) -> bool:
    conditions: list[Json] = node.get("status", {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _keeps_off(taint: Json) -> bool:
    return taint["effect"] != "PreferNoSchedule" and not str(taint["key"]).startswith(_OWN_TAINTS)
