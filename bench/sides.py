"""The two sides of a comparison: the program and the flat script, each in a sandbox of its own, both running."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from bench.measure import CommandFailedError, Measure, measure
from bench.stack_files import PROJECT
from sandbox.testing import Sandbox, SandboxPaths

OURS: Final = "program"
FLAT: Final = "flat"

_PROGRAM: Final = ("Pulumi.yaml", "components", "configuration", "live_cluster", "verify")
_LIMIT_SECONDS: Final = 1500


@dataclass(frozen=True)
class Side:
    """A copy of one of the two programs, and the sandbox that it runs in."""

    name: str
    home: Path

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.home / self.name

    @property
    def paths(self) -> SandboxPaths:
        """The sandbox."""
        return SandboxPaths(self.home / f"sandbox-{self.name}")

    @property
    def project(self) -> str:
        """The project's name."""
        return yaml.safe_load((self.folder / "Pulumi.yaml").read_text())["name"]

    def prepare(self) -> None:
        """Copy the program as it is now; what stays in the folder are the stack files of earlier runs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        source = PROJECT if self.name == OURS else PROJECT / "bench" / "flat"
        for file in (*source.glob("*.py"), source / "Pulumi.yaml", PROJECT / "sandbox.yaml"):
            shutil.copy(file, self.folder)
        for name in _PROGRAM if self.name == OURS else ():
            if (source / name).is_dir():
                shutil.rmtree(self.folder / name, ignore_errors=True)
                shutil.copytree(source / name, self.folder / name)
        environment = self.folder / ".venv"
        if not environment.exists():
            environment.symlink_to(sys.prefix)
        project = self.folder / "Pulumi.yaml"
        project.write_text(project.read_text().replace("../../.venv", ".venv"))

    def empty(self) -> None:
        """Delete the sandbox: a stack refuses to create what another stack has created."""
        self.prepare()
        if self.paths.root.exists():
            self.sandbox("reset", "--yes")

    def fresh(self, *options: str) -> None:
        """Start an empty sandbox."""
        self.empty()
        self.sandbox("up", *options)

    def sandbox(self, *arguments: str, seconds: float = 600) -> str:
        """Run `python -m sandbox …` beside the project and return its output."""
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", *arguments],
            cwd=self.folder,
            env=os.environ | {"ANF_SANDBOX_HOME": str(self.paths.root)},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=seconds,
        )
        if done.returncode:
            raise CommandFailedError(f"python -m sandbox {' '.join(arguments)}:\n{done.stdout[-3000:]}")
        return done.stdout

    def configure(self, stack: str, content: Mapping[str, Any]) -> None:
        """Write a stack file, and create the stack with its secrets if there is none."""
        (self.folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(dict(content)))
        self.sandbox("pulumi", "config", "--stack", stack)

    def pulumi(self, stack: str, *arguments: str, settings: Mapping[str, str] | None = None) -> Measure:
        """Measure one command of `pulumi`, without the start of `python -m sandbox`.

        `settings` are environment variables beside those of the sandbox.
        """
        config = self.paths.stack_config / self.project / f"Pulumi.{stack}.yaml"
        command = [str(self.paths.tools / "pulumi"), *arguments, "--stack", stack, "--config-file", str(config)]
        log = self.home / f"{self.name}-{stack}-{arguments[0]}.log"
        return measure(
            [*command, "--non-interactive"],
            self.folder,
            self.environment() | dict(settings or {}),
            _LIMIT_SECONDS,
            log,
            samples_memory=True,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of the sandbox."""
        return Sandbox(self.paths).environment()

    def exported(self, stack: str) -> str:
        """Return the state of a stack."""
        return self.sandbox("pulumi", "stack", "export", "--stack", stack)
