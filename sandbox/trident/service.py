"""Starts and stops Trident's controllers as a background process."""

import sys

from sandbox.background import BackgroundProcess, ProcessRecord, read_record
from sandbox.paths import SandboxPaths
from sandbox.trident.durations import PROFILES
from sandbox.trident.ready import ready_file

_NAME = "trident"


class TridentService:
    """The controllers of one sandbox. Its control plane and its Azure must be up, with the nodes applied."""

    def __init__(self, paths: SandboxPaths, durations: str = "instant") -> None:
        if durations not in PROFILES:
            raise ValueError(f"durations {durations!r} is not one of {', '.join(sorted(PROFILES))}")
        self._paths = paths
        self._process = BackgroundProcess(
            _NAME,
            [sys.executable, "-m", "sandbox.trident", "--root", str(paths.root), "--durations", durations],
            paths,
            self._ready,
            awaited="that Trident's controllers have looked at the whole cluster",
        )
        self.log = self._process.log

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
