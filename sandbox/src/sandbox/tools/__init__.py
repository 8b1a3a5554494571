"""The sandbox's tools: found on this machine, downloaded from their vendors, or built from source."""

from sandbox.tools.catalogue import TOOLS, Tool
from sandbox.tools.errors import ToolchainError
from sandbox.tools.resolve import ensure
from sandbox.tools.toolchain import ResolvedTool, Toolchain

__all__ = ["TOOLS", "ResolvedTool", "Tool", "Toolchain", "ToolchainError", "ensure"]
