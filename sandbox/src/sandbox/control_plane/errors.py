"""Errors of the control plane."""

from sandbox.errors import SandboxError


class ControlPlaneError(SandboxError):
    """The control plane cannot be started or stopped. The message names the cause and what to do."""
