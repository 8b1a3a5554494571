"""The kubelets of the sandbox's nodes where volumes are concerned, as one controller.

It compares the cluster with the mounts of its nodes: a Pod whose volumes are all mounted gets the condition
PodReadyToStartContainers, which lets its lifecycle go on; one whose chain is broken gets FailedMount events. It
looks after every change of an object in the chain, and once a second while a Pod waits, since shares and passwords
live in the Azure emulator, and what kwok knows in kwok: no watch announces their changes.
"""

import logging
import threading
from datetime import UTC, datetime
from typing import Final, cast

from sandbox.kube.api import ConflictError, KubeApi, NotFoundError
from sandbox.kube.controller import Controller, Watches
from sandbox.kube.objects import Json, condition, key, uid
from sandbox.nodes.aks_nodes import OperatingSystem
from sandbox.nodes.kubelet.container_exec import EXECS, allow_exec, answers_exec
from sandbox.nodes.kubelet.csi_driver import CsiDriver, topology_keys
from sandbox.nodes.kubelet.failed_mounts import FailedMounts
from sandbox.nodes.kubelet.images import Images
from sandbox.nodes.kubelet.mounts import MountTable
from sandbox.nodes.kubelet.volumes import ClusterView, VolumeManager, node_plugin, waits_for_volumes
from sandbox.nodes.smb.csi import SmbCsi
from sandbox.nodes.smb.servers import SmbServers
from sandbox.nodes.smb.trident_csi import TridentCsi
from sandbox.paths import SandboxPaths

logger = logging.getLogger(__name__)

_POLL_SECONDS: Final = 1.0
_CSI_NODES: Final = "/apis/storage.k8s.io/v1/csinodes"
_COLLECTIONS: Final = {
    "nodes": "/api/v1/nodes",
    "csi_nodes": _CSI_NODES,
    "pods": "/api/v1/pods",
    "claims": "/api/v1/persistentvolumeclaims",
    "volumes": "/api/v1/persistentvolumes",
    "csi_drivers": "/apis/storage.k8s.io/v1/csidrivers",
    "attachments": "/apis/storage.k8s.io/v1/volumeattachments",
    "secrets": "/api/v1/secrets",
    "execs": EXECS,
}


class Kubelets(Controller):
    """The kubelets of all nodes that kwok plays; the sandbox's folder `nodes/` keeps their mounts."""

    needs = tuple(_COLLECTIONS)

    def __init__(self, api: KubeApi, servers: SmbServers, paths: SandboxPaths) -> None:
        super().__init__(Watches(api, _COLLECTIONS))
        self._api = api
        drivers: list[CsiDriver] = [SmbCsi(servers), TridentCsi(servers)]
        self._drivers = {driver.name: driver for driver in drivers}
        self._table = MountTable(paths.root / "nodes" / "mounts.json")
        self._root = paths.root
        self._failed_mounts = FailedMounts(api)
        self._images = Images(api)

    def run(self, stop: threading.Event, ready: threading.Event) -> None:
        """Work until `stop`; `ready` is set once the whole cluster has been looked at."""
        self.watches.start()
        super().run(stop, ready)

    def reconcile(self) -> float | None:
        view = {name: self.watches[name] for name in _COLLECTIONS}
        nodes: dict[str, OperatingSystem] = {
            name: cast(OperatingSystem, node["metadata"].get("labels", {}).get("kubernetes.io/os", "linux"))
            for (_, name), node in view["nodes"].items()
            if node["metadata"].get("annotations", {}).get("kwok.x-k8s.io/node") == "fake"
        }
        for name, system in nodes.items():
            self._register_drivers(view, name, system)
        present = {uid(pod) for pod in view["pods"].values()}
        self._table.keep_only(present)
        self._failed_mounts.keep_only(present)
        done = [
            self._sync_pod(pod, nodes[node], view)
            for pod in view["pods"].values()
            if (node := str(pod["spec"].get("nodeName"))) in nodes and "deletionTimestamp" not in pod["metadata"]
        ]
        due = self._failed_mounts.next_due()
        return due if all(done) else min(_POLL_SECONDS, _POLL_SECONDS if due is None else due)

    def _register_drivers(self, view: ClusterView, name: str, system: OperatingSystem) -> None:
        """List in a node's CSINode the drivers whose node plugin runs there, each with the node's name as its ID.

        A kubelet creates the object when it starts, adds a driver when the registrar in the driver's Pod announces it,
        and removes it when that Pod is gone.
        """
        node = view["nodes"]["", name]
        wanted = {
            each.name: topology_keys(each, node)
            for each in self._drivers.values()
            if node_plugin(view, each, name, system)
        }
        present = view["csi_nodes"].get(("", name))
        listed: list[Json] = (present["spec"].get("drivers") or []) if present else []
        known = {str(each["name"]): each.get("topologyKeys") or [] for each in listed}
        # A listed driver cannot change: one with other keys goes first, and comes back at the next look.
        drivers = {driver: keys for driver, keys in sorted(wanted.items()) if known.get(driver, keys) == keys}
        entries = [{"name": driver, "nodeID": name, "topologyKeys": keys or None} for driver, keys in drivers.items()]
        spec: Json = {"drivers": entries}
        owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": uid(node)}
        try:
            if present is None:
                self._api.create(_CSI_NODES, {"metadata": {"name": name, "ownerReferences": [owner]}, "spec": spec})
            elif known != drivers:
                self._api.merge(f"{_CSI_NODES}/{name}", {"spec": spec})
        except (ConflictError, NotFoundError):  # created or deleted since the last look; the watch brings it
            return

    def _sync_pod(self, pod: Json, system: OperatingSystem, view: ClusterView) -> bool:
        """Bring a Pod as far as its node can; False while it waits."""
        status: Json = pod.get("status", {})
        if "startTime" not in status or status.get("phase") not in {"Pending", "Running"}:
            return True
        gated = waits_for_volumes(pod) and not condition(pod, "PodReadyToStartContainers")
        if gated and not self._mount(pod, system, view):
            return False
        if waits_for_volumes(pod) and status["phase"] == "Pending" and not self._pull(pod, view):
            if gated:
                self._let_start(pod)
            return False
        if system == "windows":
            allow_exec(self._api, view["execs"].get(key(pod)), pod, self._table.of_pod(uid(pod)), self._root)
            if gated and not answers_exec(self._api, pod):  # Ready says that `kubectl exec` works
                return False
        if gated:
            self._let_start(pod)
        return True

    def _mount(self, pod: Json, system: OperatingSystem, view: ClusterView) -> bool:
        manager = VolumeManager(str(pod["spec"]["nodeName"]), system, view, self._table, self._drivers)
        outcome = manager.mount(pod)
        self._table.add(outcome.mounted)
        for mount in outcome.mounted:
            logger.info("pod %s/%s: volume %s mounted from %s", *key(pod), mount.volume, mount.source or "the node")
        self._failed_mounts.report(pod, outcome.failures)
        return not outcome.failures

    def _pull(self, pod: Json, view: ClusterView) -> bool:
        try:
            return self._images.pull(pod, view["nodes"]["", str(pod["spec"]["nodeName"])])
        except (NotFoundError, ConflictError):  # gone, or another Pod of that name by now
            return False

    def _let_start(self, pod: Json) -> None:
        namespace, name = key(pod)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        ready = {"type": "PodReadyToStartContainers", "status": "True", "lastTransitionTime": now}
        patch: Json = {"metadata": {"uid": uid(pod)}, "status": {"conditions": [ready]}}
        try:
            self._api.merge_strategic(f"/api/v1/namespaces/{namespace}/pods/{name}/status", patch)
        except (NotFoundError, ConflictError):  # gone, or another Pod of that name by now
            return
