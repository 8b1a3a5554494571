"""The emulator's process and port, in a file that outlives it, so that a restart keeps the address."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from sandbox.arm.private_files import write_private
from sandbox.paths import SandboxPaths

_TOLERANCE_SECONDS = 10.0
"""By how much a change of the clock may move the time at which a process is said to have started."""


@dataclass(frozen=True)
class Instance:
    """A process that serves, or served, a sandbox. `started` is when, in seconds since the epoch."""

    pid: int
    started: float
    port: int
    durations: str

    @classmethod
    def current(cls, port: int, durations: str) -> "Instance":
        """The one that calls."""
        return cls(os.getpid(), psutil.Process().create_time(), port, durations)

    @classmethod
    def read(cls, paths: SandboxPaths) -> "Instance | None":
        """The last one of a sandbox; None if there was none or its file is damaged."""
        try:
            return cls(**json.loads(_file(paths).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, paths: SandboxPaths) -> None:
        """Record it as the last one."""
        write_private(_file(paths), json.dumps(asdict(self)).encode())

    def process(self, paths: SandboxPaths) -> psutil.Process | None:
        """The process, if it still runs and is that one: not another to which the system has given its pid since."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < _TOLERANCE_SECONDS
            command = process.cmdline()
            same = same and "sandbox.arm" in command and str(paths.root) in command
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


def _file(paths: SandboxPaths) -> Path:
    return paths.services / "arm.json"
