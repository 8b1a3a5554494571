"""The port of the sandbox's Azure: kept in a file that outlives the process, so that a restart has the same address."""

import json
from typing import Final

from sandbox.paths import SandboxPaths
from sandbox.private_files import write_private

_FILE: Final = "arm-address.json"


def last_port(paths: SandboxPaths) -> int | None:
    try:
        return int(json.loads((paths.services / _FILE).read_text())["port"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep_port(paths: SandboxPaths, port: int) -> None:
    write_private(paths.services / _FILE, json.dumps({"port": port}).encode())
