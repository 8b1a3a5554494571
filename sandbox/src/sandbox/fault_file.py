"""Faults on purpose, kept in a file that the process they are for reads anew each time."""

import json
from collections.abc import Mapping
from pathlib import Path

from sandbox.private_files import write_private


class FaultFile:
    """Faults of one part of a sandbox. Setting and reading may happen in different processes.

    `presets`: each fault by name, with its seconds unless others are asked for.
    """

    def __init__(self, file: Path, presets: Mapping[str, float]) -> None:
        self._file = file
        self._presets = presets

    def set(self, name: str, seconds: float | None = None) -> None:
        """Order a fault, until it is withdrawn.

        Raises:
            ValueError: there is no fault of that name.

        """
        if name not in self._presets:
            raise ValueError(f"no fault is called {name!r}; there are {', '.join(self._presets)}")
        self._write({**self.all(), name: self._presets[name] if seconds is None else seconds})

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
