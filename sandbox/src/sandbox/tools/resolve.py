"""Having every tool: from PATH, from the cache, from its vendor, or built; in this order."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sandbox.paths import tool_cache
from sandbox.progress import Progress, default_progress
from sandbox.tools.build import build, check_space
from sandbox.tools.cache import ToolCache
from sandbox.tools.catalogue import TOOLS, Tool
from sandbox.tools.errors import ToolchainError
from sandbox.tools.golang import Go, find_go
from sandbox.tools.network import DownloadError, Vendors
from sandbox.tools.search import on_path
from sandbox.tools.vendors import download, host

Source = Literal["PATH", "download", "build", "cache"]


@dataclass(frozen=True)
class ResolvedTool:
    """A tool that can be run."""

    path: Path
    version: str
    source: Source


@dataclass(frozen=True)
class Toolchain:
    """The tools that were asked for, and where they are."""

    tools: Mapping[str, ResolvedTool]

    def path(self, name: str) -> Path:
        """The program's file."""
        return self._tool(name).path

    def source(self, name: str) -> Source:
        """Where it came from, this time."""
        return self._tool(name).source

    def version(self, name: str) -> str:
        """Its version, without a `v`."""
        return self._tool(name).version

    def link_into(self, folder: Path) -> Path:
        """Make the folder hold a link to each tool, for the front of a PATH; returns the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, tool in self.tools.items():
            link = folder / name
            if not (link.is_symlink() and link.readlink() == tool.path):
                partial = folder / f".{name}.{os.getpid()}"
                partial.symlink_to(tool.path)
                partial.replace(link)
        return folder

    def _tool(self, name: str) -> ResolvedTool:
        if name not in self.tools:
            raise ToolchainError(f"{name} is not among the tools that were asked for: {', '.join(self.tools)}.")
        return self.tools[name]


def ensure(
    names: Iterable[str] | None = None,
    progress: Progress | None = None,
    *,
    catalogue: Mapping[str, Tool] = TOOLS,
    cache: ToolCache | None = None,
) -> Toolchain:
    """Have these tools (unless named, all that the sandbox needs), getting those that are missing.

    Args:
        names: of the tools.
        progress: told what is being done; standard error unless given.
        catalogue: which tools there are.
        cache: where made tools are kept; the user's cache folder unless given.

    Raises:
        ToolchainError: an unknown name, or a tool that can be had in none of the ways.

    """
    progress = progress or default_progress()
    cache = cache or ToolCache(tool_cache())
    needed = [tool.name for tool in catalogue.values() if not tool.developer]
    asked = list(dict.fromkeys(names)) if names is not None else needed
    if unknown := [name for name in asked if name not in catalogue]:
        raise ToolchainError(f"No such tool: {', '.join(unknown)}. There are: {', '.join(catalogue)}.")

    tools = {
        name: ResolvedTool(path, str(version), "PATH") for name, (path, version) in on_path(catalogue, asked).items()
    }
    tools |= _cached(cache, (catalogue[name] for name in asked if name not in tools))
    if missing := [tool for tool in catalogue.values() if tool.name in asked and tool.name not in tools]:
        with cache.lock(progress):
            tools |= _cached(cache, missing)  # another process may have made them while we waited
            missing = [tool for tool in missing if tool.name not in tools]
            tools |= _Maker(cache, progress, tools.get("kwokctl")).make(missing)
    return Toolchain({name: tools[name] for name in asked})


def _cached(cache: ToolCache, tools: Iterable[Tool]) -> dict[str, ResolvedTool]:
    found = ((tool, cache.find(tool)) for tool in tools)
    return {tool.name: ResolvedTool(path, str(tool.version), "cache") for tool, path in found if path}


class _Maker:
    """Gets missing tools, with the lock held."""

    def __init__(self, cache: ToolCache, progress: Progress, kwokctl: ResolvedTool | None) -> None:
        self._cache = cache
        self._progress = progress
        self._kwokctl = kwokctl.path if kwokctl else None
        self._vendors = Vendors()
        self._go: Go | None = None

    def make(self, missing: list[Tool]) -> dict[str, ResolvedTool]:
        made: dict[str, ResolvedTool] = {}
        if silent := self._vendors.unreachable(filter(None, map(host, missing))):
            told = "; ".join(f"{name} ({reason})" for name, reason in sorted(silent.items()))
            self._progress.say(f"Built here instead of downloaded, as these cannot be reached: {told}")
        for number, tool in enumerate(missing, 1):
            made[tool.name] = self._make_one(tool, f"{number} of {len(missing)}", missing[number - 1 :])
            if tool.name == "kwokctl":
                self._kwokctl = made[tool.name].path
        if self._go:
            self._go.discard_own_caches()
        return made

    def _make_one(self, tool: Tool, position: str, left: list[Tool]) -> ResolvedTool:
        vendor = self._vendor(tool)
        if vendor:
            try:
                path = download(tool, self._cache, self._kwokctl, self._progress, position)
                return ResolvedTool(path, str(tool.version), "download")
            except DownloadError as error:
                self._vendors.give_up(vendor, str(error))
                self._progress.say(f"Building {tool.name} instead of downloading it: {error}")
        self._go = self._go or find_go(self._cache, self._progress)
        check_space(self._go, self._cache, [other for other in left if not self._vendor(other)])
        path = build(tool, self._go, self._cache, self._progress, position)
        return ResolvedTool(path, str(tool.version), "build")

    def _vendor(self, tool: Tool) -> str | None:
        """The server to download it from, while that one answers."""
        name = host(tool)
        return name if name and not self._vendors.unreachable([name]) else None
