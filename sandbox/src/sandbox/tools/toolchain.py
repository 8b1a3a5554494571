"""The tools that were asked for, each with its file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sandbox.tools.errors import ToolchainError

Source = Literal["PATH", "plugin folder", "download", "wheel", "build", "cache"]


@dataclass(frozen=True)
class ResolvedTool:
    """A tool that can be run."""

    path: Path
    version: str
    """Without a `v`; empty for a plugin that does not tell it."""
    source: Source


@dataclass(frozen=True)
class Made:
    """Tools that were made together, and how long that took."""

    tools: dict[str, ResolvedTool]
    seconds: float


@dataclass(frozen=True)
class Toolchain:
    """The tools that were asked for, and where they are."""

    tools: Mapping[str, ResolvedTool]

    def path(self, name: str) -> Path:
        return self._tool(name).path

    def source(self, name: str) -> Source:
        return self._tool(name).source

    def link_into(self, folder: Path) -> Path:
        """Fill the folder, for the front of a PATH, with links to the tools; return the folder.

        Plugins of the engine are left out: it finds them in its own folder, and warns of those on PATH.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name, tool in self.tools.items():
            link = folder / name
            if name.startswith("pulumi-") or tool.path == link or (link.is_symlink() and link.readlink() == tool.path):
                continue
            partial = folder / f".{name}.{os.getpid()}"
            partial.symlink_to(tool.path)
            partial.replace(link)
        return folder

    def _tool(self, name: str) -> ResolvedTool:
        if name not in self.tools:
            raise ToolchainError(f"{name} is not among the tools that were asked for: {', '.join(self.tools)}.")
        return self.tools[name]
