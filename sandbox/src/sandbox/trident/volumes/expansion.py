"""A claim that asks for more than it has: the sidecar external-resizer.

The claim's status says how far it is (allocatedResources, allocatedResourceStatuses, conditions), so that a size asked
for meanwhile waits until the one under way is reached (pkg/controller/expand_and_recover.go and resize_status.go in
kubernetes-csi/external-resizer). An ANF volume needs nothing done on the node.
"""

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sandbox.kube.api import ConflictError, KubeApi, NotFoundError
from sandbox.kube.events import EventRecorder
from sandbox.kube.objects import Json, Key, key, uid
from sandbox.nodes.kubelet.csi_driver import RpcError
from sandbox.trident.backends.backends import PROVISIONER
from sandbox.trident.volumes.core import Controller, may_be_under_way
from sandbox.trident.volumes.queue import TryAgainError
from sandbox.trident.volumes.sizes import parse_quantity, show_quantity

_IN_PROGRESS: Final = "ControllerResizeInProgress"
_INFEASIBLE: Final = "ControllerResizeInfeasible"
_NOT_FOR_NODES: Final = "volume.kubernetes.io/node-expansion-not-required"
_RESIZE_CONDITIONS: Final = (
    "Resizing",
    "FileSystemResizePending",
    "ControllerResizeError",
    "NodeResizeError",
)
_INFEASIBLE_CODES: Final = ("InvalidArgument", "OutOfRange", "NotFound")


def resize_signature(claim: Json) -> object:
    """What of a claim has the resizer look at it again when it changes; its own notes do not."""
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

    def __init__(self, api: KubeApi, controller: Controller, infeasible_seconds: float) -> None:
        self._api = api
        self._controller = controller
        self._events = EventRecorder(api, f"external-resizer {PROVISIONER}")
        self._infeasible_seconds = infeasible_seconds
        self._infeasible: dict[str, float] = {}
        self._failed_for_good: set[str] = set()
        self._lock = threading.Lock()

    def sync(self, claim_key: Key) -> None:
        """Expand a claim's volume if it is to be larger than it is.

        Raises:
            TryAgainError: not now.

        """
        namespace, name = claim_key
        path = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}"
        try:
            claim = self._api.get(path)
            if not _asks_for_more(claim):
                return
            volume = self._api.get(f"/api/v1/persistentvolumes/{claim['spec']['volumeName']}")
        except NotFoundError:
            return
        if (volume["spec"].get("csi") or {}).get("driver") != PROVISIONER:
            return
        if (volume["spec"].get("claimRef") or {}).get("uid") != uid(claim):
            return
        try:
            self._expand(f"{path}/status", claim, volume)
        except ConflictError as error:  # somebody changed the claim meanwhile: look again, and say nothing of it
            raise TryAgainError(error) from error

    def _expand(self, path: str, claim: Json, volume: Json) -> None:
        with self._lock:
            size = self._next_size(claim, volume)
            slow = self._infeasible.get(uid(claim), 0.0) - time.monotonic()
        allocated = _allocated(claim)
        if slow > 0 and allocated == size:
            namespace, name = key(claim)
            raise TryAgainError(
                f"skipping volume expansion for pvc {namespace}/{name}, because expansion previously failed with "
                "infeasible error",
                slow,
            )
        claim = self._mark_begun(path, claim, size, anew=allocated != size)
        name = str(volume["metadata"]["name"])
        self._events.record(claim, "Normal", "Resizing", f"External resizer is resizing volume {name}")
        try:
            reached = self._controller.expand_volume(str(volume["spec"]["csi"]["volumeHandle"]), size)
        except RpcError as error:
            self._failed(path, claim, name, error)
        else:
            self._succeeded(path, claim, name, reached)

    def _next_size(self, claim: Json, volume: Json) -> int:
        """What to ask for: the size that is under way, or the one that the claim asks for now."""
        wanted = parse_quantity(claim["spec"]["resources"]["requests"]["storage"])
        allocated = _allocated(claim)
        if not allocated:
            return wanted
        has = parse_quantity(volume["spec"]["capacity"]["storage"])
        status = _resize_status(claim)
        if has >= wanted:
            return allocated if status in {"", _IN_PROGRESS, _INFEASIBLE} else wanted
        return allocated if status == _IN_PROGRESS and uid(claim) not in self._failed_for_good else wanted

    def _mark_begun(self, path: str, claim: Json, size: int, *, anew: bool) -> Json:
        status: Json = {
            "conditions": _conditions(claim, keep=not anew, Resizing=""),
            "allocatedResources": {"storage": show_quantity(size)},
        }
        if anew:
            status["allocatedResourceStatuses"] = {"storage": _IN_PROGRESS}
        annotations = {_NOT_FOR_NODES: None}
        return self._patch(path, claim, status, annotations)

    def _succeeded(self, path: str, claim: Json, volume: str, reached: int) -> None:
        with self._lock:
            self._failed_for_good.discard(uid(claim))
            self._infeasible.pop(uid(claim), None)
        size = show_quantity(reached)
        self._api.merge(f"/api/v1/persistentvolumes/{volume}", {"spec": {"capacity": {"storage": size}}})
        status: Json = {
            "capacity": {"storage": size},
            "conditions": _conditions(claim, keep=False),
            "allocatedResourceStatuses": None,
        }
        claim = self._patch(path, claim, status, {_NOT_FOR_NODES: "true"})
        self._events.record(claim, "Normal", "VolumeResizeSuccessful", "Resize volume succeeded")

    def _failed(self, path: str, claim: Json, volume: str, error: RpcError) -> None:
        if not may_be_under_way(error):
            condition = _conditions(claim, keep=True, ControllerResizeError=f"failed to expand pvc with {error}")
            status: Json = {"conditions": condition}
            if error.code in _INFEASIBLE_CODES:
                status["allocatedResourceStatuses"] = {"storage": _INFEASIBLE}
            with self._lock:
                self._failed_for_good.add(uid(claim))
                if error.code in _INFEASIBLE_CODES:
                    self._infeasible[uid(claim)] = time.monotonic() + self._infeasible_seconds
            claim = self._patch(path, claim, status, {})
        text = f'resize volume "{volume}" by resizer "{PROVISIONER}" failed: {error}'
        self._events.record(claim, "Warning", "VolumeResizeFailed", text)
        raise TryAgainError(text) from error

    def _patch(self, path: str, claim: Json, status: Json, annotations: Mapping[str, str | None]) -> Json:
        metadata: Json = {"resourceVersion": claim["metadata"]["resourceVersion"]}
        if annotations:
            metadata["annotations"] = dict(annotations)
        return self._api.merge(path, {"metadata": metadata, "status": status})


def _asks_for_more(claim: Json) -> bool:
    status: Json = claim.get("status", {})
    if status.get("phase") != "Bound" or not claim["spec"].get("volumeName"):
        return False
    requested = parse_quantity(claim["spec"]["resources"]["requests"]["storage"])
    return requested > parse_quantity((status.get("capacity") or {}).get("storage"))


def _allocated(claim: Json) -> int:
    resources: dict[str, Any] = claim["status"].get("allocatedResources") or {}
    return parse_quantity(resources.get("storage"))


def _resize_status(claim: Json) -> str:
    return str((claim["status"].get("allocatedResourceStatuses") or {}).get("storage", ""))


def _conditions(claim: Json, *, keep: bool, **true: str) -> list[Json]:
    """The claim's conditions with these resize conditions True; its other resize conditions stay only if kept."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    present: list[Json] = claim["status"].get("conditions") or []
    others = [each for each in present if each["type"] not in true and (keep or each["type"] not in _RESIZE_CONDITIONS)]
    new = [{"type": kind, "status": "True", "lastTransitionTime": now, "message": text} for kind, text in true.items()]
    return [*others, *new]
