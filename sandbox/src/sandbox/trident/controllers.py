"""Trident's operator and controllers, in threads of the process that serves the sandbox."""

import threading
import time
from typing import Final

from sandbox.kube.api import KubeApi
from sandbox.kube.controller import Watches
from sandbox.paths import SandboxPaths
from sandbox.trident.backends.backend_configs import BackendConfigs
from sandbox.trident.backends.factory import BackendFactory
from sandbox.trident.backends.login import AzureLogins
from sandbox.trident.backends.registry import Backends
from sandbox.trident.crds import API, ORCHESTRATORS
from sandbox.trident.durations import Durations
from sandbox.trident.faults import TridentFaults
from sandbox.trident.operator.orchestrators import Operator
from sandbox.trident.volumes.volume_controller import COLLECTIONS, PACES, VolumeController

_WATCHED: Final = {
    **COLLECTIONS,
    "pods": "/api/v1/pods",
    "nodes": "/api/v1/nodes",
    "secrets": "/api/v1/secrets",
    "service_accounts": "/api/v1/serviceaccounts",
    "deployments": "/apis/apps/v1/deployments",
    "orchestrators": ORCHESTRATORS,
    "backend_configs": f"{API}/tridentbackendconfigs",
    "volumes": f"{API}/tridentvolumes",
}
_END_SECONDS: Final = 3.0
"""What is under way may end; what does not is cut off: the cluster holds all that is needed to do it again."""


class TridentControllers:
    """Trident of one sandbox, whose Azure and control plane must be up."""

    def __init__(self, paths: SandboxPaths, durations: Durations) -> None:
        api = KubeApi(paths.kubeconfig)
        self._watches = Watches(api, _WATCHED)
        backends = Backends(api)
        factory = BackendFactory(api, AzureLogins(api, paths))
        self._controllers = (
            Operator(api, self._watches, TridentFaults(paths), durations),
            BackendConfigs(api, self._watches, backends, factory, durations),
            VolumeController(api, self._watches, backends, PACES[durations.name]),
        )
        self._stop = threading.Event()
        self._ready = [threading.Event() for _ in self._controllers]
        self._threads = [
            threading.Thread(target=controller.run, args=(self._stop, ready), daemon=True)
            for controller, ready in zip(self._controllers, self._ready, strict=True)
        ]

    def start(self) -> None:
        """Begin to work."""
        self._watches.start()
        for thread in self._threads:
            thread.start()

    def await_ready(self) -> None:
        """Wait until every controller has looked at the whole cluster."""
        for ready in self._ready:
            ready.wait()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        for controller in self._controllers:
            controller.interrupt()
        deadline = time.monotonic() + _END_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
