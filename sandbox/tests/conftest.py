"""A control plane for tests, and which tests run in one process: those that share a cluster."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from sandbox.control_plane import ControlPlane
from sandbox.paths import SandboxPaths
from sandbox.testing.scheduling import TestOrder, let_children_be_interrupted
from sandbox.tools import Toolchain, ensure

_ORDER: Final = TestOrder(
    sharing=[
        ("trident/test_operator", "trident/test_backend_", "trident/test_trident_process"),
        ("trident/test_provisioner.", "trident/test_provisioned_mounts"),
        ("nodes/",),
        ("plugins/kubernetes/", "charts/"),
    ],
    longest=("trident/", "tutorial/", "control_plane/", "nodes/", "plugins/kubernetes/"),
)


def pytest_configure() -> None:
    let_children_be_interrupted()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    _ORDER.sort(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return _ORDER.scheduler(config, log)


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
