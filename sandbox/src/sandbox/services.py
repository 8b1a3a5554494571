"""The process that plays Azure, nodes, Trident and chart repositories: `python -m sandbox.serve`, in the background."""

import logging
import os
import sys
from collections.abc import Sequence
from typing import Final

from sandbox.azure.entra import credentials
from sandbox.azure.http import certificates
from sandbox.durations import SandboxDurations
from sandbox.paths import SandboxPaths
from sandbox.process import BackgroundProcess, read_record

AZURE: Final = "azure"
NODES: Final = "nodes"
TRIDENT: Final = "trident"
CHARTS: Final = "charts"
PARTS: Final = (AZURE, NODES, TRIDENT, CHARTS)

_NAME: Final = "serve"
_READY_SECONDS: Final = 120


class Services(BackgroundProcess):
    """The served parts of one sandbox. Nodes and Trident need its control plane, with the nodes applied.

    Args:
        paths: the sandbox.
        parts: what is served; all of it by default.
        durations: how long Azure and Trident take.
        port: Azure's; None: that of the last time, or a free one.

    """

    def __init__(
        self,
        paths: SandboxPaths,
        parts: Sequence[str] = PARTS,
        durations: SandboxDurations | None = None,
        port: int | None = None,
    ) -> None:
        command = [sys.executable, "-m", "sandbox.serve", "--root", str(paths.root), "--parts", ",".join(parts)]
        command += (durations or SandboxDurations()).arguments()
        if port is not None:
            command += ["--port", str(port)]
        self._sandbox = paths
        super().__init__(
            _NAME,
            command,
            paths,
            lambda: _ready_pid(paths) == getattr(read_record(paths, _NAME), "pid", None),
            awaited=f"that {', '.join(parts)} answer, and have looked at the whole cluster",
            env={"MALLOC_ARENA_MAX": "2"},  # glibc's own eight a core keep what each of many threads has once used
            start_timeout=_READY_SECONDS,
        )

    def prepare(self) -> None:
        """Create what clients need before the first request: certificates and the owner's credentials."""
        certificates.ensure(self._sandbox)
        credentials.ensure(self._sandbox)


def say_ready(paths: SandboxPaths) -> None:
    """Record that this process serves; said by itself, once it has looked at the whole cluster."""
    logging.getLogger(__name__).info("serving")
    (paths.services / "serve.ready").write_text(str(os.getpid()))


def _ready_pid(paths: SandboxPaths) -> int | None:
    try:
        return int((paths.services / "serve.ready").read_text())
    except (OSError, ValueError):
        return None
