"""The results of a run as JSON: figures with their samples, machine, versions and date."""

import datetime
import importlib.metadata
import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil

_PACKAGES = ("pulumi", "pulumi-azure-native", "pulumi-kubernetes", "grpcio")


@dataclass(frozen=True)
class Figure:
    """The value of one row, and what it was computed from."""

    value: float
    samples: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    """Single measurements by what they measure, such as `program seconds`."""
    volumes: int | None = None
    """The number of volumes, in rows at scale."""


def ratio(samples: Mapping[str, Sequence[float]], ours: str, flat: str, volumes: int | None = None) -> Figure:
    """Return the ratio of two medians."""
    value = statistics.median(samples[ours]) / statistics.median(samples[flat])
    return Figure(value, {ours: samples[ours], flat: samples[flat]}, volumes)


def middle(name: str, values: Sequence[float], volumes: int | None = None) -> Figure:
    """Return the median of a measurement."""
    return Figure(statistics.median(values), {name: values}, volumes)


@dataclass
class Run:
    """One run of the benchmarks. Parts may run one by one into the same run."""

    date: str = ""
    machine: str = ""
    versions: dict[str, str] = field(default_factory=dict[str, str])
    figures: dict[str, Figure] = field(default_factory=dict[str, Figure])
    busiest: float = 0.0
    """The highest load average of a minute at the end of a part: above the number of cores, others worked beside."""
    series: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    """Seconds by number of volumes, of each command that grows."""

    def add(self, figures: Mapping[str, Figure]) -> None:
        """Record figures and where they come from."""
        self.date = datetime.datetime.now(datetime.UTC).date().isoformat()
        self.machine = machine()
        self.versions = versions()
        self.busiest = max(self.busiest, round(os.getloadavg()[0], 1))
        self.figures |= figures

    def save(self, file: Path) -> None:
        """Write the run."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n")

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a run; one without figures if there is no file."""
        if not file.exists():
            return cls()
        content: dict[str, Any] = json.loads(file.read_text())
        content["figures"] = {key: Figure(**value) for key, value in content["figures"].items()}
        return cls(**content)


def machine() -> str:
    """Return processors, memory and system of this machine."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def versions() -> dict[str, str]:
    """Return the versions that the figures depend on."""
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in _PACKAGES}
