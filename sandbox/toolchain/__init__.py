"""The sandbox's tools: found on this machine, downloaded from their vendors, or built from source."""

from sandbox.toolchain.catalogue import TOOLS, Tool
from sandbox.toolchain.errors import ToolchainError
from sandbox.toolchain.plugins import GenuinePlugin, genuine_plugin, has_python_language_plugin
from sandbox.toolchain.resolve import ResolvedTool, Toolchain, ensure

__all__ = [
    "TOOLS",
    "GenuinePlugin",
    "ResolvedTool",
    "Tool",
    "Toolchain",
    "ToolchainError",
    "ensure",
    "genuine_plugin",
    "has_python_language_plugin",
]
