"""How patient the sidecars beside Trident's controller are; Azure's own times are the emulator's business."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Pace:
    """Seconds."""

    first_retry: float
    """After a first failure; doubled with each further one."""
    last_retry: float
    """No wait is longer, and what cannot succeed (InvalidArgument) is not tried again earlier."""
    poll: float
    """Between two looks at an Azure operation that Trident waits for: a resize."""

    def delay(self, failures: int) -> float:
        """How long to wait after so many failures in a row."""
        return min(self.first_retry * 2 ** min(failures - 1, 32), self.last_retry)


REALISTIC: Final = Pace(first_retry=10.0, last_retry=300.0, poll=2.0)
"""The sidecars' arguments --retry-interval-start and --retry-interval-max, and the driver's interval
(cli/k8s_client/yaml_factory.go, storage_drivers/azure/api/azure.go in NetApp/trident)."""

INSTANT: Final = Pace(first_retry=0.1, last_retry=1.0, poll=0.02)

PACES: Final = {"instant": INSTANT, "realistic": REALISTIC}
"""By the names of `sandbox.trident.durations.PROFILES`."""
