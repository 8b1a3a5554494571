"""One command, measured: time, CPU seconds of it and its children, and the memory of the Pulumi program in it."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

_SAMPLES_A_COMMAND: Final = 200
_LONGEST_SAMPLE_SECONDS: Final = 0.1
_PROGRAMS: Final = ("language/program.py", "pulumi-language-python-exec")
"""What the command line of the process that runs a Python program of Pulumi has in it, played or genuine."""


class CommandFailedError(Exception):
    """A measured command ended with an exit code other than 0."""


@dataclass(frozen=True)
class Measure:
    """The cost of one command."""

    seconds: float
    cpu: float
    """CPU seconds, user and system, of the command and of all processes that it started and awaited."""
    program_mb: float
    """The most memory that the Pulumi program had; 0 where it was not measured."""


def measure(
    command: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    limit: float,
    log: Path,
    *,
    samples_memory: bool = False,
) -> Measure:
    """Run a command to its end; its output goes to a file.

    Raises:
        CommandFailedError: the command failed, or took longer than `limit` seconds.

    """
    began = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=cwd, env=dict(environment), stdout=output, stderr=subprocess.STDOUT)
    peak = 0.0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if samples_memory:
            peak = max(peak, _program_mb(process.pid))
        if time.monotonic() - began > limit:
            process.terminate()
            os.wait4(process.pid, 0)
            raise CommandFailedError(f"{' '.join(command)} took more than {limit:.0f} s; see {log}")
        time.sleep(min(_LONGEST_SAMPLE_SECONDS, 0.002 + (time.monotonic() - began) / _SAMPLES_A_COMMAND))
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailedError(f"{' '.join(command)} failed:\n{log.read_text()[-3000:]}")
    return Measure(seconds, usage.ru_utime + usage.ru_stime, peak)


def _program_mb(pid: int) -> float:
    """Return the memory of the programs below a process: the most that each has had, where the system tells."""
    total = 0.0
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return 0.0
    for child in children:
        try:
            if any(program in part for part in child.cmdline() for program in _PROGRAMS):
                total += _most_mb(child)
        except psutil.Error:  # it has ended
            continue
    return total


def _most_mb(process: psutil.Process) -> float:
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024
    except (OSError, StopIteration):
        return process.memory_info().rss / 2**20
