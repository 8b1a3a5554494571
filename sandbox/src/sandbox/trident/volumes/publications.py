"""Which nodes use which volume, as TridentVolumePublications (short name tvp)."""

from typing import Final

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.objects import Json
from sandbox.trident.backends.backends import MANAGER, TridentVolume
from sandbox.trident.crds import API, FINALIZER, GROUP_VERSION

CSI_ACCESS_MODES: Final = {
    "ReadWriteOnce": 7,
    "ReadOnlyMany": 3,
    "ReadWriteMany": 5,
    "ReadWriteOncePod": 6,
}
"""CSI's numbers for Kubernetes' access modes, for a driver that tells single writers apart."""


class Publications:
    """Those of one Trident."""

    def __init__(self, api: KubeApi, namespace: str) -> None:
        self._api = api
        self._namespace = namespace
        self._path = f"{API}/namespaces/{namespace}/tridentvolumepublications"

    def find(self, volume: str, node: str) -> Json | None:
        """The publication of a volume to a node."""
        try:
            return self._api.get(f"{self._path}/{volume}.{node}")
        except NotFoundError:
            return None

    def add(self, volume: TridentVolume, node: str, *, read_only: bool, access_mode: int) -> None:
        """Record that a node uses a volume."""
        name = f"{volume.name}.{node}"
        body: Json = {
            "apiVersion": GROUP_VERSION,
            "kind": "TridentVolumePublication",
            "metadata": {"name": name, "namespace": self._namespace, "finalizers": [FINALIZER]},
            "volumeID": volume.name,
            "nodeID": node,
            "readOnly": read_only,
            "accessMode": access_mode,
            "storageClass": volume.config.get("storageClass", ""),
            "backendUUID": volume.backend_uuid,
            "pool": volume.pool,
        }
        self._api.apply(f"{self._path}/{name}", body, MANAGER)

    def remove(self, volume: str, node: str) -> None:
        """The node uses it no more."""
        path = f"{self._path}/{volume}.{node}"
        try:
            self._api.merge(path, {"metadata": {"finalizers": None}})
            self._api.delete(path)
        except NotFoundError:
            return
