"""A sandbox for the tests, and the program in it, with the commands of a user."""

import base64
import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.testing import Sandbox, SandboxPaths
from tests.project import PROJECT

_LIMIT_SECONDS = 420
_STACKS = ("Pulumi.dev.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml")
_PROGRAM = (
    "Pulumi.yaml",
    "sandbox.yaml",
    *_STACKS,
    "components",
    "configuration",
    "live_cluster",
    "verify",
    *(file.name for file in PROJECT.glob("*.py")),
)


@dataclass(frozen=True)
class Run:
    """The exit code and output of a command."""

    code: int
    standard_output: str
    standard_error: str

    @property
    def output(self) -> str:
        """All that a user sees; first the standard output, then what was said beside it, such as progress."""
        return self.standard_output + self.standard_error

    @property
    def document(self) -> Any:
        """The one JSON document that a program reads from the standard output."""
        return json.loads(self.standard_output)


def _run(command: Sequence[str], environment: Mapping[str, str], standard_input: str = "") -> Run:
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=dict(environment),
        input=standard_input,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_SECONDS,
    )
    return Run(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Stack:
    """A stack of a copy of the program; tests may change its stack file."""

    paths: SandboxPaths
    folder: Path
    name: str = "dev"

    def configure(self, **changes: Any) -> None:
        """Change keys of namespace `anf-smb` in the stack file; None removes one."""
        file = self.folder / f"Pulumi.{self.name}.yaml"
        content = yaml.safe_load(file.read_text())
        for key, value in changes.items():
            content["config"].pop(f"anf-smb:{key}", None)
            if value is not None:
                content["config"][f"anf-smb:{key}"] = value
        file.write_text(yaml.safe_dump(content))

    def as_committed(self) -> None:
        """Restore the committed stack file."""
        shutil.copy(PROJECT / f"Pulumi.{self.name}.yaml", self.folder)

    def sandbox(self, *arguments: str, standard_input: str = "") -> Run:
        """Run `python -m sandbox …`; allow any exit code."""
        home = {"ANF_SANDBOX_HOME": str(self.paths.root)}
        return _run([sys.executable, "-m", "sandbox", *arguments], os.environ | home, standard_input)

    def pulumi(self, *arguments: str, standard_input: str = "") -> Run:
        """Run `python -m sandbox pulumi …` for this program and stack."""
        return self.sandbox("pulumi", *arguments, *self._at, standard_input=standard_input)

    def up(self) -> Run:
        """Run `pulumi up`, which must succeed."""
        run = self.pulumi("up", "--yes", "--skip-preview")
        assert run.code == 0, run.output
        return run

    def events(self, *arguments: str) -> list[dict[str, Any]]:
        """Return the steps of a `preview --json`."""
        run = self.pulumi("preview", "--json", *arguments)
        assert run.code == 0, run.output
        return run.document["steps"]

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs with masked secrets."""
        return json.loads(self._tool("pulumi", "stack", "output", "--json", *self._at))

    def components(self) -> dict[str, dict[str, Any]]:
        """Return the outputs of the components in the state by URN, secrets in plain text."""
        state = json.loads(self._tool("pulumi", "stack", "export", "--show-secrets", *self._at))
        return {each["urn"]: each.get("outputs", {}) for each in state["deployment"]["resources"] if not each["custom"]}

    def state(self) -> dict[str, Any]:
        """Return the exported state."""
        return json.loads(self._tool("pulumi", "stack", "export", *self._at))

    def kubectl(self, *arguments: str) -> str:
        """Return the output of kubectl for the sandbox's cluster."""
        return self._tool("kubectl", *arguments)

    def get(self, kind: str, name: str = "", namespace: str = "smb-static") -> dict[str, Any]:
        """Return an object of the cluster, or a list."""
        return json.loads(self.kubectl("get", kind, *([name] if name else []), "-n", namespace, "-o", "json"))

    def releases(self) -> dict[str, str]:
        """Return the Helm releases by name with their stored data."""
        kept = json.loads(self.kubectl("get", "secrets", "-A", "-l", "owner=helm", "-o", "json"))["items"]
        return {
            secret["metadata"]["labels"]["name"]: gzip.decompress(
                base64.b64decode(base64.b64decode(secret["data"]["release"]))
            ).decode()
            for secret in kept
        }

    def secret_config(self, key: str) -> str:
        """Return a generated secret in plain text for searches."""
        return self.pulumi("config", "get", f"anf-smb:{key}").standard_output.strip()

    @property
    def _at(self) -> tuple[str, ...]:
        return "--stack", self.name, "--cwd", str(self.folder)

    def _tool(self, name: str, *arguments: str) -> str:
        """Return the output of a tool, without the start-up time of `python -m sandbox run -- …`."""
        run = _run([str(self.paths.tools / name), *arguments], Sandbox(self.paths).environment())
        assert run.code == 0, run.output
        return run.standard_output


def make_stack(folder: Path) -> Generator[Stack]:
    """Yield a running sandbox with a copy of the program, not deployed; stop it at the end."""
    program = folder / "program"
    program.mkdir()
    for name in _PROGRAM:
        source = PROJECT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, program / name)
    # A genuine language plugin runs the program in this environment; ours does too.
    (program / ".venv").symlink_to(sys.prefix)
    stack = Stack(SandboxPaths(folder / "sandbox"), program)
    started = stack.sandbox("up")
    try:
        assert started.code == 0, started.output
        yield stack
    finally:
        ended = stack.sandbox("reset", "--yes")
        assert ended.code == 0, ended.output


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """Yield a sandbox with the committed stack `dev`, not deployed; each test file has its own."""
    yield from make_stack(tmp_path_factory.mktemp("e2e"))


def operations(steps: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the operations of a preview by resource name."""
    return {step["urn"].rsplit("::", 1)[-1]: step["op"] for step in steps if step["op"] != "same"}
