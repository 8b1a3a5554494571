"""`python -m sandbox.testing.load`: start an emulator, put a paced load of genuine clients on it, print JSON.

The clients run in processes of their own; the CPU seconds, the memory and the database are those of the emulator.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sandbox.paths import SandboxPaths
from sandbox.testing.azure_alone import azure_alone
from sandbox.testing.load.estate import fill
from sandbox.testing.load.figures import Served, summary


def main() -> int:
    """Run the load that the arguments ask for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.testing.load", description=__doc__)
    parser.add_argument(
        "--clients", type=int, default=50, help="clients, each with a sign-in and connection of its own"
    )
    parser.add_argument("--processes", type=int, default=5, help="processes that the clients share")
    parser.add_argument("--rate", type=float, default=100.0, help="requests per second of all clients; 0: no pace")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the load lasts, after all have signed in")
    parser.add_argument("--volumes", type=int, default=1000, help="volumes that one account has from the beginning")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        json.dump(_run(Path(folder), arguments), sys.stdout, indent=2)
    print()
    return 0


def _run(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    paths = SandboxPaths(folder / "sandbox")
    with azure_alone(paths) as azure:
        fill(azure, arguments.volumes, arguments.clients)
        served = Served(paths)
        workers = [_worker(paths, arguments, number) for number in range(arguments.processes)]
        for worker in workers:
            _line(worker, "ready")
        served.begin()
        for worker in workers:
            _write(worker, "go")
        served.watch(arguments.seconds)
        results = [json.loads(_line(worker, "")) for worker in workers]
        served.end()
        for worker in workers:
            worker.wait(60)
        return {"clients": arguments.clients, "volumes": arguments.volumes} | summary(results, served)


def _worker(paths: SandboxPaths, arguments: argparse.Namespace, number: int) -> "subprocess.Popen[str]":
    mine = range(number, arguments.clients, arguments.processes)
    pause = arguments.clients / arguments.rate if arguments.rate else 0.0
    options = [paths.root, ",".join(map(str, mine)), pause, arguments.seconds, arguments.volumes]
    command = [sys.executable, "-m", "sandbox.testing.load.worker", *map(str, options)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _write(worker: "subprocess.Popen[str]", text: str) -> None:
    if worker.stdin is not None:
        worker.stdin.write(f"{text}\n")
        worker.stdin.flush()


def _line(worker: "subprocess.Popen[str]", expected: str) -> str:
    line = worker.stdout.readline().strip() if worker.stdout is not None else ""
    if not line.startswith(expected) or not line:
        raise RuntimeError(f"a process of clients ended with exit code {worker.wait(60)} (its error is above)")
    return line


if __name__ == "__main__":
    sys.exit(main())
