"""Starts and stops the node controllers as a background process."""

import sys
from pathlib import Path

from sandbox.background import BackgroundProcess, ProcessRecord, read_record
from sandbox.paths import SandboxPaths

_NAME = "nodes"


def ready_file(paths: SandboxPaths) -> Path:
    """Where the controllers leave their pid once they have looked at the whole cluster."""
    return paths.root / "nodes" / "ready"


class NodesService:
    """The controllers of one sandbox. Its control plane must be up, with the nodes applied."""

    def __init__(self, paths: SandboxPaths) -> None:
        self._paths = paths
        self._process = BackgroundProcess(
            _NAME,
            [sys.executable, "-m", "sandbox.nodes", "--root", str(paths.root)],
            paths,
            self._ready,
            awaited="that the controllers of the nodes have looked at the whole cluster",
        )

    def start(self) -> ProcessRecord:
        """Start them unless they run.

        Raises:
            BackgroundProcessError: they ended or were not ready in time.

        """
        return self._process.start()

    def stop(self) -> bool:
        """End them; True when they ran."""
        return self._process.stop()

    def status(self) -> ProcessRecord | None:
        """The running process, or None."""
        return self._process.status()

    def _ready(self) -> bool:
        record = read_record(self._paths, _NAME)
        try:
            return record is not None and ready_file(self._paths).read_text() == str(record.pid)
        except FileNotFoundError:
            return False
