"""What Trident's controller keeps about itself and the nodes: a TridentVersion, and a TridentNode for each node plugin.

They carry finalizers: a namespace that is deleted while they are there does not end, unless Trident is wiped out first.
"""

from collections.abc import Mapping
from contextlib import suppress

from sandbox.kube.api import ConflictError, KubeApi, NotFoundError
from sandbox.kube.objects import Json, Key, key, runs
from sandbox.trident.backends.backends import MANAGER, Installation
from sandbox.trident.crds import API, FINALIZER, GROUP_VERSION
from sandbox.trident.operator.workloads import NODE_APP


class Bookkeeping:
    """Of one Trident at a time."""

    def __init__(self, api: KubeApi) -> None:
        self._api = api
        self._kept: dict[str, str] = {}

    def keep(self, installation: Installation, pods: Mapping[Key, Json], nodes: Mapping[Key, Json]) -> None:
        """Have the objects there. Nodes register when their plugin runs, and are forgotten with the Node itself."""
        wanted = {
            str(pod["spec"]["nodeName"]): nodes[("", str(pod["spec"]["nodeName"]))]
            for pod in pods.values()
            if key(pod)[0] == installation.namespace
            and pod["metadata"].get("labels", {}).get("app") == NODE_APP
            and runs(pod)
            and ("", str(pod["spec"].get("nodeName"))) in nodes
        }
        path = f"{API}/namespaces/{installation.namespace}"
        if self._kept.get(f"{path}/tridentversions/trident") != installation.version:
            version: Json = {
                "trident_version": installation.version,
                "persistent_store_version": "crdv1",
                "orchestrator_api_version": "1",
            }
            body = _object("TridentVersion", "trident", version)
            self._api.apply(f"{path}/tridentversions/trident", body, MANAGER)
            self._kept = {f"{path}/tridentversions/trident": installation.version}
        for name, node in wanted.items():
            if f"{path}/{name}" in self._kept:
                continue
            addresses: list[Json] = node.get("status", {}).get("addresses", [])
            ips = [address["address"] for address in addresses if address["type"] == "InternalIP"]
            content: Json = {"name": name, "ips": ips, "publicationState": "clean", "deleted": False}
            with suppress(ConflictError):
                self._api.create(f"{path}/tridentnodes", _object("TridentNode", name, content))
            self._kept[f"{path}/{name}"] = ""
        for known in [known for known in self._kept if known.startswith(f"{path}/") and "tridentversions" not in known]:
            name = known.rpartition("/")[2]
            if ("", name) not in nodes:
                self._remove(f"{path}/tridentnodes/{name}")
                del self._kept[known]

    def _remove(self, path: str) -> None:
        with suppress(NotFoundError):
            self._api.merge(path, {"metadata": {"finalizers": None}})
            self._api.delete(path)


def _object(kind: str, name: str, content: Json) -> Json:
    metadata = {"name": name, "finalizers": [FINALIZER]}
    return {"apiVersion": GROUP_VERSION, "kind": kind, "metadata": metadata, **content}
