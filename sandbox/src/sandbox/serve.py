"""`python -m sandbox.serve --root DIR`: Azure, nodes, Trident and chart repositories, in one process."""

import argparse
import logging
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Protocol

from filelock import FileLock, Timeout

from sandbox.azure.aks.agent_pools import AgentPools
from sandbox.azure.server import AzureServer
from sandbox.azure.store import Store
from sandbox.charts import ChartServer, chart_hosts
from sandbox.durations import SandboxDurations
from sandbox.errors import SandboxError
from sandbox.faults import NODES_DNS, StandingFaults
from sandbox.kube.api import KubeApi
from sandbox.nodes.kubelets import Kubelets
from sandbox.nodes.node_pools import NodePools
from sandbox.nodes.smb.servers import SmbServers
from sandbox.paths import SandboxPaths
from sandbox.services import AZURE, CHARTS, NODES, PARTS, TRIDENT, say_ready
from sandbox.tools.vendors import Vendors
from sandbox.trident.controllers import trident_controllers

_TURN_SECONDS: Final = 0.0005
"""A thread that writes a long answer lets others have the interpreter after this time: Python's own 5 ms add up, as a
short request takes several turns."""

_END_SECONDS: Final = 3.0
"""Work may end in this time; the rest is cut off, and repeated from the state of the cluster."""


class Server(Protocol):
    """A server that answers clients from threads of its own."""

    def start(self) -> None:
        """Return when it answers."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


class Controller(Protocol):
    """A loop that follows the cluster."""

    def run(self, stop: threading.Event, ready: threading.Event) -> None:
        """Work until `stop`; `ready` is set once the whole cluster has been looked at."""
        ...

    def interrupt(self) -> None:
        """Let `run` notice at once that it is to stop."""
        ...


def main() -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.serve", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the sandbox's folder")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"some of {','.join(PARTS)}; the default is all")
    parser.add_argument("--port", type=int, help="Azure's port (default: that of the last time, else a free one)")
    parser.add_argument("--durations", help="how long Azure and Trident take: instant, or realistic")
    parser.add_argument("--duration", action="append", default=[], metavar="TYPE:KIND=SECONDS")
    arguments = parser.parse_args()
    paths, parts = SandboxPaths(arguments.root.resolve()), arguments.parts.split(",")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    # Azure's clients log every request and its headers at this level.
    for name in ("azure", "msal", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.setswitchinterval(_TURN_SECONDS)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    paths.services.mkdir(parents=True, exist_ok=True)
    try:
        durations = SandboxDurations.parse(arguments.durations, arguments.duration) or SandboxDurations()
        with FileLock(paths.services / f"serving-{'-'.join(parts)}.lock", timeout=0):
            _serve(paths, parts, durations, arguments.port, stop)
    except Timeout:
        return _fail(f"another process already serves {paths.root}")
    except SandboxError as error:
        return _fail(str(error))
    return 0


def _serve(
    paths: SandboxPaths, parts: Sequence[str], durations: SandboxDurations, port: int | None, stop: threading.Event
) -> None:
    servers: list[Server] = []
    if AZURE in parts:
        servers.append(AzureServer(paths, durations.azure(), port))
    if CHARTS in parts:
        silent = Vendors().unreachable(chart_hosts())
        for host, reason in silent.items():
            logging.info("charts of %s are the sandbox's own: it does not answer (%s)", host, reason)
        servers.append(ChartServer(paths.charts, silent))
    with ExitStack() as running:
        for server in servers:
            server.start()
            running.callback(server.stop)
        _follow_cluster(paths, parts, durations, stop)


def _follow_cluster(
    paths: SandboxPaths, parts: Sequence[str], durations: SandboxDurations, stop: threading.Event
) -> None:
    """Give each controller a thread, say when all are ready, and return after `stop`."""
    controllers = _controllers(paths, parts, durations)
    ready = [threading.Event() for _ in controllers]
    threads = [
        threading.Thread(target=controller.run, args=(stop, is_ready), daemon=True)
        for controller, is_ready in zip(controllers, ready, strict=True)
    ]
    threading.Thread(target=_announce, args=(ready, paths), daemon=True).start()
    for thread in threads:
        thread.start()
    stop.wait()
    for controller in controllers:
        controller.interrupt()
    deadline = time.monotonic() + _END_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _controllers(paths: SandboxPaths, parts: Sequence[str], durations: SandboxDurations) -> list[Controller]:
    if {NODES, TRIDENT}.intersection(parts) and not paths.kubeconfig.is_file():
        raise SandboxError(f"there is no control plane in {paths.root}: {paths.kubeconfig} is missing")
    faults = StandingFaults(Store(paths.arm_database))
    controllers: list[Controller] = []
    if NODES in parts:
        servers = SmbServers(Store(paths.arm_database), lambda: NODES_DNS in faults.all())
        controllers.append(Kubelets(KubeApi(paths.kubeconfig), servers, paths))
        controllers.append(NodePools(KubeApi(paths.kubeconfig), AgentPools(Store(paths.arm_database))))
    if TRIDENT in parts:
        controllers += trident_controllers(paths, faults, durations.profile)
    return controllers


def _announce(ready: Sequence[threading.Event], paths: SandboxPaths) -> None:
    for event in ready:
        event.wait()
    say_ready(paths)


def _fail(message: str) -> int:
    print(f"sandbox.serve: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
