"""CSINode objects: which CSI drivers are registered with a node's kubelet.

A kubelet makes its node's object when it starts, adds a driver when the registrar in the driver's Pod announces it, and
takes it out again when that Pod is gone.
"""

from collections.abc import Mapping

from sandbox.kube.api import ConflictError, KubeApi, NotFoundError
from sandbox.kube.objects import Json, Key, key, uid

_PATH = "/apis/storage.k8s.io/v1/csinodes"


def csi_node(node: Json, drivers: list[str]) -> Json:
    """The CSINode of a node with these drivers registered; each is known there by the node's name."""
    name = key(node)[1]
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "CSINode",
        "metadata": {
            "name": name,
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": name, "uid": uid(node)}],
        },
        "spec": {"drivers": [{"name": driver, "nodeID": name} for driver in sorted(drivers)]},
    }


def register(api: KubeApi, existing: Mapping[Key, Json], node: Json, drivers: list[str]) -> None:
    """Make a node's CSINode say which drivers are registered."""
    wanted = csi_node(node, drivers)
    present = existing.get(key(node))
    if present is None:
        try:
            api.create(_PATH, wanted)
        except ConflictError:  # made since the last look; the watch brings it
            return
        return
    listed: list[Json] = present["spec"].get("drivers") or []
    if sorted(str(driver["name"]) for driver in listed) != sorted(drivers):
        try:
            api.merge(f"{_PATH}/{key(node)[1]}", {"spec": wanted["spec"]})
        except NotFoundError:
            return
