import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.control_plane import ControlPlane
from sandbox.control_plane.components import HEALTH
from sandbox.paths import SandboxPaths
from sandbox.progress import PlainProgress
from sandbox.tools import Toolchain, ensure


class Cluster:
    """The control plane under test, as its users see it."""

    def __init__(self, root: Path, toolchain: Toolchain) -> None:
        self.paths = SandboxPaths(root)
        self.toolchain = toolchain
        self.plane = ControlPlane(self.paths, toolchain)

    def up(self) -> list[str]:
        """Start it; return the lines that a person sees meanwhile."""
        output = io.StringIO()
        self.plane.up(PlainProgress(output))
        return output.getvalue().splitlines()

    def kubectl(self, *arguments: str) -> str:
        argv = [str(self.toolchain.path("kubectl")), "--kubeconfig", str(self.paths.kubeconfig), *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=180).stdout

    def processes(self) -> dict[str, psutil.Process]:
        """The components that run, told by their command lines and not by records."""
        found: dict[str, psutil.Process] = {}
        for process in psutil.process_iter(["cmdline"]):
            command: list[str] = process.info["cmdline"] or [""]
            name = Path(command[0]).name
            if name in HEALTH and any(f"{self.paths.control_plane}/" in argument for argument in command):
                assert name not in found, f"two of {name}"
                found[name] = process
        return found


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return ensure([*HEALTH, "kubectl"])


@pytest.fixture(scope="module")
def cluster(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("sandbox"), toolchain)
    yield cluster
    cluster.plane.delete()


@pytest.fixture
def another(toolchain: Toolchain, tmp_path: Path) -> Iterator[Cluster]:
    """A sandbox of this test alone, in which nothing was started."""
    another = Cluster(tmp_path / "sandbox", toolchain)
    yield another
    another.plane.delete()


@pytest.fixture
def up_in_background() -> Iterator[Callable[[Path], "subprocess.Popen[bytes]"]]:
    """Another process that runs `ControlPlane.up`."""
    children: list[subprocess.Popen[bytes]] = []
    program = (
        "import sys; from pathlib import Path\n"
        "from sandbox.control_plane import ControlPlane; from sandbox.paths import SandboxPaths\n"
        "from sandbox.control_plane.components import HEALTH; from sandbox.tools import ensure\n"
        "ControlPlane(SandboxPaths(Path(sys.argv[1])), ensure(HEALTH)).up()\n"
    )

    def start(root: Path) -> "subprocess.Popen[bytes]":
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        children.append(subprocess.Popen([sys.executable, "-c", program, str(root)], env=env))
        return children[-1]

    yield start
    for child in children:
        child.kill()
        child.wait()
