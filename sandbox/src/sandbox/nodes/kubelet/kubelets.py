"""Plays the kubelets of the sandbox's nodes where volumes are concerned.

One loop compares the cluster with what its nodes have mounted: a Pod whose volumes are all mounted gets the condition
PodReadyToStartContainers, which lets its lifecycle go on; one whose chain is broken gets FailedMount events. The loop
runs after every change of an object in the chain, and once a second while a Pod waits, since shares and passwords
live in the Azure emulator, and what kwok knows in kwok: no watch announces their changes.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from sandbox.kube.api import ApiError, ApiUnreachableError, ConflictError, KubeApi, NotFoundError
from sandbox.kube.objects import Json, Key, condition, key, uid
from sandbox.kube.reflector import Reflector
from sandbox.nodes.aks_nodes import OperatingSystem
from sandbox.nodes.kubelet import csi_nodes
from sandbox.nodes.kubelet.container_exec import answers_for, exec_object
from sandbox.nodes.kubelet.csi_driver import CsiDriver
from sandbox.nodes.kubelet.events import FailedMountEvents
from sandbox.nodes.kubelet.mounts import MountTable
from sandbox.nodes.kubelet.volumes import ClusterView, VolumeManager, node_plugin, waits_for_volumes

logger = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
_IDLE_SECONDS = 30.0
_EXECS = "/apis/kwok.x-k8s.io/v1alpha1"
_COLLECTIONS = {
    "nodes": "/api/v1/nodes",
    "csi_nodes": "/apis/storage.k8s.io/v1/csinodes",
    "pods": "/api/v1/pods",
    "claims": "/api/v1/persistentvolumeclaims",
    "volumes": "/api/v1/persistentvolumes",
    "csi_drivers": "/apis/storage.k8s.io/v1/csidrivers",
    "attachments": "/apis/storage.k8s.io/v1/volumeattachments",
    "secrets": "/api/v1/secrets",
    "execs": f"{_EXECS}/execs",
}


class Kubelets:
    """The kubelets of all nodes that kwok plays."""

    def __init__(self, api: KubeApi, drivers: Sequence[CsiDriver], table: MountTable, root: Path) -> None:
        self._api = api
        self._drivers: Mapping[str, CsiDriver] = {driver.name: driver for driver in drivers}
        self._table = table
        self._root = root
        self._events = FailedMountEvents(api)
        self._wake = threading.Event()
        self._waiting = False
        self._reflectors = {name: Reflector(api, path, self._wake.set) for name, path in _COLLECTIONS.items()}

    def run(self, stop: threading.Event, ready: threading.Event) -> None:
        """Work until `stop`; `ready` is set once the whole cluster has been looked at."""
        for reflector in self._reflectors.values():
            reflector.start()
        while not stop.is_set():
            self._wake.wait(self._pause())
            self._wake.clear()
            if not all(reflector.synced.is_set() for reflector in self._reflectors.values()):
                continue
            try:
                self._sync()
            except (ApiUnreachableError, ApiError) as error:
                logger.warning("interrupted: %s; trying again", error)
            except Exception:  # a bug in one look at the cluster must not end all later ones unnoticed
                logger.exception("interrupted; trying again")
            else:
                ready.set()
                continue
            stop.wait(_POLL_SECONDS)
            self._wake.set()

    def interrupt(self) -> None:
        """Let `run` notice at once that it is to stop."""
        self._wake.set()

    def _pause(self) -> float:
        due = self._events.next_due()
        limits = [_IDLE_SECONDS, *([_POLL_SECONDS] if self._waiting else []), *([due] if due is not None else [])]
        return min(limits)

    def _sync(self) -> None:
        cluster = {name: reflector.objects() for name, reflector in self._reflectors.items()}
        view = ClusterView(
            pods=cluster["pods"],
            claims=cluster["claims"],
            volumes=cluster["volumes"],
            csi_drivers=cluster["csi_drivers"],
            attachments=cluster["attachments"],
            secrets=cluster["secrets"],
        )
        nodes = {
            name: node
            for (_, name), node in cluster["nodes"].items()
            if node["metadata"].get("annotations", {}).get("kwok.x-k8s.io/node") == "fake"
        }
        for node in nodes.values():
            system = _operating_system(node)
            registered = [
                name for name, driver in self._drivers.items() if node_plugin(view, driver, key(node)[1], system)
            ]
            csi_nodes.register(self._api, cluster["csi_nodes"], node, registered)
        present = {uid(pod) for pod in view.pods.values()}
        self._table.keep_only(present)
        self._events.forget_all_but(present)
        self._waiting = False
        for pod in view.pods.values():
            node = nodes.get(pod["spec"].get("nodeName", ""))
            if node is not None and "deletionTimestamp" not in pod["metadata"]:
                self._sync_pod(pod, _operating_system(node), view, cluster["execs"])

    def _sync_pod(self, pod: Json, system: OperatingSystem, view: ClusterView, execs: Mapping[Key, Json]) -> None:
        status: Json = pod.get("status", {})
        if "startTime" not in status or status.get("phase") not in {"Pending", "Running"}:
            return
        gated = waits_for_volumes(pod) and not condition(pod, "PodReadyToStartContainers")
        if gated and not self._mount(pod, system, view):
            self._waiting = True
            return
        if system == "windows":
            self._ensure_exec(pod, execs)
            # Ready says that `kubectl exec` works.
            if gated and not answers_for(self._api, pod):
                self._waiting = True
                return
        if gated:
            self._let_start(pod)

    def _mount(self, pod: Json, system: OperatingSystem, view: ClusterView) -> bool:
        """Mount what can be mounted; True once everything is."""
        manager = VolumeManager(str(pod["spec"]["nodeName"]), system, view, self._table, self._drivers)
        outcome = manager.mount(pod)
        if outcome.mounted:
            self._table.add(outcome.mounted)
            for mount in outcome.mounted:
                logger.info("pod %s/%s: volume %s mounted from %s", *key(pod), mount.volume, mount.source or "the node")
        self._events.report(pod, outcome.failures)
        return not outcome.failures

    def _let_start(self, pod: Json) -> None:
        namespace, name = key(pod)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        ready = {"type": "PodReadyToStartContainers", "status": "True", "lastTransitionTime": now}
        patch: Json = {"metadata": {"uid": uid(pod)}, "status": {"conditions": [ready]}}
        try:
            self._api.merge_strategic(f"/api/v1/namespaces/{namespace}/pods/{name}/status", patch)
        except (NotFoundError, ConflictError):  # gone, or another Pod of that name by now
            return

    def _ensure_exec(self, pod: Json, execs: Mapping[Key, Json]) -> None:
        wanted = exec_object(pod, self._table.of_pod(uid(pod)), self._root)
        present = execs.get(key(pod))
        if present is not None and present["spec"] == wanted["spec"] and _owner(present) == _owner(wanted):
            return
        namespace, name = key(pod)
        try:
            self._api.apply(f"{_EXECS}/namespaces/{namespace}/execs/{name}", wanted, "anf-sandbox-nodes")
        except ApiError as error:
            if error.status not in {403, 404}:  # the namespace is being deleted: nobody will exec into this Pod
                raise


def _operating_system(node: Json) -> OperatingSystem:
    return cast(OperatingSystem, node["metadata"].get("labels", {}).get("kubernetes.io/os", "linux"))


def _owner(item: Json) -> str:
    owners: list[Json] = item["metadata"].get("ownerReferences", [])
    return str(owners[0]["uid"]) if owners else ""
