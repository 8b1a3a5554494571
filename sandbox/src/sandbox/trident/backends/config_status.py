"""The status of a TridentBackendConfig, in the order and words of frontend/crd/controller/trident_backend_config.go."""

from typing import Literal

from sandbox.kube.objects import Json
from sandbox.trident.backends.spec import BackendError


class LostError(BackendError):
    """The backend of a bound config is gone."""


def failure(status: Json, policy: str, error: BackendError) -> Json:
    """Return the status of a refused creation or update: a bound config keeps its backend."""
    phase = str(status.get("phase") or "")
    if phase == "":
        return result("", "Failed", f"Failed to create backend: {error}", policy)
    info: Json = status.get("backendInfo") or {}
    return result(
        "Lost" if isinstance(error, LostError) else phase,
        "Failed",
        f"Failed to apply the backend update; {error}",
        str(status.get("deletionPolicy") or policy),
        str(info.get("backendName", "")),
        str(info.get("backendUUID", "")),
    )


def result(
    phase: str, outcome: Literal["", "Success", "Failed"], message: str, policy: str, name: str = "", uuid: str = ""
) -> Json:
    return {
        "phase": phase,
        "lastOperationStatus": outcome,
        "message": message,
        "deletionPolicy": policy,
        "backendInfo": {"backendName": name, "backendUUID": uuid},
    }
