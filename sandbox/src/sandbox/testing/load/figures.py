"""The figures of a load: what the clients saw, and what it cost the process that serves them."""

import time
from collections import Counter, defaultdict
from typing import Any, Final

import psutil

from sandbox.paths import SandboxPaths
from sandbox.services import AZURE, Services

_SAMPLES: Final = 10
_MIB: Final = 1024 * 1024


class Served:
    """The process of an emulator under load: its CPU seconds, its memory and its database, in time."""

    def __init__(self, paths: SandboxPaths) -> None:
        record = Services(paths, [AZURE]).status()
        if record is None:
            raise RuntimeError("the emulator has ended")
        self._process = psutil.Process(record.pid)
        self._database = paths.arm_database
        self.samples: list[dict[str, float]] = []
        self.cpu_seconds = 0.0
        self.seconds = 0.0

    def begin(self) -> None:
        self._began, self._cpu_before = time.monotonic(), self._cpu()
        self._sample()

    def watch(self, seconds: float) -> None:
        """Take samples while the load lasts."""
        for number in range(1, _SAMPLES + 1):
            time.sleep(max(0.0, self._began + seconds * number / _SAMPLES - time.monotonic()))
            self._sample()

    def end(self) -> None:
        self.seconds, self.cpu_seconds = time.monotonic() - self._began, self._cpu() - self._cpu_before
        self._sample()

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    def _sample(self) -> None:
        files = (self._database.with_name(self._database.name + end) for end in ("", "-wal"))
        database = sum(file.stat().st_size for file in files if file.exists())
        self.samples.append(
            {
                "seconds": round(time.monotonic() - self._began, 1),
                "resident MiB": round(self._process.memory_info().rss / _MIB, 1),
                "database MiB": round(database / _MIB, 1),
            }
        )


def summary(results: list[dict[str, Any]], served: Served) -> dict[str, Any]:
    """Put the results of all processes of clients together."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for result in results:
        for kind, seconds in result["latencies"]:
            by_kind[kind].append(seconds)
    every = sorted(seconds for kind in by_kind.values() for seconds in kind)
    errors = Counter(error for result in results for error in result["errors"])
    return {
        "requests": len(every),
        "requests per second": round(len(every) / served.seconds, 1),
        "ms": _percentiles(every),
        "ms by kind": {kind: _percentiles(sorted(values)) for kind, values in sorted(by_kind.items())},
        "errors": sum(errors.values()),
        "most frequent errors": dict(errors.most_common(5)),
        "clients late by at most s": round(max(result["late"] for result in results), 2),
        "seconds": round(served.seconds, 1),
        "CPU seconds of the emulator": round(served.cpu_seconds, 1),
        "CPU seconds of the clients": round(sum(result["cpu"] for result in results), 1),
        "samples": served.samples,
    }


def _percentiles(ordered: list[float]) -> dict[str, float]:
    if not ordered:
        return {}
    at = {"p50": 0.50, "p90": 0.90, "p99": 0.99, "max": 1.0}
    shown = {name: ordered[min(len(ordered) - 1, int(part * len(ordered)))] for name, part in at.items()}
    return {"count": len(ordered)} | {name: round(seconds * 1000, 1) for name, seconds in shown.items()}
