"""The sandbox as a whole: its parts, in the order in which they need each other."""

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sandbox import environment, project_file
from sandbox import tools as toolchain
from sandbox.azure.address import last_port
from sandbox.azure.store import Store
from sandbox.control_plane import ControlPlane
from sandbox.durations import SandboxDurations
from sandbox.errors import SandboxError
from sandbox.estate.seeding import seed
from sandbox.paths import SandboxPaths
from sandbox.plugins import installation as plugins
from sandbox.progress import Progress
from sandbox.services import Services


@dataclass(frozen=True)
class PartStatus:
    """One part of the sandbox: whether it runs, and where."""

    name: str
    running: bool
    detail: str


class Sandbox:
    """Azure and AKS on this machine. Its methods bring about a state: each may be repeated, and after a crash."""

    def __init__(self, paths: SandboxPaths) -> None:
        self.paths = paths

    def up(self, progress: Progress, durations: SandboxDurations | None = None) -> None:
        """Start what does not run: tools, AKS, Azure, nodes and Trident; and put the engine's plugins in place.

        Azure and Trident are started anew where they run with other durations. None: those of the last time. A new
        sandbox gets the estate of the sandbox.yaml at or above the present folder.
        """
        from sandbox.nodes.lifecycle import apply_nodes  # noqa: PLC0415  the Kubernetes client takes long to load

        self.paths.root.mkdir(parents=True, exist_ok=True)
        described = project_file.estate(Path.cwd())
        durations = durations or SandboxDurations.kept(self.paths)
        tools = toolchain.ensure(progress=progress)
        tools.link_into(self.paths.tools)
        plugins.install(self.paths, tools)
        ControlPlane(self.paths, tools).up(progress)
        with progress.step("Azure, nodes and Trident, played by emulators"):
            apply_nodes(self.paths.kubeconfig)
            with closing(Store(self.paths.arm_database)) as store:
                seed(store, described)
            Services(self.paths, durations=durations).start()
        durations.keep(self.paths)
        if durations != SandboxDurations():
            progress.say(f"Durations: {durations}.")

    def down(self, progress: Progress) -> None:
        """Stop every process. State stays: `up` goes on with it."""
        with progress.step("Stopping Trident, nodes, Azure and the control plane"):
            Services(self.paths).stop()
            ControlPlane(self.paths).down()

    def reset(self, progress: Progress) -> None:
        """Stop everything and delete everything in the sandbox: its Azure, its cluster, its stacks."""
        self.down(progress)
        ControlPlane(self.paths).delete()
        shutil.rmtree(self.paths.root)

    def status(self) -> list[PartStatus]:
        """Each part, running or not."""
        served, cluster = Services(self.paths).status(), ControlPlane(self.paths).status()
        durations = SandboxDurations.kept(self.paths)
        pace = "" if durations == SandboxDurations() else f", durations {durations}"
        address = f"https://127.0.0.1:{last_port(self.paths)}{pace}" if served else ""
        process = f"pid {served.pid}" if served else ""
        return [
            PartStatus("Azure Resource Manager", served is not None, address),
            PartStatus("Kubernetes control plane", cluster.state == "running", cluster.server or ""),
            PartStatus("Nodes", served is not None, process),
            PartStatus("Trident's controllers", served is not None, process),
        ]

    def environment(self) -> dict[str, str]:
        """The environment for `pulumi`, its plugins and Azure's clients.

        Raises:
            SandboxError: the sandbox has never been started here.

        """
        if not (self.paths.tools / "pulumi").exists():
            raise SandboxError("There is no sandbox here yet. Start it: python -m sandbox up")
        return environment.complete(self.paths, self.paths.tools)

    def require_running(self) -> None:
        """Refuse to go on unless every part runs.

        Raises:
            SandboxError: names what does not run.

        """
        if stopped := [part.name for part in self.status() if not part.running]:
            raise SandboxError(f"The sandbox does not run ({', '.join(stopped)}). Start it: python -m sandbox up")
