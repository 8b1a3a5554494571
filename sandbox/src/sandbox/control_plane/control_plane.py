"""The sandbox's Kubernetes: a genuine control plane on loopback, its nodes played by kwok."""

import os
import shutil
import ssl
import threading
import time
from collections.abc import Collection, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Literal

import filelock
import psutil

from sandbox.control_plane import ports
from sandbox.control_plane.certificates import Certificates
from sandbox.control_plane.components import HEALTH, Component, arguments, is_healthy
from sandbox.control_plane.errors import ControlPlaneError
from sandbox.paths import SandboxPaths
from sandbox.process import BackgroundProcessError, read_record
from sandbox.progress import Progress, Step, default_progress, duration
from sandbox.tools import Toolchain

_LOCK_SECONDS = 300.0
_KILL_SECONDS = 30.0
_POLL_SECONDS = 0.02
_MOMENT_SECONDS = 1.0
_PROGRAMS = {*HEALTH, "kwok-controller"}  # kwokctl's name for kwok


@dataclass(frozen=True)
class ControlPlaneStatus:
    """The state of the control plane and of its components."""

    state: Literal["absent", "stopped", "degraded", "running"]
    server: str | None
    """The API server's address, once it was chosen."""
    components: dict[str, bool]
    """Each component, True when it runs and is healthy."""


class ControlPlane:
    """etcd, API server, controller manager, scheduler and kwok of one sandbox; `up` alone needs the toolchain."""

    def __init__(self, paths: SandboxPaths, toolchain: Toolchain | None = None) -> None:
        self._paths = paths
        self._toolchain = toolchain
        self._certificates = Certificates(paths.control_plane / "certificates")
        self._ports = paths.control_plane / "ports.json"
        self._kwokctl = paths.root / "kwok"

    def up(self, progress: Progress | None = None) -> None:
        """Have it running and healthy, whatever its state is now; what is stored in it is kept."""
        if self._kwokctl.exists():
            raise ControlPlaneError(
                f"The control plane of this sandbox, in {self._kwokctl}, was created by an earlier version and cannot "
                "be started by this one. Delete the sandbox with all that is in it: `python -m sandbox reset`."
            )
        programs = self._programs()
        with self._lock():
            self._paths.control_plane.mkdir(mode=0o700, exist_ok=True)
            began = "Starting" if self._certificates.ca.exists() else "Creating"
            self._certificates.ensure()
            components = self._components(programs, self._settle())
            if not all(component.is_well() for component in components.values()):
                with (progress or default_progress()).step(f"{began} the Kubernetes control plane") as step:
                    self._start(programs, step)

    def down(self) -> None:
        """Stop it; what is stored in it is kept."""
        with self._lock():
            self._stop()

    def delete(self) -> None:
        """Stop it and remove everything of it."""
        with self._lock():
            self._stop()
            for folder in (self._paths.control_plane, self._kwokctl):
                shutil.rmtree(folder, ignore_errors=True)
            self._paths.kubeconfig.unlink(missing_ok=True)

    def status(self) -> ControlPlaneStatus:
        at = ports.load(self._ports)
        if not at.keys() >= HEALTH.keys():
            return ControlPlaneStatus("absent", None, dict.fromkeys(HEALTH, False))
        running = {name for name, process in self._recorded().items() if process}
        healthy = dict.fromkeys(HEALTH, False)
        with suppress(OSError):  # no certificates, or damaged ones
            tls = self._certificates.tls()
            healthy = {name: name in running and _is_well(name, at[name], tls) for name in HEALTH}
        state = "running" if all(healthy.values()) else "degraded" if running else "stopped"
        return ControlPlaneStatus(state, f"https://{ports.LOOPBACK}:{at['kube-apiserver']}", healthy)

    def _programs(self) -> dict[str, Path]:
        if self._toolchain is None:
            raise ControlPlaneError("The control plane cannot be started without its tools.")
        programs = {name: self._toolchain.path(name) for name in HEALTH}
        for program in programs.values():
            if not os.access(program, os.X_OK):
                raise ControlPlaneError(f"{program} is gone or cannot be run. `python -m sandbox up` gets it again.")
        return programs

    def _settle(self) -> dict[str, int]:
        return ports.settle(self._ports, HEALTH, [name for name, process in self._recorded().items() if process])

    def _components(
        self, programs: Mapping[str, Path], at: Mapping[str, int], step: Step | None = None
    ) -> dict[str, Component]:
        self._certificates.write_kubeconfig(self._paths.kubeconfig, at["kube-apiserver"])
        given = arguments(self._paths, self._certificates, at)
        tls = self._certificates.tls()
        began = time.monotonic()

        def check(name: str) -> bool:
            if step:
                step.update(f"waiting for {name}, {duration(time.monotonic() - began)}")
            return is_healthy(name, at[name], tls)

        return {
            name: Component(name, [str(program), *given[name]], self._paths, partial(check, name))
            for name, program in programs.items()
        }

    def _start(self, programs: Mapping[str, Path], step: Step) -> None:
        at = self._settle()
        components = self._components(programs, at, step)
        asked = components.keys()
        if not components["etcd"].is_well():
            asked -= {"etcd", "kube-apiserver"}  # not ready without etcd either, and slow to answer so
        self._kill(all_but=[name for name in asked if components[name].is_well()])
        if self._settle() != at:  # another program took a port of one that was killed
            self._start(programs, step)
            return
        try:
            self._start_components(components, at)
        except BackgroundProcessError as error:
            if self._settle() == at:
                raise ControlPlaneError(str(error)) from error
            self._start(programs, step)  # another program took a port just before its component

    def _start_components(self, components: Mapping[str, Component], at: Mapping[str, int]) -> None:
        # The Kubernetes client takes long to load: while the API server starts.
        threading.Thread(target=import_module, args=("sandbox.control_plane.kwok",), daemon=True).start()
        components["etcd"].start()
        components["kube-apiserver"].start()
        if not components["kwok"].status():
            from sandbox.control_plane import kwok  # noqa: PLC0415  see above

            kwok.prepare(self._paths.kubeconfig, at["kwok"])
        with ThreadPoolExecutor() as at_once:
            list(at_once.map(Component.start, components.values()))

    def _stop(self) -> None:
        self._kill()
        for name in HEALTH:
            (self._paths.services / f"{name}.json").unlink(missing_ok=True)

    def _recorded(self) -> dict[str, psutil.Process | None]:
        records = {name: read_record(self._paths, name) for name in HEALTH}
        return {name: record.process() if record else None for name, record in records.items()}

    def _kill(self, all_but: Collection[str] = ()) -> None:
        """Kill the components, also those that no record names: a killed `up` or an earlier version left them.

        None is asked to end: etcd is made for being killed, and an API server waits for its clients, which end with it.
        """
        recorded = self._recorded()
        kept = [recorded[name] for name in all_but]
        folders = (f"{self._paths.control_plane}{os.sep}", f"{self._kwokctl}{os.sep}")
        doomed = [process for process in recorded.values() if process and process not in kept]
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                argv = process.cmdline()
                ours = any(folder in argument for folder in folders for argument in argv)
                if ours and Path(argv[0]).name in _PROGRAMS and process not in [*kept, *doomed]:
                    doomed.append(process)
        for process in doomed:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        deadline = time.monotonic() + _KILL_SECONDS
        while left := [process for process in doomed if _lives(process)]:
            if time.monotonic() > deadline:
                pids = ", ".join(str(process.pid) for process in left)
                raise ControlPlaneError(f"These processes of the control plane cannot be ended: {pids}.")
            time.sleep(_POLL_SECONDS)

    @contextmanager
    def _lock(self) -> Generator[None]:
        """Two commands at once must not start the same control plane twice."""
        self._paths.root.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(self._paths.root / "control-plane.lock")
        try:
            lock.acquire(timeout=_LOCK_SECONDS)
        except filelock.Timeout as error:
            raise ControlPlaneError(
                f"Another command has been starting or stopping the control plane of {self._paths.root} for "
                f"{duration(_LOCK_SECONDS)}. End it and try again."
            ) from error
        try:
            yield
        finally:
            lock.release()


def _is_well(name: str, port: int, tls: ssl.SSLContext) -> bool:
    """Look twice: an API server says once that it is not ready when its etcd was slow for a moment."""
    if is_healthy(name, port, tls):
        return True
    time.sleep(_MOMENT_SECONDS)
    return is_healthy(name, port, tls)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
