"""What is remembered of a control plane: its ports, and whether it was made to the end."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.control_plane.ports import Ports


@dataclass(frozen=True)
class Record:
    """The content of `control-plane.json`."""

    ports: Ports
    folder: str
    """Where the cluster was made. Its files name each other by absolute paths, so it cannot be moved."""
    complete: bool
    """False from before the creation begins until it has ended: a half-made cluster is made again."""

    @classmethod
    def load(cls, file: Path) -> "Record | None":
        """None where there is none, or none that can be read (then nothing complete was recorded)."""
        try:
            content = json.loads(file.read_text())
            return cls(Ports(**content["ports"]), str(content["folder"]), bool(content["complete"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, file: Path) -> None:
        """Write it in one step."""
        partial = file.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(asdict(self), indent=2))
        partial.replace(file)
