"""How long Trident's own work takes; Azure's is the emulator's business."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Durations:
    """Seconds."""

    name: str
    install: float
    """From Installing to Installed at the least: images are pulled, the controller starts."""
    pod_timeout: float
    """How long the operator waits for the controller's Pod before it says Failed: 180 s and 150 s more in the genuine
    one (operator/controllers/orchestrator/installer/installer.go)."""
    backend: float
    """Between a backend's creation and its first result: Azure Resource Graph is asked."""
    after_delete: float
    """Between a backend's deletion and the look whether it is gone."""


INSTANT: Final = Durations("instant", install=0.0, pod_timeout=5.0, backend=0.0, after_delete=0.0)
REALISTIC: Final = Durations("realistic", install=35.0, pod_timeout=330.0, backend=4.0, after_delete=2.0)

PROFILES: Final = {profile.name: profile for profile in (INSTANT, REALISTIC)}
