"""Starts and stops Trident's controllers as a background process."""

from sandbox.controllers import Controllers
from sandbox.paths import SandboxPaths
from sandbox.trident.durations import PROFILES

NAME = "trident"


class TridentService(Controllers):
    """Trident's operator and controllers of one sandbox, whose Azure must be up, too."""

    def __init__(self, paths: SandboxPaths, durations: str = "instant") -> None:
        if durations not in PROFILES:
            raise ValueError(f"durations {durations!r} is not one of {', '.join(sorted(PROFILES))}")
        super().__init__(NAME, paths, "--durations", durations, whose="of Trident")
