"""The nodes follow the node pools that Azure has: machines come when a pool grows, and go when it shrinks."""

import threading
import time
from typing import Final

from sandbox.azure.aks.agent_pools import AgentPools
from sandbox.kube.api import KubeApi
from sandbox.kube.controller import Controller, Watches
from sandbox.kube.objects import Json, key
from sandbox.nodes.aks_nodes import nodes_of
from sandbox.nodes.lifecycle import apply_node

_NODES: Final = "/api/v1/nodes"
_POLL_SECONDS: Final = 0.5


class NodePools(Controller):
    """Creates the nodes that pools lack in the cluster, and deletes those that pools no longer have."""

    needs = ("nodes", "pods")

    def __init__(self, api: KubeApi, pools: AgentPools) -> None:
        self._watched = Watches(api, {"nodes": _NODES, "pods": "/api/v1/pods"})
        super().__init__(self._watched)
        self._api = api
        self._pools = pools

    def run(self, stop: threading.Event, ready: threading.Event) -> None:
        """Work until `stop`; `ready` is set once the nodes have been compared."""
        self._watched.start()
        super().run(stop, ready)

    def reconcile(self) -> float | None:
        """Compare, and look again soon: no watch announces the changes of Azure's database."""
        wanted = {node.name: node for node in nodes_of(self._pools.every(time.time()))}
        present = {name: node for (_, name), node in self.watches["nodes"].items() if _is_ours(node)}
        for name in wanted.keys() - present.keys():
            apply_node(self._api, wanted[name])
        for name in present.keys() - wanted.keys():
            if not self._evict(name):
                self._api.delete(f"{_NODES}/{name}")
        return _POLL_SECONDS

    def _evict(self, node: str) -> bool:
        """Delete the Pods of a node but for those of DaemonSets, as AKS drains it; False when none is left."""
        left = [pod for pod in self.watches["pods"].values() if pod["spec"].get("nodeName") == node and _moves(pod)]
        for pod in left:
            if "deletionTimestamp" not in pod["metadata"]:
                namespace, name = key(pod)
                self._api.delete(f"/api/v1/namespaces/{namespace}/pods/{name}")
        return bool(left)


def _moves(pod: Json) -> bool:
    return all(owner.get("kind") != "DaemonSet" for owner in pod["metadata"].get("ownerReferences", []))


def _is_ours(node: Json) -> bool:
    """Return True for a node that a pool of AKS has: tests have nodes of their own."""
    return "kubernetes.azure.com/cluster" in node["metadata"].get("labels", {})
