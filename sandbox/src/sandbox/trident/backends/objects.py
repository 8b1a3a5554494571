"""TridentBackend objects (short name tbe): what Trident remembers of its backends in the cluster."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.objects import Json
from sandbox.trident.crds import API, FINALIZER, GROUP_VERSION

_CONFIG: Final = "azure_config"


@dataclass(frozen=True)
class BackendObject:
    """One TridentBackend."""

    object_name: str
    """Generated: `tbe-…`; empty while it is not in the cluster."""
    name: str
    uuid: str
    spec: Json
    config_ref: str
    """UID of the TridentBackendConfig that it belongs to; empty: of none."""
    state: str = "online"
    reason: str = ""

    @classmethod
    def read(cls, item: Json) -> "BackendObject":
        """From the object."""
        config: Mapping[str, Any] = item.get("config") or {}
        return cls(
            object_name=str(item["metadata"]["name"]),
            name=str(item.get("backendName", "")),
            uuid=str(item.get("backendUUID", "")),
            spec=dict(config.get(_CONFIG) or {}),
            config_ref=str(item.get("configRef", "")),
            state=str(item.get("state", "")),
            reason=str(item.get("stateReason", "")),
        )


class BackendObjects:
    """Those of one Trident."""

    def __init__(self, api: KubeApi, namespace: str) -> None:
        self._api = api
        self._path = f"{API}/namespaces/{namespace}/tridentbackends"

    def all(self) -> list[BackendObject]:
        """Every one there is."""
        try:
            return [BackendObject.read(item) for item in self._api.get(self._path)["items"]]
        except NotFoundError:
            return []

    def by_uuid(self, uuid: str) -> BackendObject | None:
        """The one of a backend."""
        return next((each for each in self.all() if each.uuid == uuid), None)

    def by_name(self, name: str) -> BackendObject | None:
        """The one of that backend name."""
        return next((each for each in self.all() if each.name == name), None)

    def save(self, backend: BackendObject) -> BackendObject:
        """Create it, or update what it says."""
        content: Json = {
            "config": {_CONFIG: backend.spec},
            "backendName": backend.name,
            "backendUUID": backend.uuid,
            "version": "1",
            "online": backend.state == "online",
            "state": backend.state,
            "stateReason": backend.reason or None,
            "userState": "normal",
            "configRef": backend.config_ref,
        }
        if backend.object_name:
            self._api.merge(f"{self._path}/{backend.object_name}", content)
            return backend
        metadata = {"generateName": "tbe-", "finalizers": [FINALIZER]}
        body: Json = {"apiVersion": GROUP_VERSION, "kind": "TridentBackend", "metadata": metadata, **content}
        made = self._api.create(self._path, body)
        return replace(backend, object_name=str(made["metadata"]["name"]))

    def remove(self, backend: BackendObject) -> None:
        """Delete it, finalizer included; absent already is as good."""
        path = f"{self._path}/{backend.object_name}"
        try:
            self._api.merge(path, {"metadata": {"finalizers": None}})
            self._api.delete(path)
        except NotFoundError:
            return
