"""Starts and stops the node controllers as a background process."""

from sandbox.controllers import Controllers
from sandbox.paths import SandboxPaths

NAME = "nodes"


class NodesService(Controllers):
    """The nodes' controllers of one sandbox."""

    def __init__(self, paths: SandboxPaths) -> None:
        super().__init__(NAME, paths, whose="of the nodes")
