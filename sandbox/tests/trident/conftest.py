from collections.abc import Iterator

import pytest

from sandbox.control_plane import ControlPlane
from sandbox.kube.api import KubeApi
from sandbox.nodes.lifecycle import apply_nodes
from sandbox.paths import SandboxPaths
from sandbox.services import AZURE, TRIDENT, Services
from sandbox.testing.azure_clients import AzureClients
from sandbox.tools import Toolchain
from tests.trident.volumes_world import VolumesWorld, volumes_world
from tests.trident.world import TridentSandbox, prepare_azure


@pytest.fixture(scope="package")
def trident_sandbox(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TridentSandbox]:
    """A cluster with nodes, an Azure and Trident's controllers as processes; no Trident is installed."""
    paths = SandboxPaths(tmp_path_factory.mktemp("trident"))
    plane, service = ControlPlane(paths, toolchain), Services(paths, [AZURE, TRIDENT])
    try:
        plane.up()
        apply_nodes(paths.kubeconfig)
        service.start()
        yield TridentSandbox(paths, KubeApi(paths.kubeconfig), AzureClients(paths), service)
    finally:
        service.stop()
        plane.delete()


@pytest.fixture
def cluster(trident_sandbox: TridentSandbox) -> TridentSandbox:
    """The sandbox without Trident; its kinds may be there."""
    trident_sandbox.clear()
    return trident_sandbox


@pytest.fixture
def fresh_cluster(cluster: TridentSandbox) -> TridentSandbox:
    """The sandbox without Trident's kinds either."""
    cluster.clear_kinds()
    return cluster


@pytest.fixture(scope="module")
def trident(trident_sandbox: TridentSandbox) -> TridentSandbox:
    """Trident installed, and an Azure with one pool and one delegated subnet."""
    trident_sandbox.clear()
    prepare_azure(trident_sandbox.azure)
    trident_sandbox.installed()
    return trident_sandbox


@pytest.fixture(scope="package")
def volumes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VolumesWorld]:
    """A cluster and an Azure with a provisioner between them: for claims, and for what mounts them."""
    with volumes_world(tmp_path_factory.mktemp("volumes")) as world:
        yield world
