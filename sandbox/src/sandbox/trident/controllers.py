"""Trident's controllers, together."""

from typing import Final

from sandbox.faults import StandingFaults
from sandbox.kube.api import KubeApi
from sandbox.kube.controller import Watches
from sandbox.paths import SandboxPaths
from sandbox.trident.backends.azure_login import AzureLogins
from sandbox.trident.backends.backends import Backends
from sandbox.trident.backends.configs import BackendConfigs
from sandbox.trident.backends.factory import BackendFactory
from sandbox.trident.crds import API, ORCHESTRATORS
from sandbox.trident.durations import PROFILES
from sandbox.trident.operator.operator import Operator
from sandbox.trident.volumes.pace import PACES
from sandbox.trident.volumes.provisioner import Provisioner

_WATCHED: Final = {
    "pods": "/api/v1/pods",
    "nodes": "/api/v1/nodes",
    "secrets": "/api/v1/secrets",
    "service_accounts": "/api/v1/serviceaccounts",
    "deployments": "/apis/apps/v1/deployments",
    "orchestrators": ORCHESTRATORS,
    "backend_configs": f"{API}/tridentbackendconfigs",
    "volumes": f"{API}/tridentvolumes",
}


def trident_controllers(
    paths: SandboxPaths, faults: StandingFaults, profile: str
) -> list[Operator | BackendConfigs | Provisioner]:
    """Return the operator, the controller of backends and the provisioner of a sandbox, with the watches they share.

    `profile`: how long they take, one of `sandbox.trident.durations.PROFILES`.
    """
    api = KubeApi(paths.kubeconfig)
    watches, backends, durations = Watches(api, _WATCHED), Backends(api), PROFILES[profile]
    factory = BackendFactory(api, AzureLogins(api, paths))
    operator = Operator(api, watches, faults, durations)
    configs = BackendConfigs(api, watches, backends, factory, durations)
    provisioner = Provisioner(KubeApi(paths.kubeconfig), backends, PACES[profile])
    watches.start()
    return [operator, configs, provisioner]
