"""The status of a TridentBackendConfig, as it is written."""

from typing import Literal

from sandbox.kube.objects import Json
from sandbox.trident.backends.backends import BackendError

Phase = Literal["", "Bound", "Deleting", "Unknown", "Lost"]


class LostError(BackendError):
    """The backend of a bound config is not in the cluster any more."""


def failure(status: Json, phase: Phase, policy: str, error: BackendError) -> Json:
    """What a refused creation or update leaves: a bound config keeps its backend."""
    if phase == "":
        return result("", "Failed", f"Failed to create backend: {error}", policy)
    info: Json = status.get("backendInfo") or {}
    lost: Phase = "Lost" if isinstance(error, LostError) else phase
    message = f"Failed to apply the backend update; {error}"
    known = str(status.get("deletionPolicy") or policy)
    return result(lost, "Failed", message, known, str(info.get("backendName", "")), str(info.get("backendUUID", "")))


def result(phase: Phase, outcome: str, message: str, policy: str, name: str = "", uuid: str = "") -> Json:
    """The whole of a status."""
    return {
        "phase": phase,
        "lastOperationStatus": outcome,
        "message": message,
        "deletionPolicy": policy,
        "backendInfo": {"backendName": name, "backendUUID": uuid},
    }


def complete(status: Json) -> Json:
    """A status with every key, whatever of it is there."""
    return {**result("", "", "", ""), **status}
