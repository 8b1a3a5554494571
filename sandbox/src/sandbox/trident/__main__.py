"""Trident's controllers as a process: `python -m sandbox.trident --root DIR`."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from sandbox.controllers import say_ready
from sandbox.paths import SandboxPaths
from sandbox.trident.controllers import TridentControllers
from sandbox.trident.durations import PROFILES
from sandbox.trident.service import NAME


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
    controllers = TridentControllers(paths, PROFILES[arguments.durations])
    stop = threading.Event()

    def end(*_: object) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    controllers.start()
    threading.Thread(target=_announce, args=(controllers, paths), daemon=True).start()
    stop.wait()
    controllers.stop()
    return 0


def _announce(controllers: TridentControllers, paths: SandboxPaths) -> None:
    controllers.await_ready()
    say_ready(paths, NAME)


if __name__ == "__main__":
    sys.exit(main())
