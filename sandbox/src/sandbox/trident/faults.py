"""What goes wrong with Trident on purpose.

`trident-crds-late`: the operator makes its CustomResourceDefinitions only some time after it has begun.
`trident-never-installed`: the controller's Pod is held back, so that the orchestrator never becomes Installed.
"""

from typing import Final

from sandbox.fault_file import FaultFile
from sandbox.paths import SandboxPaths

CRDS_LATE: Final = "trident-crds-late"
NEVER_INSTALLED: Final = "trident-never-installed"

PRESETS: Final = {CRDS_LATE: 90.0, NEVER_INSTALLED: 0.0}
"""Each fault by name, with its seconds unless others are asked for."""


class TridentFaults(FaultFile):
    """The faults of one sandbox's Trident."""

    def __init__(self, paths: SandboxPaths) -> None:
        super().__init__(paths.root / "trident" / "faults.json", PRESETS)
