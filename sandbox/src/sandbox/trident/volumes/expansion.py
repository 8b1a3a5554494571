"""A claim that asks for more than it has: the sidecar external-resizer.

The claim's status says how far it is (allocatedResources, allocatedResourceStatuses, conditions), so that a size asked
for meanwhile waits until the one under way is reached (pkg/controller/expand_and_recover.go and resize_status.go in
kubernetes-csi/external-resizer). An ANF volume needs nothing done on the node.
"""

from datetime import UTC, datetime
from typing import Final

from sandbox.kube.api import ConflictError, KubeApi
from sandbox.kube.events import EventRecorder
from sandbox.kube.objects import Json, Key, uid
from sandbox.trident.names import PROVISIONER
from sandbox.trident.retries import TryAgainError
from sandbox.trident.sizes import parse_quantity, show_quantity
from sandbox.trident.volumes.csi_controller import CsiController, RpcError

_IN_PROGRESS: Final = "ControllerResizeInProgress"
_NOT_FOR_NODES: Final = "volume.kubernetes.io/node-expansion-not-required"
_RESIZE_CONDITIONS: Final = ("Resizing", "ControllerResizeError")


def resize_signature(claim: Json) -> object:
    """Return what makes the resizer look at a claim again when it changes; its own notes do not."""
    status: Json = claim.get("status", {})
    return (
        claim["spec"].get("resources", {}).get("requests", {}).get("storage"),
        claim["spec"].get("volumeName"),
        status.get("phase"),
        (status.get("capacity") or {}).get("storage"),
        (status.get("allocatedResourceStatuses") or {}).get("storage"),
    )


class ClaimResizer:
    """Expands the volumes of claims for one run of the sidecar."""

    def __init__(self, api: KubeApi, controller: CsiController) -> None:
        self._api = api
        self._controller = controller
        self._events = EventRecorder(api, f"external-resizer {PROVISIONER}")
        self._failed: set[str] = set()
        """Claims whose size under way was refused: another one may be asked for."""

    def sync(self, claim_key: Key) -> None:
        """Expand a claim's volume if it is to be larger than it is; raise TryAgainError if that must wait."""
        namespace, name = claim_key
        path = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}"
        claim = self._api.find(path)
        if claim is None or not _asks_for_more(claim):
            return
        volume = self._api.find(f"/api/v1/persistentvolumes/{claim['spec']['volumeName']}")
        if volume is None or (volume["spec"].get("csi") or {}).get("driver") != PROVISIONER:
            return
        if (volume["spec"].get("claimRef") or {}).get("uid") != uid(claim):
            return
        try:
            self._expand(f"{path}/status", claim, volume)
        except ConflictError as error:  # somebody changed the claim meanwhile: look again, and say nothing of it
            raise TryAgainError(error) from error

    def _expand(self, path: str, claim: Json, volume: Json) -> None:
        size = self._next_size(claim, volume)
        name = str(volume["metadata"]["name"])
        claim = self._note_begin(path, claim, size)
        self._events.record(claim, "Normal", "Resizing", f"External resizer is resizing volume {name}")
        try:
            reached = self._controller.expand_volume(str(volume["spec"]["csi"]["volumeHandle"]), size)
        except RpcError as error:
            self._failed.add(uid(claim))
            conditions = _conditions(claim, keep=True, ControllerResizeError=f"failed to expand pvc with {error}")
            claim = self._patch(path, claim, {"conditions": conditions})
            text = f'resize volume "{name}" by resizer "{PROVISIONER}" failed: {error}'
            self._events.record(claim, "Warning", "VolumeResizeFailed", text)
            raise TryAgainError(text) from error
        self._failed.discard(uid(claim))
        capacity = {"storage": show_quantity(reached)}
        self._api.merge(f"/api/v1/persistentvolumes/{name}", {"spec": {"capacity": capacity}})
        conditions = _conditions(claim, keep=False)
        status: Json = {"capacity": capacity, "conditions": conditions, "allocatedResourceStatuses": None}
        claim = self._patch(path, claim, status, {_NOT_FOR_NODES: "true"})
        self._events.record(claim, "Normal", "VolumeResizeSuccessful", "Resize volume succeeded")

    def _next_size(self, claim: Json, volume: Json) -> int:
        """Return the size to ask for: the one under way, or the one that the claim asks for now."""
        wanted, allocated = parse_quantity(claim["spec"]["resources"]["requests"]["storage"]), _allocated(claim)
        under_way = _storage(claim, "allocatedResourceStatuses") == _IN_PROGRESS and uid(claim) not in self._failed
        reached = parse_quantity(volume["spec"]["capacity"]["storage"]) >= wanted
        return allocated if allocated and (under_way or reached) else wanted

    def _note_begin(self, path: str, claim: Json, size: int) -> Json:
        anew = _allocated(claim) != size
        status: Json = {
            "conditions": _conditions(claim, keep=not anew, Resizing=""),
            "allocatedResources": {"storage": show_quantity(size)},
        }
        if anew:
            status["allocatedResourceStatuses"] = {"storage": _IN_PROGRESS}
        return self._patch(path, claim, status, {_NOT_FOR_NODES: None})

    def _patch(self, path: str, claim: Json, status: Json, annotations: Json | None = None) -> Json:
        metadata = {"resourceVersion": claim["metadata"]["resourceVersion"], "annotations": annotations or {}}
        return self._api.merge(path, {"metadata": metadata, "status": status})


def _asks_for_more(claim: Json) -> bool:
    status: Json = claim.get("status", {})
    if status.get("phase") != "Bound" or not claim["spec"].get("volumeName"):
        return False
    requested = parse_quantity(claim["spec"]["resources"]["requests"]["storage"])
    return requested > parse_quantity((status.get("capacity") or {}).get("storage"))


def _allocated(claim: Json) -> int:
    return parse_quantity(_storage(claim, "allocatedResources"))


def _storage(claim: Json, what: str) -> str:
    return str((claim["status"].get(what) or {}).get("storage", ""))


def _conditions(claim: Json, *, keep: bool, **true: str) -> list[Json]:
    """Return the claim's conditions with these resize conditions True; others of a resize stay only if kept."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    present: list[Json] = claim["status"].get("conditions") or []
    others = [each for each in present if each["type"] not in true and (keep or each["type"] not in _RESIZE_CONDITIONS)]
    new = [{"type": kind, "status": "True", "lastTransitionTime": now, "message": text} for kind, text in true.items()]
    return [*others, *new]
