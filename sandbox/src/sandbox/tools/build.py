"""Building a tool from its Go module."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from sandbox.progress import Progress, Step, duration
from sandbox.tools.cache import ToolCache
from sandbox.tools.catalogue import Tool
from sandbox.tools.errors import ToolchainError
from sandbox.tools.failures import explain
from sandbox.tools.golang import Go
from sandbox.tools.processes import TimeLimitError, capture, run

_BUILD_SECONDS = 5400.0
"""Small, busy machines and slow networks exist; so do builds that hang."""


def check_space(go: Go, cache: ToolCache, tools: Iterable[Tool]) -> None:
    """Refuse before the first build, not in the middle of the fourth, where the disk cannot hold them all.

    Raises ToolchainError naming the folder, what is free and what is needed.
    """
    tools = list(tools)
    answer = capture([str(go.program), "env", "GOCACHE", "GOMODCACHE"], 10, go.environment(cache.root))
    folders = [Path(line) for line in answer.output.splitlines() if line.startswith("/")]
    needed = sum(tool.gibibytes for tool in tools) * 2**30
    for folder in (cache.root, *folders):
        free = shutil.disk_usage(_existing(folder)).free
        if free < needed:
            raise ToolchainError(
                f"Not enough disk space to build {', '.join(tool.name for tool in tools)}: {folder} has "
                f"{free / 2**30:.1f} GiB free, up to {needed / 2**30:.1f} GiB are needed. Free some, or name folders "
                "on another disk with ANF_SANDBOX_CACHE, GOCACHE and GOMODCACHE."
            )


def build(tool: Tool, go: Go, cache: ToolCache, progress: Progress, position: str = "") -> Path:
    """Build one tool and place it in the cache. With the lock held.

    Args:
        tool: what to build.
        go: with what.
        cache: where it goes.
        progress: told about every second what is being compiled.
        position: which of how many this is, e.g. `3 of 9`.

    Raises:
        ToolchainError: network, disk or compiler; the end of its output and the log are named.

    """
    log = cache.log(f"build-{tool.name}")
    about = f"{position}; about {tool.minutes} min on 2 free cores".removeprefix("; ")
    title = f"Building {tool.name} {tool.version} ({about})"
    with progress.step(title) as step, cache.staging() as staging:
        (staging / "bin").mkdir()
        argv = [str(go.program), "build", "-v", *tool.flags, "-o", str(staging / "bin" / tool.name), tool.package]
        with log.open("wb") as output:
            try:
                code = run(
                    argv,
                    output,
                    seconds=_BUILD_SECONDS,
                    env=go.environment(staging),
                    cwd=tool.module,
                    beat=lambda seconds: _report(step, seconds, log),
                )
            except TimeLimitError as error:
                raise ToolchainError(
                    f"{tool.name} cannot be built: {error}. Run the command again: what is compiled is kept. Log: {log}"
                ) from error
        if code != 0:
            raise ToolchainError(explain(tool.name, log))
        return cache.place(tool, staging, tool.digest)


def _report(step: Step, seconds: float, log: Path) -> None:
    step.update(f"{duration(seconds)}, now {_last_line(log)}")


def _last_line(log: Path) -> str:
    """What go is doing: `go: downloading …`, or the package it compiles."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 512))
        lines = file.read().decode("utf-8", "replace").split("\n")
    return next((line for line in reversed(lines[:-1]) if line.strip()), "starting")


def _existing(folder: Path) -> Path:
    """The folder, or the one it will be made in."""
    return next(path for path in (folder, *folder.parents) if os.path.lexists(path))
