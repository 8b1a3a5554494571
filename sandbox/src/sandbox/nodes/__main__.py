"""The node controllers as a process: `python -m sandbox.nodes --root DIR`."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from sandbox.azure.store import Store
from sandbox.controllers import say_ready
from sandbox.kube.api import KubeApi
from sandbox.nodes.faults import DNS, NodeFaults
from sandbox.nodes.kubelets import Kubelets
from sandbox.nodes.service import NAME
from sandbox.nodes.smb.servers import SmbServers
from sandbox.paths import SandboxPaths


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.nodes", description="Play the kubelets of the sandbox's nodes."
    )
    parser.add_argument("--root", type=Path, required=True, help="the sandbox's folder, with its kubeconfig")
    paths = SandboxPaths(parser.parse_args().root.resolve())
    if not paths.kubeconfig.is_file():
        sys.stderr.write(f"there is no control plane in {paths.root}: {paths.kubeconfig} is missing\n")
        return 1
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    faults = NodeFaults(paths)
    servers = SmbServers(Store(paths.arm_database), lambda: DNS in faults.all())
    kubelets = Kubelets(KubeApi(paths.kubeconfig), servers, paths)
    stop, ready = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        stop.set()
        kubelets.interrupt()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threading.Thread(target=_announce, args=(ready, paths), daemon=True).start()
    kubelets.run(stop, ready)
    return 0


def _announce(ready: threading.Event, paths: SandboxPaths) -> None:
    ready.wait()
    say_ready(paths, NAME)


if __name__ == "__main__":
    sys.exit(main())
