import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.azure.store import Store
from sandbox.control_plane import ControlPlane
from sandbox.kube.api import KubeApi
from sandbox.nodes.kubelet.mounts import MountTable
from sandbox.nodes.lifecycle import apply_nodes
from sandbox.paths import SandboxPaths
from sandbox.tools import ensure
from tests.nodes.world import Azure, RunningKubelets, RunningSandbox, StaticShare, install_driver


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    """An emulator's database with the share `smb` and the user svc-web."""
    store = Store(SandboxPaths(tmp_path).arm_database)
    azure = Azure(store)
    azure.volume("smb")
    azure.user("svc-web", "correct")
    yield azure
    store.close()


@pytest.fixture
def table(tmp_path: Path) -> MountTable:
    return MountTable(tmp_path / "mounts.json")


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    paths = SandboxPaths(tmp_path_factory.mktemp("nodes"))
    toolchain = ensure()
    plane = ControlPlane(paths, toolchain)
    store = Store(paths.arm_database)
    try:
        plane.up()
        apply_nodes(paths.kubeconfig)
        kubelets = RunningKubelets(paths)
        api = KubeApi(paths.kubeconfig)
        running = RunningSandbox(paths, plane, Azure(store), api, toolchain.path("kubectl"), kubelets)
        running.azure.user("svc-web", "correct")
        install_driver(running.api)
        kubelets.start()
        yield running
        kubelets.stop()
    finally:
        store.close()
        plane.delete()


@pytest.fixture
def static_share(running: RunningSandbox) -> Callable[..., StaticShare]:
    """Makes a volume in the emulator and, not yet created, the objects that mount it."""

    def make(volume: bool = True, **changes: Any) -> StaticShare:
        name = f"share-{uuid.uuid4().hex[:8]}"
        share = StaticShare(running, name, **changes)
        if volume:
            share.serve()
        return share

    return make
