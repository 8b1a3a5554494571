"""Trident's controllers, together."""

from collections.abc import Sequence
from typing import Final

from sandbox.faults import StandingFaults
from sandbox.kube.api import KubeApi
from sandbox.kube.controller import Controller, Watches
from sandbox.paths import SandboxPaths
from sandbox.trident.backends.backend_configs import BackendConfigs
from sandbox.trident.backends.factory import BackendFactory
from sandbox.trident.backends.login import AzureLogins
from sandbox.trident.backends.registry import Backends
from sandbox.trident.crds import API, ORCHESTRATORS
from sandbox.trident.durations import PROFILES
from sandbox.trident.operator.orchestrators import Operator
from sandbox.trident.volumes.volume_controller import COLLECTIONS, VolumeController

_WATCHED: Final = {
    **COLLECTIONS,
    "pods": "/api/v1/pods",
    "nodes": "/api/v1/nodes",
    "secrets": "/api/v1/secrets",
    "deployments": "/apis/apps/v1/deployments",
    "orchestrators": ORCHESTRATORS,
    "backend_configs": f"{API}/tridentbackendconfigs",
    "volumes": f"{API}/tridentvolumes",
}


def trident_controllers(paths: SandboxPaths, faults: StandingFaults, profile: str) -> Sequence[Controller]:
    """Return the controllers of a sandbox whose Azure and control plane are up, with the watches that they share.

    `profile`: how long they take, one of `sandbox.trident.durations.PROFILES`.
    """
    api, durations = KubeApi(paths.kubeconfig), PROFILES[profile]
    watches, backends = Watches(api, _WATCHED), Backends(api)
    factory = BackendFactory(api, AzureLogins(api, paths))
    watches.start()
    return [
        Operator(api, watches, faults, durations),
        BackendConfigs(api, watches, backends, factory, durations),
        VolumeController(api, watches, backends, durations),
    ]
