from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.cluster import ControlPlane
from sandbox.paths import SandboxPaths
from sandbox.toolchain import Toolchain, ensure


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


@pytest.fixture(scope="session")
def control_plane(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningControlPlane]:
    paths = SandboxPaths(tmp_path_factory.mktemp("control-plane"))
    plane = ControlPlane(paths, toolchain)
    try:
        plane.up()
        yield RunningControlPlane(paths, toolchain)
    finally:
        plane.delete()
