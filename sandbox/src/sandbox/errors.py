"""Errors that the user of the sandbox can fix."""


class SandboxError(Exception):
    """One clear message: what failed, and what to do. The command line prints it without a traceback."""
