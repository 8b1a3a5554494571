"""The sandbox's tools: found on this machine, downloaded from their vendors, or built from source."""

from sandbox.tools.catalogue import TOOLS, Tool
from sandbox.tools.errors import ToolchainError
from sandbox.tools.plugins import GenuinePlugin, genuine_plugin, has_python_language_plugin
from sandbox.tools.resolve import ResolvedTool, Toolchain, ensure

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
