import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.cluster import ControlPlane
from sandbox.nodes import apply_lifecycle
from sandbox.paths import SandboxPaths
from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.settings import ProviderSettings
from sandbox.toolchain import Toolchain
from tests.sandbox.helm.releases import HelmByHand, Program, write_chart


@pytest.fixture(scope="package", autouse=True)
def helm_on_path(toolchain: Toolchain) -> Iterator[None]:
    """The plugin finds helm on PATH, where `python -m sandbox` puts it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{toolchain.path('helm').parent}{os.pathsep}{os.environ['PATH']}")
        yield


@pytest.fixture(scope="package")
def helm_cluster(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of a control plane with nodes: charts are installed cluster-wide, so these tests share none."""
    paths = SandboxPaths(tmp_path_factory.mktemp("helm"))
    plane = ControlPlane(paths, toolchain)
    try:
        plane.up()
        apply_lifecycle(paths.kubeconfig)
        yield paths.kubeconfig
    finally:
        plane.delete()


@pytest.fixture(scope="package")
def by_hand(toolchain: Toolchain, helm_cluster: Path, tmp_path_factory: pytest.TempPathFactory) -> HelmByHand:
    return HelmByHand(toolchain, helm_cluster, tmp_path_factory.mktemp("home"))


@pytest.fixture
def program(helm_cluster: Path) -> Program:
    """A release in the cluster."""
    return Program(Cluster(ProviderSettings(kubeconfig=str(helm_cluster))))


@pytest.fixture
def offline_program() -> Program:
    """A release of which only what needs no cluster is asked."""
    return Program(Cluster(ProviderSettings(kubeconfig="{}")))


@pytest.fixture
def chart(tmp_path: Path) -> Callable[..., str]:
    """Writes a chart and gives its path."""

    def write(*templates: str, name: str = "toy", **more: str) -> str:
        return str(write_chart(tmp_path / name, *templates, **more))

    return write


@pytest.fixture
def silent_repository() -> str:
    """The address of a chart repository that does not answer."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/charts"
