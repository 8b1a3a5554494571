"""What goes wrong in a way that whoever runs the sandbox can mend."""


class SandboxError(Exception):
    """One clear message: what failed, and what to do. The command line prints it without a traceback."""
