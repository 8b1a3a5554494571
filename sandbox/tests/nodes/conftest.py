import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.azure.store import Store
from sandbox.control_plane import ControlPlane
from sandbox.kube.api import KubeApi
from sandbox.nodes import apply_lifecycle
from sandbox.nodes.service import NodesService
from sandbox.paths import SandboxPaths
from sandbox.tools import ensure
from tests.nodes.world import FQDN, Azure, RunningSandbox, StaticShare, install_driver


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    """An emulator's database with the share `smb` and the user svc-web."""
    store = Store(SandboxPaths(tmp_path).arm_database)
    azure = Azure(store)
    azure.volume("smb")
    azure.user("svc-web", "correct")
    yield azure
    store.close()


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    paths = SandboxPaths(tmp_path_factory.mktemp("nodes"))
    toolchain = ensure()
    plane = ControlPlane(paths, toolchain)
    service = NodesService(paths)
    store = Store(paths.arm_database)
    try:
        plane.up()
        apply_lifecycle(paths.kubeconfig)
        service.start()
        running = RunningSandbox(paths, plane, Azure(store), KubeApi(paths.kubeconfig), toolchain.path("kubectl"))
        running.azure.user("svc-web", "correct")
        install_driver(running.api)
        yield running
    finally:
        service.stop()
        store.close()
        plane.delete()


@pytest.fixture
def static_share(running: RunningSandbox) -> Callable[..., StaticShare]:
    """Makes a volume in the emulator and, not yet created, the objects that mount it."""

    def make(volume: bool = True, **changes: Any) -> StaticShare:
        name = f"share-{uuid.uuid4().hex[:8]}"
        if volume:
            running.azure.volume(name)
        settings: dict[str, Any] = {"source": f"\\\\{FQDN}\\{name}", **changes}
        return StaticShare(running, name, **settings)

    return make
