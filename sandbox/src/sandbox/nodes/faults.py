"""What goes wrong with the nodes on purpose.

`nodes-dns`: the nodes resolve no name of the directory's domain, as in a virtual network with other DNS servers.
"""

from typing import Final

from sandbox.fault_file import FaultFile
from sandbox.paths import SandboxPaths

DNS: Final = "nodes-dns"

PRESETS: Final = {DNS: 0.0}
"""Each fault by name; none of them has a duration."""


class NodeFaults(FaultFile):
    """The faults of one sandbox's nodes."""

    def __init__(self, paths: SandboxPaths) -> None:
        super().__init__(paths.root / "nodes" / "faults.json", PRESETS)
