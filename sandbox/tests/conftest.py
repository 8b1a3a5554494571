from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.control_plane import ControlPlane
from sandbox.paths import SandboxPaths
from sandbox.tools import Toolchain, ensure


@dataclass(frozen=True)
class RunningControlPlane:
    """A real API server with its controllers, and no nodes."""

    paths: SandboxPaths
    toolchain: Toolchain

    @property
    def kubeconfig(self) -> Path:
        return self.paths.kubeconfig


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return ensure()


@contextmanager
def running_control_plane(folder: Path, toolchain: Toolchain) -> Generator[RunningControlPlane]:
    """A control plane for the tests of a folder or of a file."""
    paths = SandboxPaths(folder)
    plane = ControlPlane(paths, toolchain)
    try:
        plane.up()
        yield RunningControlPlane(paths, toolchain)
    finally:
        plane.delete()
