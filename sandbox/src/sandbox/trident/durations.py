"""How long Trident's own work takes; Azure's is the emulator's business.

The realistic times of volumes are the sidecars' arguments --retry-interval-start and --retry-interval-max, and the
driver's interval (cli/k8s_client/yaml_factory.go, storage_drivers/azure/api/azure.go in NetApp/trident).
"""

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
    last_backend_retry: float
    """The longest wait of a backend that failed, after waits from 5 ms on, each twice as long: the genuine one tries
    again after 86, 168 and 332 seconds, up to every 1000 (client-go's default rate limiter)."""
    first_retry: float
    last_retry: float
    """Of work on a volume. No wait is longer; what cannot succeed (InvalidArgument) is not tried again earlier."""
    poll: float
    """Between two looks at an Azure operation that Trident waits for."""


INSTANT: Final = Durations(
    "instant",
    install=0.0,
    pod_timeout=5.0,
    backend=0.0,
    last_backend_retry=3.0,
    first_retry=0.1,
    last_retry=1.0,
    poll=0.02,
)
REALISTIC: Final = Durations(
    "realistic",
    install=35.0,
    pod_timeout=330.0,
    backend=4.0,
    last_backend_retry=1000.0,
    first_retry=10.0,
    last_retry=300.0,
    poll=2.0,
)

PROFILES: Final = {profile.name: profile for profile in (INSTANT, REALISTIC)}
