"""Puts the nodes and their lifecycle (kwok's Stage objects) into a cluster."""

import time
from pathlib import Path

import yaml

from sandbox.errors import SandboxError
from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json, condition
from sandbox.nodes.aks_nodes import NODES

_MANAGER = "anf-sandbox-nodes"
_STAGES = Path(__file__).parent / "stages"
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.1
_STAGE_PATH = "/apis/kwok.x-k8s.io/v1alpha1/stages"


def stages() -> list[Json]:
    """The Stage objects, from `stages/*.yaml`."""
    return [stage for file in sorted(_STAGES.glob("*.yaml")) for stage in yaml.safe_load(file.read_text())["items"]]


def apply(kubeconfig: Path) -> None:
    """Apply nodes and stages, and wait until the nodes are Ready. Safe to repeat; what is as it should be stays so.

    The cluster must have been created with `--enable-crds Stage,Exec,ClusterExec`: then kwok's own stages are absent
    and these are the whole lifecycle.

    Raises:
        SandboxError: the nodes do not get Ready in time.

    """
    api = KubeApi(kubeconfig)
    for stage in stages():
        api.apply(f"{_STAGE_PATH}/{stage['metadata']['name']}", stage, _MANAGER)
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
                "see the log of kwok-controller."
            )
        time.sleep(_POLL_SECONDS)
