"""Checks of nodes, and the nodes that can mount a share."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.trouble import BrokenError, Trouble

NODES: Final = "/api/v1/nodes"
_OS: Final = "kubernetes.io/os"
# Kubernetes and cloud providers set these taints.
_OWN_TAINTS: Final = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")

NO_WINDOWS_NODE: Final = Trouble(
    "no-windows-node",
    "Pod stays Pending: `didn't match Pod's node affinity/selector`",
    "the cluster has no Windows node",
    "`az aks nodepool add --os-type Windows --name win --cluster-name {cluster} -g {group}`",
    pattern=r"didn't match Pod's node affinity/selector",
)
NODE_NOT_READY: Final = Trouble(
    "node-not-ready",
    "Pods of a node are not Ready, or stay Terminating",
    "the node's kubelet sends no heartbeat",
    "`kubectl describe node {node}`; if it stays not Ready: restart its virtual machine, or delete it",
    pattern=r"untolerated taint.*node\.kubernetes\.io/(not-ready|unreachable)",
)
NODE_CORDONED: Final = Trouble(
    "node-cordoned",
    "Pod stays Pending: `node(s) were unschedulable`",
    "every suitable Windows node is cordoned, because of an upgrade or maintenance",
    "`kubectl uncordon {node}`",
    pattern=r"were unschedulable",
)
NODE_FULL: Final = Trouble(
    "node-full",
    "Pod stays Pending: `Insufficient cpu`, `Insufficient memory`, `Too many pods`",
    "no Windows node has enough free capacity",
    "`az aks nodepool scale --name POOL --node-count MORE --cluster-name {cluster} -g {group}`, or reduce the Pod's "
    "requests",
    pattern=r"Insufficient |Too many pods",
)
NODE_TAINTED: Final = Trouble(
    "node-tainted",
    "Pod stays Pending: `had untolerated taint`",
    "the Windows nodes have a taint that the Pod does not tolerate",
    "tolerate that taint: windowsPods.tolerations for the stack's Pods and for verify's own, else the Pod's; or remove "
    "it: `kubectl taint node {node} {taint}-`",
    pattern=r"untolerated taint",
)
UNSCHEDULED: Final = Trouble(
    "pod-unscheduled",
    "Pod stays Pending and has no node",
    "the scheduler finds no node for it; its event gives the reason",
    "`kubectl describe pod {pod} -n {namespace}`: the event FailedScheduling",
)
SCHEDULING: Final = (NODE_FULL, NODE_NOT_READY, NODE_TAINTED, NODE_CORDONED, NO_WINDOWS_NODE)
"""The troubles in a FailedScheduling event, most specific first: the event lists the reasons of all nodes."""
TROUBLES: Final = (
    NO_WINDOWS_NODE,
    NODE_CORDONED,
    NODE_NOT_READY,
    NODE_FULL,
    NODE_TAINTED,
    UNSCHEDULED,
)


def windows_nodes(cluster: Cluster) -> str:
    """Check that every Windows node is Ready and at least one accepts Pods."""
    nodes = _of(cluster, "windows")
    if not nodes:
        raise BrokenError(NO_WINDOWS_NODE, "no node with kubernetes.io/os=windows")
    if not_ready := [node for node in nodes if not _ready(node)]:
        raise BrokenError(NODE_NOT_READY, f"not Ready: {joined(not_ready)}", node=name_of(not_ready[0]))
    open_nodes = [node for node in nodes if not node["spec"].get("unschedulable")]
    if not open_nodes:
        raise BrokenError(NODE_CORDONED, f"cordoned: {joined(nodes)}", node=name_of(nodes[0]))
    cordoned = [node for node in nodes if node not in open_nodes]
    return f"{joined(open_nodes)} Ready" + (f"; cordoned: {joined(cordoned)}" if cordoned else "")


def node_ready(cluster: Cluster, name: str) -> str:
    """Check that the node of a Pod is Ready."""
    node = cluster.member(NODES, name)
    if node is None or not _ready(node):
        raise BrokenError(NODE_NOT_READY, f"{name} is {'not Ready' if node else 'missing'}", node=name)
    return f"{name} Ready" + (", cordoned" if node["spec"].get("unschedulable") else "")


def plain_nodes(cluster: Cluster, system: str) -> list[str]:
    """Return the nodes of an operating system that accept any Pod for that system."""
    return [
        name_of(node)
        for node in _of(cluster, system)
        if _ready(node)
        and not node["spec"].get("unschedulable")
        and not any(_repels(taint) for taint in node["spec"].get("taints") or [])
    ]


def system_of(cluster: Cluster, name: str) -> str:
    """Return the operating system of a node; empty for a missing node."""
    node = cluster.member(NODES, name)
    return str((node or {"metadata": {}})["metadata"].get("labels", {}).get(_OS, ""))


def windows_build(cluster: Cluster, selector: Mapping[str, str]) -> str:
    """Return the Windows build of the nodes with these labels, such as `10.0.20348`; empty without the label for it."""
    labelled: list[dict[str, str]] = [node["metadata"].get("labels", {}) for node in _of(cluster, "windows")]
    return next((labels[_BUILD] for labels in labelled if _BUILD in labels and selector.items() <= labels.items()), "")


_BUILD: Final = "node.kubernetes.io/windows-build"


def to_open(nodes: Sequence[Json]) -> dict[str, str]:
    """Return the first node, and the taint that keeps Pods off it, as values for a fix."""
    found = {"node": name_of(nodes[0])} if nodes else {}
    taint = next((each for each in (nodes[0]["spec"].get("taints") or [] if nodes else []) if _repels(each)), None)
    return found | ({"taint": f"{taint['key']}:{taint['effect']}"} if taint else {})


def name_of(item: Json) -> str:
    """Return the name of an object."""
    return str(item["metadata"]["name"])


def joined(items: Iterable[Json]) -> str:
    """Return the names of objects, separated by commas."""
    return ", ".join(sorted(name_of(item) for item in items))


def _of(cluster: Cluster, system: str) -> list[Json]:
    return [node for node in cluster.select(NODES) if node["metadata"].get("labels", {}).get(_OS) == system]


def _ready(node: Json) -> bool:
    conditions: list[Json] = node.get("status", {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _repels(taint: Json) -> bool:
    return taint["effect"] != "PreferNoSchedule" and not str(taint["key"]).startswith(_OWN_TAINTS)
