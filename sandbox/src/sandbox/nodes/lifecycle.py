"""Puts the nodes into a cluster. kwok plays them from then on (`stages/`)."""

import time
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json, condition
from sandbox.nodes.aks_nodes import NODES

_MANAGER = "anf-sandbox-nodes"
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.1


def apply_nodes(kubeconfig: Path) -> None:
    """Apply the nodes and wait until they are Ready. Safe to repeat: what is as it should be stays so."""
    api = KubeApi(kubeconfig)
    for node in NODES:
        api.apply(f"/api/v1/nodes/{node.name}", node.manifest(), _MANAGER)
        status: Json = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node.name}, "status": node.status()}
        api.apply(f"/api/v1/nodes/{node.name}/status", status, _MANAGER)
    _await_ready(api)


def _await_ready(api: KubeApi) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while unready := [node.name for node in NODES if not condition(api.get(f"/api/v1/nodes/{node.name}"), "Ready")]:
        if time.monotonic() > deadline:
            raise SandboxError(
                f"The nodes {', '.join(unready)} were not Ready within {_READY_SECONDS:g} s. They are played by kwok: "
                "see the log of kwok."
            )
        time.sleep(_POLL_SECONDS)
