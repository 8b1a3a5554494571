"""A Trident backend that works: where it may create volumes, and which StorageClasses it satisfies.

A StorageClass's parameters may carry the prefix `trident.netapp.io/`; those of Kubernetes itself do not concern Trident
(frontend/csi/controller_helpers/kubernetes/plugin.go, storage_class/storage_class.go in NetApp/trident).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from azure.mgmt.netapp import NetAppManagementClient

from sandbox.trident.backends.spec import DRIVER, BackendSpec
from sandbox.trident.sizes import GIB
from sandbox.trident.versions import release

_PREFIX: Final = "trident.netapp.io/"
_BOOLEANS: Final = {"snapshots": True, "clones": True, "encryption": False, "replication": False}
"""What azure-netapp-files offers. A class that asks for `false` accepts `true`."""
_TRUE: Final = frozenset({"true", "t", "1"})


@dataclass(frozen=True)
class Installation:
    """A Trident whose controller runs."""

    namespace: str
    version: str
    """As in images: `26.06.0`."""

    @property
    def release(self) -> tuple[int, int]:
        return release(self.version)

    @property
    def minimum_volume_size(self) -> int:
        """Bytes to which smaller requests are raised: 50 GiB, and 100 GiB before 24.10."""
        return (50 if self.release >= (24, 10) else 100) * GIB


@dataclass(frozen=True)
class CapacityPool:
    """A capacity pool. A filter names it or its account alone, or by the path from the resource group."""

    resource_group: str
    account: str
    name: str
    service_level: str
    qos_type: str
    location: str

    @property
    def account_names(self) -> set[str]:
        return {self.account, f"{self.resource_group}/{self.account}"}

    @property
    def names(self) -> set[str]:
        return {self.name, f"{self.resource_group}/{self.account}/{self.name}"}


@dataclass(frozen=True)
class Subnet:
    """A subnet that is delegated to Azure NetApp Files. A filter names it or its network as it does a pool."""

    id: str
    resource_group: str
    virtual_network: str
    name: str

    @property
    def network_names(self) -> set[str]:
        return {self.virtual_network, f"{self.resource_group}/{self.virtual_network}"}

    @property
    def names(self) -> set[str]:
        return {self.name, f"{self.resource_group}/{self.virtual_network}/{self.name}"}


@dataclass(frozen=True)
class Backend:
    """An online backend, with what its filters leave of Azure."""

    uuid: str
    spec: BackendSpec
    minimum_volume_size: int
    """Bytes."""
    capacity_pools: tuple[CapacityPool, ...]
    """Trident tries them in random order until one takes the volume."""
    subnets: tuple[Subnet, ...]
    """Trident takes one at random."""
    netapp: NetAppManagementClient = field(repr=False, compare=False)
    """Microsoft's own client, authenticated as the backend's identity."""
    user_state: str = ""
    """normal or suspended; empty: its settings do not say."""
    deleting: bool = False
    """It goes once its last volume has gone: no new ones are created on it."""
    config_ref: str = ""
    """UID of the TridentBackendConfig that it belongs to. The controller reads it when it starts, and never again: who
    clears it in the TridentBackend must restart the controller (updateBackendByBackendUUID in core)."""

    @property
    def name(self) -> str:
        return self.spec.name

    def satisfies(self, parameters: Mapping[str, str]) -> bool:
        offers = {"backendType": DRIVER, "nasType": self.spec.nas_type}
        requests = {
            name.removeprefix(_PREFIX): value
            for name, value in parameters.items()
            if not name.startswith("csi.storage.k8s.io/") and name != "fsType"
        }
        pools = _pools(requests.pop("storagePools", ""))
        if pools and not any(self._is_named(*each) for each in pools.items()):
            return False
        return all(
            _BOOLEANS[name] or wanted.lower() not in {"true", "t", "1"}
            if name in _BOOLEANS
            else offers.get(name) == wanted
            for name, wanted in requests.items()
        )

    def _is_named(self, backend: str, pools: list[str]) -> bool:
        """Match as Trident does: the backend's whole name, and a part of the pool's."""
        whole = f"^{backend.removeprefix('^').removesuffix('$')}$"
        return _matches(whole, self.name) and any(_matches(pool, self.spec.pool_name) for pool in pools)


def _matches(expression: str, name: str) -> bool:
    """Match a part of a name; a broken expression matches nothing."""
    try:
        return re.search(expression, name) is not None
    except re.error:
        return False


def _pools(encoded: str) -> dict[str, list[str]]:
    """Read `backend1:pool1,pool2;backend2:.*`. Of what has another form Trident writes a line in its log, no more."""
    pairs = [each.partition(":") for each in encoded.split(";")]
    if not all(backend and pools for backend, _, pools in pairs):
        return {}
    return {backend: pools.split(",") for backend, _, pools in pairs}
