"""Where the process says that it has looked at the whole cluster."""

from pathlib import Path

from sandbox.paths import SandboxPaths


def ready_file(paths: SandboxPaths) -> Path:
    """Holds the pid of the process that is ready."""
    return paths.root / "trident" / "ready"
