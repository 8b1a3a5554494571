"""Trident's controllers as a process: `python -m sandbox.trident --root DIR`."""

import argparse
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sandbox.controllers import say_ready
from sandbox.kube.api import KubeApi
from sandbox.kube.controller import Watches
from sandbox.paths import SandboxPaths
from sandbox.trident.backends.azure_login import AzureLogins
from sandbox.trident.backends.backends import Backends
from sandbox.trident.backends.configs import BackendConfigs
from sandbox.trident.backends.factory import BackendFactory
from sandbox.trident.crds import API, ORCHESTRATORS
from sandbox.trident.durations import PROFILES
from sandbox.trident.faults import TridentFaults
from sandbox.trident.operator.operator import Operator
from sandbox.trident.service import NAME
from sandbox.trident.volumes.pace import PACES
from sandbox.trident.volumes.provisioner import Provisioner

_WATCHED: Final = {
    "pods": "/api/v1/pods",
    "nodes": "/api/v1/nodes",
    "secrets": "/api/v1/secrets",
    "service_accounts": "/api/v1/serviceaccounts",
    "deployments": "/apis/apps/v1/deployments",
    "orchestrators": ORCHESTRATORS,
    "backend_configs": f"{API}/tridentbackendconfigs",
    "volumes": f"{API}/tridentvolumes",
}
_END_SECONDS: Final = 3.0
"""What is under way may end; what does not is cut off: all of it can be done again from what the cluster holds."""


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.trident", description="Play Trident in the sandbox.")
    parser.add_argument("--root", type=Path, required=True, help="the sandbox's folder, with its kubeconfig")
    parser.add_argument("--durations", choices=sorted(PROFILES), default="instant", help="how long its work takes")
    arguments = parser.parse_args()
    paths = SandboxPaths(arguments.root.resolve())
    if not paths.kubeconfig.is_file():
        sys.stderr.write(f"there is no control plane in {paths.root}: {paths.kubeconfig} is missing\n")
        return 1
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    # Azure's clients log every request and its headers at this level.
    for name in ("azure", "msal", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    durations = PROFILES[arguments.durations]
    api = KubeApi(paths.kubeconfig)
    watches = Watches(api, _WATCHED)
    backends = Backends(api)
    operator = Operator(api, watches, TridentFaults(paths), durations)
    configs = BackendConfigs(api, watches, backends, BackendFactory(api, AzureLogins(api, paths)), durations)
    pace = PACES[durations.name]
    provisioner = Provisioner(KubeApi(paths.kubeconfig), backends, pace)
    stop = threading.Event()

    def end(*_: object) -> None:
        stop.set()
        for controller in (operator, configs, provisioner):
            controller.interrupt()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    watches.start()
    _work([operator.run, configs.run, provisioner.run], stop, paths)
    return 0


def _work(
    runs: list[Callable[[threading.Event, threading.Event], None]], stop: threading.Event, paths: SandboxPaths
) -> None:
    """Give each controller a thread, say when all are ready, and wait for the end."""
    ready = [threading.Event() for _ in runs]
    threads = [
        threading.Thread(target=run, args=(stop, is_ready), daemon=True)
        for run, is_ready in zip(runs, ready, strict=True)
    ]
    threading.Thread(target=_announce, args=(ready, paths), daemon=True).start()
    for thread in threads:
        thread.start()
    stop.wait()
    deadline = time.monotonic() + _END_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _announce(ready: list[threading.Event], paths: SandboxPaths) -> None:
    for event in ready:
        event.wait()
    say_ready(paths, NAME)


if __name__ == "__main__":
    sys.exit(main())
