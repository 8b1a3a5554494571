"""The parts of a sandbox that are programs or files: which are genuine, at which version, and which are played.

`up` decides, and keeps what it decided for `status`.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.paths import SandboxPaths


@dataclass(frozen=True)
class Part:
    """One part: a program, a plugin or a chart."""

    name: str
    genuine: bool
    version: str = ""
    """Without a `v`; empty for what is played, and for what does not tell it."""
    where: str = ""
    """Its file or address."""
    found: bool = False
    """The machine has it, where the sandbox could have done without."""

    def __str__(self) -> str:
        return f"{self.name}: {' '.join(filter(None, [self.kind, self.version]))}{self.where and f', {self.where}'}"

    @property
    def kind(self) -> str:
        return "genuine" if self.genuine else "played"


def keep(paths: SandboxPaths, parts: Sequence[Part]) -> None:
    _file(paths).write_text(json.dumps([asdict(part) for part in parts], indent=1))


def kept(paths: SandboxPaths) -> list[Part]:
    """Return the parts of the last `up`; none before the first."""
    file = _file(paths)
    return [Part(**each) for each in json.loads(file.read_text())] if file.exists() else []


def _file(paths: SandboxPaths) -> Path:
    return paths.root / "parts.json"
