"""The sandbox as a whole: its parts, in the order in which they need each other."""

import os
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sandbox import azure_cli, commands, environment, helm, parts, project_file
from sandbox import tools as toolchain
from sandbox.azure.address import last_port
from sandbox.azure.aks.agent_pools import AgentPools
from sandbox.azure.store import Store
from sandbox.charts.parts import charts
from sandbox.control_plane import ControlPlane
from sandbox.durations import SandboxDurations
from sandbox.errors import SandboxError
from sandbox.estate.seeding import seed
from sandbox.nodes.aks_nodes import nodes_of
from sandbox.parts import Part
from sandbox.paths import SandboxPaths
from sandbox.plugins import installation as plugins
from sandbox.plugins.known import KUBERNETES
from sandbox.progress import Progress
from sandbox.services import Services


@dataclass(frozen=True)
class PartStatus:
    """One part of the sandbox: whether it runs, what it is, and where."""

    name: str
    running: bool | None
    """None: nothing that runs by itself, but a program, a plugin or a chart."""
    detail: str
    genuine: bool = False
    """False: played."""
    version: str = ""
    """Without a `v`; empty for what is played, and for what does not tell it."""


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
        present = [*_programs(tools), *plugins.install(self.paths, tools), *helm.install(self.paths)]
        commands.install(self.paths)
        ControlPlane(self.paths, tools).up(progress)
        with progress.step("Azure, nodes and Trident, played by emulators"):
            with closing(Store(self.paths.arm_database)) as store:
                apply_nodes(self.paths.kubeconfig, nodes_of(AgentPools(store).every(time.time())))
                seed(store, described)
            Services(self.paths, durations=durations).start()
        parts.keep(self.paths, present)
        for part in (*present, *charts(self.paths)):
            if part.found:
                progress.say(str(part))
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
        kept = {part.name: part for part in parts.kept(self.paths)}
        kubernetes = kept.get("kube-apiserver")
        rest = [*kept.values(), *azure_cli.parts(self.paths), *charts(self.paths)]
        return [
            PartStatus("Azure Resource Manager", served is not None, address),
            PartStatus(
                "Kubernetes control plane",
                cluster.state == "running",
                cluster.server or "",
                genuine=True,
                version=kubernetes.version if kubernetes else "",
            ),
            PartStatus("Nodes", served is not None, process),
            PartStatus("Trident's controllers", served is not None, process),
            *(PartStatus(part.name, None, part.where, part.genuine, part.version) for part in rest),
        ]

    def environment(self) -> dict[str, str]:
        """The environment for `pulumi`, its plugins and Azure's clients.

        Raises:
            SandboxError: the sandbox has never been started here.

        """
        if not (self.paths.tools / "pulumi").exists():
            raise SandboxError("There is no sandbox here yet. Start it: python -m sandbox up")
        return environment.complete(self.paths, self.paths.tools)

    def shell(self) -> dict[str, str]:
        """The environment for commands that a user types, in which `pulumi` is that of `python -m sandbox`."""
        found = self.environment()
        return found | {"PATH": f"{self.paths.commands}{os.pathsep}{found['PATH']}"}

    def require_running(self) -> None:
        """Refuse to go on unless every part runs.

        Raises:
            SandboxError: names what does not run.

        """
        if stopped := [part.name for part in self.status() if part.running is False]:
            raise SandboxError(f"The sandbox does not run ({', '.join(stopped)}). Start it: python -m sandbox up")


def _programs(tools: toolchain.Toolchain) -> list[Part]:
    return [
        Part(
            "kubernetes resource plugin" if name == KUBERNETES.executable else name,
            genuine=True,
            version=tool.version,
            where=str(tool.path),
        )
        for name, tool in tools.tools.items()
    ]
