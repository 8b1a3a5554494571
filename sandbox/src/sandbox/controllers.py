"""Controllers of the sandbox's cluster as background processes, ready once they have looked at the whole cluster."""

import logging
import os
import sys
from pathlib import Path

from sandbox.paths import SandboxPaths
from sandbox.process import BackgroundProcess, read_record


def say_ready(paths: SandboxPaths, name: str) -> None:
    """Said by the process of these controllers, once it has looked at the whole cluster."""
    logging.getLogger(__name__).info("watching the cluster")
    file = _ready_file(paths, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(str(os.getpid()))


def _ready_file(paths: SandboxPaths, name: str) -> Path:
    """Holds the pid of the process that is ready."""
    return paths.root / name / "ready"


class Controllers(BackgroundProcess):
    """Those of one sandbox, run by `python -m sandbox.NAME`. Its control plane must be up, with the nodes applied.

    Args:
        name: names the module, the record and the log.
        paths: the sandbox.
        arguments: added to the command.
        whose: for the error when they are not ready in time, "of the nodes" for instance.

    """

    def __init__(self, name: str, paths: SandboxPaths, *arguments: str, whose: str) -> None:
        command = [sys.executable, "-m", f"sandbox.{name}", "--root", str(paths.root), *arguments]
        awaited = f"that the controllers {whose} have looked at the whole cluster"

        def ready() -> bool:
            record = read_record(paths, name)
            try:
                return record is not None and _ready_file(paths, name).read_text() == str(record.pid)
            except FileNotFoundError:
                return False

        super().__init__(name, command, paths, ready, awaited=awaited)
