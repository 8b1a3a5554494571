"""Where the emulator serves: a file that outlives it, so that a restart keeps the address."""

import json
from dataclasses import asdict, dataclass

from sandbox.paths import SandboxPaths
from sandbox.private_files import write_private

_FILE = "arm-address.json"


@dataclass(frozen=True)
class Instance:
    """A process that serves, or served, a sandbox."""

    pid: int
    port: int

    @classmethod
    def read(cls, paths: SandboxPaths) -> "Instance | None":
        """The last one of a sandbox; None if there was none or its file is damaged."""
        try:
            return cls(**json.loads((paths.services / _FILE).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, paths: SandboxPaths) -> None:
        """Record it as the last one."""
        write_private(paths.services / _FILE, json.dumps(asdict(self)).encode())
