"""Puts the nodes of the node pools into a cluster. kwok plays them from then on (`stages/`)."""

import time
from collections.abc import Sequence
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json, condition
from sandbox.nodes.aks_nodes import NODES, AksNode

_MANAGER = "anf-sandbox-nodes"
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.1


def apply_nodes(kubeconfig: Path, nodes: Sequence[AksNode] = NODES) -> None:
    """Apply nodes and wait until they are Ready. Safe to repeat: what is as it should be stays so."""
    api = KubeApi(kubeconfig)
    for node in nodes:
        apply_node(api, node)
    _await_ready(api, nodes)


def apply_node(api: KubeApi, node: AksNode) -> None:
    api.apply(f"/api/v1/nodes/{node.name}", node.manifest(), _MANAGER)
    status: Json = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node.name}, "status": node.status()}
    api.apply(f"/api/v1/nodes/{node.name}/status", status, _MANAGER)


def _await_ready(api: KubeApi, nodes: Sequence[AksNode]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while unready := [node.name for node in nodes if not condition(api.get(f"/api/v1/nodes/{node.name}"), "Ready")]:
        if time.monotonic() > deadline:
            raise SandboxError(
                f"The nodes {', '.join(unready)} were not Ready within {_READY_SECONDS:g} s. They are played by kwok: "
                "see the log of kwok."
            )
        time.sleep(_POLL_SECONDS)
