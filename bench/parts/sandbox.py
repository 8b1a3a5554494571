"""The sandbox: ready, what `make up` runs, verify of dev, memory, and its Azure under load."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence

import psutil

from bench.parts.scale import verify_seconds
from bench.results import Figure, middle
from bench.sides import Side
from bench.stack_files import dev


def measure_sandbox(side: Side, times: int) -> dict[str, Figure]:
    """Return the figures of the sandbox; leaves dev in it."""
    ready: list[float] = []
    whole: list[float] = []
    verified: list[float] = []
    memory: list[float] = []
    for _ in range(times):
        side.empty()
        (side.folder / "Pulumi.dev.yaml").write_text(json.dumps(dev()))
        began = time.monotonic()
        side.sandbox("up")
        ready.append(round(time.monotonic() - began, 2))
        side.sandbox("pulumi", "up", "--stack", "dev", "--yes", "--skip-preview")
        side.sandbox("run", "--", sys.executable, "-m", "verify", "--write", "--stack", "dev")
        whole.append(round(time.monotonic() - began, 2))
        verified.append(verify_seconds(side, "dev"))
        memory.append(round(_memory_mb(side), 1))
        print(f"  sandbox ready {ready[-1]} s, make up {whole[-1]} s, memory {memory[-1]} MB", flush=True)
    return {
        "sandbox_ready": middle("seconds", ready),
        "make_up": middle("seconds", whole),
        "verify_dev": middle("seconds", verified),
        "sandbox_memory": middle("MB", memory),
    }


def measure_load(seconds: int) -> dict[str, Figure]:
    """Return the p99 of the sandbox's Azure with 50 clients."""
    options = ["--clients", "50", "--rate", "100", "--seconds", str(seconds), "--volumes", "1000"]
    done = subprocess.run(
        [sys.executable, "-m", "sandbox.testing.load", *options], text=True, capture_output=True, check=True
    )
    told = json.loads(done.stdout[done.stdout.index("{") :])
    return {"load_p99": middle("p99 ms", [told["ms"]["p99"]])}


def _memory_mb(side: Side) -> float:
    """Return the memory of the sandbox's processes; what several of them share counts once."""
    return sum(_proportional_mb(pid) for pid in _pids(side))


def _pids(side: Side) -> Sequence[int]:
    records = [json.loads(file.read_text()) for file in side.paths.services.glob("*.json")]
    return [record["pid"] for record in records if "pid" in record]


def _proportional_mb(pid: int) -> float:
    whole = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(getattr(process.memory_full_info(), "pss", process.memory_info().rss) for process in whole) / 2**20
