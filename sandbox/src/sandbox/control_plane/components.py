"""The control plane's processes, as they are and not as pid files say.

kwokctl goes by pid files alone: after a reboot, or when a killed process is not reaped, it takes any process with that
number for its component, neither starts the component nor, on `stop`, kills the right one. So before kwokctl is asked
for anything, the pid files are made to say what is true.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from sandbox.control_plane.ports import Ports

_END_SECONDS = 10.0


@dataclass(frozen=True)
class Component:
    """One process. kwokctl names its link, its pid file and its log after it."""

    name: str
    tool: str
    ports: tuple[str, ...]
    """Fields of `Ports`."""

    @property
    def option(self) -> str:
        """The option of kwokctl's configuration that names its binary."""
        head, *rest = self.name.split("-")
        return head + "".join(word.capitalize() for word in rest) + "Binary"


KWOK = Component("kwok-controller", "kwok", ("kwok",))
COMPONENTS = (
    Component("etcd", "etcd", ("etcd", "etcd_peer")),
    Component("kube-apiserver", "kube-apiserver", ("apiserver",)),
    Component("kube-controller-manager", "kube-controller-manager", ("controller_manager",)),
    Component("kube-scheduler", "kube-scheduler", ("scheduler",)),
    KWOK,
)


class Processes:
    """The components' processes of the cluster whose files are in `workdir`."""

    def __init__(self, workdir: Path) -> None:
        self._workdir = workdir

    def log(self, component: Component) -> Path:
        """Its output since its last start."""
        return self._workdir / "logs" / f"{component.name}.log"

    def program(self, component: Component) -> Path:
        """Kwokctl's link to the component's binary: what a process of this cluster was started as."""
        return self._workdir / "bin" / component.name

    def is_running(self, component: Component) -> bool:
        """Whether the process in its pid file lives and is the component."""
        try:
            process = psutil.Process(int(self._pid_file(component).read_text()))
            return self._is(component, process)
        except (OSError, ValueError, psutil.Error):
            return False

    def ended(self) -> list[Component]:
        """Components that kwokctl has started and that do not run any more."""
        return [each for each in COMPONENTS if self._pid_file(each).exists() and not self.is_running(each)]

    def mend_pid_files(self) -> None:
        """Make each pid file name the living process, or be absent."""
        living = {component.name: process.pid for component, process in self.living()}
        for component in COMPONENTS:
            file = self._pid_file(component)
            if component.name in living:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(str(living[component.name]))
            else:
                file.unlink(missing_ok=True)

    def living(self) -> Iterator[tuple[Component, psutil.Process]]:
        """Every process of this cluster, whether a pid file names it or not."""
        for process in psutil.process_iter():
            for component in COMPONENTS:
                with suppress(psutil.Error):
                    if self._is(component, process):
                        yield component, process

    def end(self, only: Component | None = None) -> list[psutil.Process]:
        """End whatever still lives, as kwokctl does it (etcd is made for that), and return what could not be ended."""
        processes = [process for component, process in self.living() if only in {None, component}]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        return psutil.wait_procs(processes, timeout=_END_SECONDS)[1]

    def stopped_ports(self, ports: Ports) -> Iterator[tuple[Component, int]]:
        """Ports of components that do not run, each with its component."""
        for component in COMPONENTS:
            if not self.is_running(component):
                yield from ((component, int(getattr(ports, name))) for name in component.ports)

    def _is(self, component: Component, process: psutil.Process) -> bool:
        command = process.cmdline()  # empty for a process that has ended and waits to be reaped
        return bool(command) and command[0] == str(self.program(component))

    def _pid_file(self, component: Component) -> Path:
        return self._workdir / "pids" / f"{component.name}.pid"
