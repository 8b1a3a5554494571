"""TridentBackend objects (short name tbe): what Trident remembers of its backends in the cluster."""

from dataclasses import dataclass
from typing import Final

from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json
from sandbox.trident.crds import API, FINALIZER, GROUP_VERSION, force_delete

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


class BackendObjects:
    """The TridentBackends of one Trident."""

    def __init__(self, api: KubeApi, namespace: str) -> None:
        self._api = api
        self._path = f"{API}/namespaces/{namespace}/tridentbackends"

    def all(self) -> list[BackendObject]:
        """Return every one."""
        return [
            BackendObject(
                object_name=str(item["metadata"]["name"]),
                name=str(item.get("backendName", "")),
                uuid=str(item.get("backendUUID", "")),
                spec=dict((item.get("config") or {}).get(_CONFIG) or {}),
                config_ref=str(item.get("configRef", "")),
                state=str(item.get("state", "")),
                reason=str(item.get("stateReason", "")),
            )
            for item in self._api.get(self._path)["items"]
        ]

    def by_uuid(self, uuid: str) -> BackendObject | None:
        """Return that of a backend."""
        return next((each for each in self.all() if each.uuid == uuid), None)

    def by_name(self, name: str) -> BackendObject | None:
        """Return that of a backend's name."""
        return next((each for each in self.all() if each.name == name), None)

    def save(self, backend: BackendObject) -> None:
        """Create or update one. Its spec holds no secret, only the name of one."""
        content: Json = {
            "config": {
                _CONFIG: {
                    name: value
                    for name, value in backend.spec.items()
                    if name.lower() not in {"clientid", "clientsecret"}
                }
            },
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
            return
        metadata = {"generateName": "tbe-", "finalizers": [FINALIZER]}
        self._api.create(
            self._path, {"apiVersion": GROUP_VERSION, "kind": "TridentBackend", "metadata": metadata, **content}
        )

    def delete(self, backend: BackendObject) -> None:
        """Delete one."""
        force_delete(self._api, f"{self._path}/{backend.object_name}")
