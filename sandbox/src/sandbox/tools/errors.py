"""What goes wrong with the tools."""

from sandbox.errors import SandboxError


class ToolchainError(SandboxError):
    """A tool cannot be had. The message names it, says why, and what mends it."""
