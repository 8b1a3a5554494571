"""The port of the sandbox's Azure: kept in a file that outlives the process, so that a restart has the same address."""

import json
from pathlib import Path

from sandbox.paths import SandboxPaths
from sandbox.private_files import write_private


def last_port(paths: SandboxPaths) -> int | None:
    try:
        return int(json.loads(_file(paths).read_text())["port"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep_port(paths: SandboxPaths, port: int) -> None:
    write_private(_file(paths), json.dumps({"port": port}).encode())


def _file(paths: SandboxPaths) -> Path:
    return paths.services / "arm-address.json"
