"""The sandbox's Kubernetes: a genuine control plane on loopback, its nodes played by KWOK."""

import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import filelock

from sandbox.control_plane import kubeconfig, node_leases
from sandbox.control_plane.components import COMPONENTS, KWOK, Component, Processes
from sandbox.control_plane.errors import ComponentEndedError, ControlPlaneError, KwokctlFailedError, PortTakenError
from sandbox.control_plane.health import is_healthy
from sandbox.control_plane.kwokctl import Kwokctl
from sandbox.control_plane.ports import LOOPBACK, Ports, holder, is_free
from sandbox.control_plane.record import Record
from sandbox.paths import SandboxPaths
from sandbox.progress import Progress, Step, default_progress, duration
from sandbox.tools import Toolchain

_START_SECONDS = 180.0
_HEALTH_SECONDS = 120.0
_STOP_SECONDS = 60.0
_PORT_SECONDS = 5.0
_ATTEMPTS = 3
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class ControlPlaneStatus:
    """What there is and how it is."""

    state: Literal["absent", "stopped", "degraded", "running"]
    server: str | None
    """The API server's address, once it was chosen."""
    components: dict[str, bool]
    """Each component and whether it runs and is healthy."""


class ControlPlane:
    """etcd, API server, controller manager, scheduler and KWOK's controller of one sandbox.

    Args:
        paths: the sandbox.
        toolchain: needed by `up` alone.

    """

    def __init__(self, paths: SandboxPaths, toolchain: Toolchain | None = None) -> None:
        self._paths = paths
        self._toolchain = toolchain
        self._kwokctl = Kwokctl(paths)
        self._processes = Processes(self._kwokctl.workdir)
        self._pki = self._kwokctl.workdir / "pki"
        self._record_file = paths.kwok / "control-plane.json"

    def up(self, progress: Progress | None = None) -> None:
        """Have it running and healthy, whatever its state is now; what is stored in it is kept.

        Raises:
            ControlPlaneError: a component does not come up (its log is named), or a port of it is taken.

        """
        progress = progress or default_progress()
        with self._lock():
            record = Record.load(self._record_file)
            if record and record.complete and record.folder != str(self._paths.kwok):
                raise ControlPlaneError(
                    f"This sandbox's control plane was made in {record.folder} and cannot be moved. Move it back, or "
                    "give its state up with `python -m sandbox reset`."
                )
            if not (record and record.complete and self._unhealthy(record.ports) is None):
                began = "Starting" if record and record.complete else "Creating"
                with progress.step(f"{began} the Kubernetes control plane") as step:
                    record = self._bring_up(record, step)
            kubeconfig.write(self._paths.kubeconfig, record.ports.apiserver, self._pki)

    def down(self) -> None:
        """Stop it; what is stored in it is kept."""
        with self._lock():
            self._stop()

    def delete(self) -> None:
        """Stop it and remove everything of it."""
        with self._lock():
            self._stop()
            shutil.rmtree(self._paths.kwok, ignore_errors=True)
            self._paths.kubeconfig.unlink(missing_ok=True)

    def status(self) -> ControlPlaneStatus:
        """Look, and change nothing."""
        record = Record.load(self._record_file)
        if record is None:
            return ControlPlaneStatus("absent", None, {component.name: False for component in COMPONENTS})
        running = {component.name: self._processes.is_running(component) for component in COMPONENTS}
        healthy = {each.name: running[each.name] and is_healthy(each, record.ports, self._pki) for each in COMPONENTS}
        state = "running" if all(healthy.values()) else "degraded" if any(running.values()) else "stopped"
        return ControlPlaneStatus(state, f"https://{LOOPBACK}:{record.ports.apiserver}", healthy)

    def _bring_up(self, record: Record | None, step: Step) -> Record:
        if self._toolchain is None:
            raise ControlPlaneError("The control plane cannot be started without its tools.")
        for component in COMPONENTS:
            self._toolchain.path(component.tool)  # says so where it is not among the tools
        self._kwokctl.end_orphans()
        if record is None or not record.complete:
            record = self._begin(record)
        nodes_have_leases = record.complete and not self._processes.is_running(KWOK)
        for attempt in range(1, _ATTEMPTS + 1):
            self._toolchain.link_into(self._kwokctl.tools)
            try:
                self._start(record, step)
                if nodes_have_leases:
                    self._free_nodes(record, step)
                break
            except PortTakenError:
                # They were free when they were chosen; another sandbox may have begun at the same time.
                if record.complete or attempt == _ATTEMPTS:
                    raise
                record = self._begin(None)
            except (ComponentEndedError, KwokctlFailedError):
                # All of them give up when the API server takes long to come: a busy machine.
                if attempt == _ATTEMPTS:
                    raise
        record = replace(record, complete=True)
        record.save(self._record_file)
        return record

    def _begin(self, record: Record | None) -> Record:
        """Start from nothing: what a killed creation has left is removed, its ports are kept if they are free."""
        self._end_processes()
        shutil.rmtree(self._paths.kwok, ignore_errors=True)
        self._paths.kwok.mkdir(parents=True, mode=0o700)
        ports = record.ports if record and record.ports.all_free() else Ports.choose()
        begun = Record(ports, str(self._paths.kwok), complete=False)
        begun.save(self._record_file)
        return begun

    def _start(self, record: Record, step: Step) -> None:
        self._processes.mend_pid_files()
        self._await_ports(record.ports)

        def watch(seconds: float) -> None:
            step.update(duration(seconds))
            self._check_ended()

        try:
            if record.complete:
                self._kwokctl.start(_START_SECONDS, watch)
            else:
                self._kwokctl.create(record.ports, _START_SECONDS, watch)
        except KwokctlFailedError:
            self._check_ended()  # the cause, if a component has
            raise
        self._await_health(record.ports, step)

    def _free_nodes(self, record: Record, step: Step) -> None:
        """Let KWOK's controller begin without the leases of the one before.

        It has another identity at each start, waits until a lease of another's has run out, and begins no Pod on that
        node meanwhile: for minutes. By now it may have met the leases, so that it is started once more without them.
        """
        self._end_processes(KWOK)
        node_leases.forget(record.ports, self._pki)
        self._start(record, step)

    def _await_ports(self, ports: Ports) -> None:
        """Have the ports of what is to be started free. A component that was killed just now holds its own a moment."""
        deadline = time.monotonic() + _PORT_SECONDS
        for component, port in self._processes.stopped_ports(ports):
            while not is_free(port):
                if time.monotonic() > deadline:
                    raise PortTakenError(
                        f"Port {port}, which this sandbox's {component.name} has, is taken by {holder(port)}. End that "
                        "program and try again; or give the sandbox's state up with `python -m sandbox reset`."
                    )
                time.sleep(_POLL_SECONDS)

    def _await_health(self, ports: Ports, step: Step) -> None:
        began = time.monotonic()
        while (waiting_for := self._unhealthy(ports)) is not None:
            self._check_ended()
            passed = time.monotonic() - began
            if passed > _HEALTH_SECONDS:
                log = self._processes.log(next(each for each in COMPONENTS if each.name == waiting_for))
                raise ControlPlaneError(
                    f"{waiting_for} was not healthy within {_HEALTH_SECONDS:.0f} s.\n{self._kwokctl.tail(log)}"
                )
            step.update(f"waiting for {waiting_for}, {duration(passed)}")
            time.sleep(_POLL_SECONDS)

    def _unhealthy(self, ports: Ports) -> str | None:
        """The first component that does not run or does not work."""
        if not all(self._processes.is_running(component) for component in COMPONENTS):
            return next(component.name for component in COMPONENTS if not self._processes.is_running(component))
        return next((each.name for each in COMPONENTS if not is_healthy(each, ports, self._pki)), None)

    def _check_ended(self) -> None:
        """Kwokctl goes on waiting for an API server that has ended long ago; we do not."""
        if ended := self._processes.ended():
            tail = self._kwokctl.tail(self._processes.log(ended[0]))
            raise ComponentEndedError(f"{ended[0].name} ended just after it was started.\n{tail}")

    def _stop(self) -> None:
        if not self._kwokctl.workdir.exists():
            return
        self._kwokctl.end_orphans()
        self._processes.mend_pid_files()
        if self._kwokctl.is_installed() and any(True for _ in self._processes.living()):
            self._kwokctl.stop(_STOP_SECONDS)
        self._end_processes()

    def _end_processes(self, only: Component | None = None) -> None:
        if left := self._processes.end(only):
            names = ", ".join(f"{process.pid}" for process in left)
            raise ControlPlaneError(f"These processes of the control plane cannot be ended: {names}.")
        self._processes.mend_pid_files()

    @contextmanager
    def _lock(self) -> Generator[None]:
        """Two commands at once must not start the same control plane twice."""
        self._paths.root.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(self._paths.root / "control-plane.lock")
        try:
            lock.acquire(timeout=_START_SECONDS + _HEALTH_SECONDS)
        except filelock.Timeout as error:
            raise ControlPlaneError(
                f"Another command has been starting or stopping the control plane of {self._paths.root} for "
                f"{duration(_START_SECONDS + _HEALTH_SECONDS)}. End it and try again."
            ) from error
        try:
            yield
        finally:
            lock.release()
