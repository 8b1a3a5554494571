"""What goes wrong with Trident on purpose. Kept in a file that the running process reads anew each time.

`trident-crds-late`: the operator makes its CustomResourceDefinitions only some time after it has begun.
`trident-never-installed`: the controller's Pod is held back, so that the orchestrator never becomes Installed.
"""

import json
from typing import Final

from sandbox.arm.private_files import write_private
from sandbox.paths import SandboxPaths

CRDS_LATE: Final = "trident-crds-late"
NEVER_INSTALLED: Final = "trident-never-installed"

PRESETS: Final = {CRDS_LATE: 90.0, NEVER_INSTALLED: 0.0}
"""Each fault by name, with its seconds unless others are asked for."""


class TridentFaults:
    """The faults of one sandbox. Setting and reading may happen in different processes."""

    def __init__(self, paths: SandboxPaths) -> None:
        self._file = paths.root / "trident" / "faults.json"

    def set(self, name: str, seconds: float | None = None) -> None:
        """Order a fault, until it is withdrawn.

        Raises:
            ValueError: there is no fault of that name.

        """
        if name not in PRESETS:
            raise ValueError(f"no fault is called {name!r}; there are {', '.join(PRESETS)}")
        self._write({**self.all(), name: PRESETS[name] if seconds is None else seconds})

    def clear(self, name: str | None = None) -> int:
        """Withdraw one fault, or all; returns how many there were."""
        before = self.all()
        left = {known: seconds for known, seconds in before.items() if name not in {None, known}}
        if left != before:
            self._write(left)
        return len(before) - len(left)

    def all(self) -> dict[str, float]:
        """Faults in force, with their seconds."""
        try:
            return {str(name): float(seconds) for name, seconds in json.loads(self._file.read_text()).items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def _write(self, faults: dict[str, float]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_private(self._file, json.dumps(faults).encode())
