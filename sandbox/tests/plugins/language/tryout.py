"""A project whose program a test writes, and the engine that runs it."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.paths import SandboxPaths
from sandbox.plugins import installation as plugins
from sandbox.tools import ensure
from tests.plugins.engine import engine


@dataclass(frozen=True)
class Project:
    """A project of one `__main__.py`, with stack `dev`."""

    folder: Path
    pulumi: Path
    environment: Mapping[str, str]

    def program(self, text: str) -> None:
        (self.folder / "__main__.py").write_text(text)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.pulumi), *arguments, "--non-interactive"],
            cwd=self.folder,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=180,
        )


def make_project(root: Path, runtime: str = "python") -> Project:
    """A project in this folder, run by the genuine engine with the language host of the sandbox."""
    paths = SandboxPaths(root / "sandbox")
    plugins.install_ours(paths, plugins.PYTHON)
    plugins.install_ours(paths, plugins.AZURE_NATIVE)
    pulumi = ensure(["pulumi"]).path("pulumi")
    if runtime == "yaml":
        plugins.install_yaml(paths, pulumi)
    folder = root / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(f"name: tryout\nruntime: {runtime}\n")
    with engine(paths):
        made = Project(folder, pulumi, os.environ.copy())
    created = made.run("stack", "init", "dev")
    assert created.returncode == 0, created.stdout
    return made
