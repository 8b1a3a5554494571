"""Building tools from their Go modules: all commands of a module by one `go build`, two modules side by side."""

import os
import shutil
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

import psutil

from sandbox.progress import Progress, duration
from sandbox.tools.cache import ToolCache
from sandbox.tools.catalogue import Tool
from sandbox.tools.errors import ToolchainError, explain
from sandbox.tools.golang import Go
from sandbox.tools.processes import TimeLimitError, run
from sandbox.tools.toolchain import Made, ResolvedTool

_BUILD_SECONDS = 5400.0
"""Small, busy machines and slow networks exist; so do builds that hang."""

_FLAGS: Final = ("-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false")
_BYTES_SIDE_BY_SIDE: Final = 8 * 2**30
"""Free memory for two builds: linking the kubernetes plugin takes 4.5 GiB, a compiler beside it up to 2."""


def build(tools: Iterable[Tool], go: Go, cache: ToolCache, progress: Progress) -> list[Made]:
    """Build tools and place them in the cache. With the lock held.

    One build alone leaves a core idle while it links. A second one uses it, where there is memory for both.
    """
    tools = list(tools)
    _check_space(go, cache, tools)
    modules = [[tool for tool in tools if tool.module == folder] for folder in {tool.module: None for tool in tools}]
    modules.sort(key=_minutes, reverse=True)
    names = "; ".join(f"{_names(module)} {module[0].version}" for module in modules)
    at_once = 2 if psutil.virtual_memory().available > _BYTES_SIDE_BY_SIDE else 1
    stop = threading.Event()
    began = time.monotonic()
    made: list[Made] = []
    with (
        progress.step(f"Building {names} (about {_minutes(tools)} min on 2 free cores)") as step,
        ThreadPoolExecutor(at_once) as pool,
    ):
        builds = {pool.submit(_build_module, module, go, cache, stop): module for module in modules}
        left = set(builds)
        try:
            while left:
                done, left = wait(left, timeout=1, return_when=FIRST_COMPLETED)
                made += [finished.result() for finished in done]
                now = "; ".join(_last_line(_log(cache, builds[one])) for one in left if one.running())
                step.update(f"{duration(time.monotonic() - began)}, now {now}")
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return made


def _build_module(tools: Sequence[Tool], go: Go, cache: ToolCache, stop: threading.Event) -> Made:
    def look(passed: float) -> None:
        if stop.is_set():
            raise InterruptedError

    began = time.monotonic()
    log = _log(cache, tools)
    stamps = " ".join({tool.stamp: None for tool in tools})
    with cache.staging() as staging:
        # A folder takes any number of commands by their packages' names; only a single one can have another name.
        target = staging / tools[0].name if len(tools) == 1 else f"{staging}{os.sep}"
        argv = [str(go.program), "build", "-v", *_FLAGS, f"-ldflags=-s -w {stamps}", "-o", str(target)]
        argv += [tool.package for tool in tools]
        with log.open("wb") as output:
            try:
                code = run(argv, output, _BUILD_SECONDS, env=go.environment(staging), cwd=tools[0].module, beat=look)
            except TimeLimitError as error:
                raise ToolchainError(
                    f"{_names(tools)} cannot be built: {error}. Run the command again: what is compiled is kept. "
                    f"Log: {log}"
                ) from error
        if code != 0:
            raise ToolchainError(explain(_names(tools), log))
        placed: dict[str, ResolvedTool] = {}
        for tool in tools:
            folder = staging / f"{tool.name}.entry"
            (folder / "bin").mkdir(parents=True)
            (staging / tool.name).replace(folder / "bin" / tool.name)
            placed[tool.name] = cache.place(tool, folder, tool.digest, "build")
    return Made(placed, time.monotonic() - began)


def _minutes(tools: Iterable[Tool]) -> int:
    return sum(tool.minutes for tool in tools)


def _names(tools: Iterable[Tool]) -> str:
    return ", ".join(tool.name for tool in tools)


def _log(cache: ToolCache, tools: Sequence[Tool]) -> Path:
    return cache.log(f"build-{tools[0].name}")


def _last_line(log: Path) -> str:
    """Return what go is doing: `go: downloading …`, or the package it compiles."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 512))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except FileNotFoundError:  # the build has begun a moment ago, and writes nothing yet
        return "starting"
    return next((line for line in reversed(lines[:-1]) if line.strip()), "starting")


def _check_space(go: Go, cache: ToolCache, tools: Sequence[Tool]) -> None:
    """Refuse before the build, not in the middle of it, where the disk cannot hold what it takes."""
    needed = sum(tool.gibibytes for tool in tools) * 2**30
    for folder in (cache.root, *go.folders()):
        existing = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
        free = shutil.disk_usage(existing).free
        if free < needed:
            raise ToolchainError(
                f"Not enough disk space to build {_names(tools)}: {folder} has "
                f"{free / 2**30:.1f} GiB free, up to {needed / 2**30:.1f} GiB are needed. Free some, or name folders "
                "on another disk with ANF_SANDBOX_CACHE, GOCACHE and GOMODCACHE."
            )
