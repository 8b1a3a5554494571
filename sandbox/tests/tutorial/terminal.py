"""A terminal in the sandbox's environment, as somebody has it who follows the documentation by hand."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

MANIFESTS = Path(__file__).parent / "manifests"
_SECONDS = 300
_AWAIT_SECONDS = 120


@dataclass
class Terminal:
    """bash, with the variables that the documentation has one define."""

    folder: Path
    environment: Mapping[str, str]
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def type(self, command: str, standard_input: str = "") -> str:
        """Run a command as it is typed, and return what it prints; it must succeed."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env={**self.environment, **self.variables},
            input=standard_input,
            text=True,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def read(self, command: str) -> Any:
        """Run a command that prints JSON."""
        return json.loads(self.type(command))

    def copy(self, manifest: str, values: Mapping[str, str] | None = None) -> None:
        """Create a file as in the documentation, with values that one replaces by hand."""
        target = self.folder / manifest
        shutil.copy(MANIFESTS / manifest, target)
        for word, value in (values or {}).items():
            assert word in target.read_text(), f"{manifest} has no {word}"
            target.write_text(target.read_text().replace(word, value))

    def repeat(self, command: str, shows: Callable[[str], bool]) -> str:
        """Run a command again until it shows what the documentation shows."""
        deadline = time.monotonic() + _AWAIT_SECONDS
        while not shows(said := self.type(command)):
            if time.monotonic() > deadline:
                pytest.fail(f"{command} does not show it within {_AWAIT_SECONDS} s:\n{said}")
            time.sleep(1)
        return said
