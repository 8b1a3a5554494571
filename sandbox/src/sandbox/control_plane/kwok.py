"""The objects that kwok needs in the cluster before it starts."""

import time
from pathlib import Path

from sandbox.control_plane.errors import ControlPlaneError
from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json

_DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/execs.kwok.x-k8s.io"
_EXECS = "/apis/kwok.x-k8s.io/v1alpha1/execs"
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
_NODES = "/api/v1/nodes"
_MANAGER = "anf-sandbox-control-plane"
_SERVED_SECONDS = 60.0
_POLL_SECONDS = 0.05


def prepare(kubeconfig: Path, port: int) -> None:
    """Prepare the cluster for a kwok that listens on `port`. None may run meanwhile."""
    api = KubeApi(kubeconfig)
    # kwok has another identity at each start. While a node's lease is another's, kwok starts no Pod there: for minutes.
    api.delete(_LEASES)
    # Nodes that are Ready already report their kubelet's port once in a while only.
    for node in api.get(_NODES)["items"]:
        endpoint: Json = {"status": {"daemonEndpoints": {"kubeletEndpoint": {"Port": port}}}}
        api.merge_strategic(f"{_NODES}/{node['metadata']['name']}/status", endpoint)
    api.apply(_DEFINITION, _definition(), _MANAGER)
    deadline = time.monotonic() + _SERVED_SECONDS
    while api.find(_EXECS) is None:
        if time.monotonic() > deadline:
            raise ControlPlaneError(f"The API server did not serve execs.kwok.x-k8s.io in {_SERVED_SECONDS:g} s.")
        time.sleep(_POLL_SECONDS)


def _definition() -> Json:
    """Exec, by which `kubectl exec` is answered, with any content: kwok checks it."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version: Json = {"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "execs.kwok.x-k8s.io"},
        "spec": {
            "group": "kwok.x-k8s.io",
            "names": {"kind": "Exec", "listKind": "ExecList", "plural": "execs", "singular": "exec"},
            "scope": "Namespaced",
            "versions": [version],
        },
    }
