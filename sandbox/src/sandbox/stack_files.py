"""A stack's configuration in the sandbox: the committed file plus what only this sandbox knows.

`Pulumi.<stack>.yaml` is committed and holds no secret. The sandbox runs a stack with a copy beside its state, given to
`pulumi` as `--config-file`: the committed settings as they are now, and over them what was set in the sandbox alone
(generated passwords, the passphrase's salt, any `config set`).
"""

import secrets
import shutil
import string
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.azure.entra import credentials
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths
from sandbox.project_file import APP_REGISTRATION, StackSecret, stack_secrets

_ABSENT: Final = object()


@dataclass(frozen=True)
class Project:
    """A Pulumi project: the folder of its Pulumi.yaml, and its name."""

    folder: Path
    name: str

    @classmethod
    def at(cls, folder: Path) -> "Project":
        """The project that `folder` belongs to, as `pulumi` finds it: here or in a folder above."""
        start = folder.resolve()
        for candidate in (start, *start.parents):
            for file in (candidate / "Pulumi.yaml", candidate / "Pulumi.yml"):
                if file.is_file():
                    name = _load(file).get("name")
                    if isinstance(name, str) and name:
                        return cls(candidate, name)
                    raise SandboxError(f"{file}: a project needs a `name`.")
        raise SandboxError(f"No Pulumi.yaml in {start} or above it. Name a project's folder with --cwd.")

    def committed(self, stack: str) -> Path:
        """The stack's own configuration file."""
        return self.folder / f"Pulumi.{stack}.yaml"


@dataclass(frozen=True)
class StackConfig:
    """The configuration of one stack in one sandbox."""

    paths: SandboxPaths
    project: Project
    stack: str

    @property
    def file(self) -> Path:
        """The file for `--config-file` of `pulumi`."""
        return self.paths.stack_config / self.project.name / f"Pulumi.{self.stack}.yaml"

    @property
    def _base(self) -> Path:
        """The committed settings that `file` was last made from: what differs from them was set in the sandbox."""
        return self.file.with_suffix(".base.yaml")

    def exists(self) -> bool:
        """Return True if the sandbox's backend has this stack (the file backend's documented layout)."""
        folder = self.paths.pulumi_state / ".pulumi" / "stacks" / self.project.name
        return any(folder.glob(f"{self.stack}.json*"))

    def refresh(self) -> None:
        """Bring `file` up to date with the committed file, keeping what was set in the sandbox."""
        committed = _load(self.project.committed(self.stack))
        local = _difference(_load(self._base), _load(self.file))
        merged = _applied(committed, local)
        if merged != _load(self.file) or not self.file.exists():
            _store(self.file, merged)
        if committed != _load(self._base) or not self._base.exists():
            _store(self._base, committed)

    def create(self, pulumi: Path, environment: Mapping[str, str]) -> None:
        """Make the stack in the sandbox's backend, and its secrets.

        It is made in a folder of its own, since `stack init` writes a salt into the stack file that lies beside it.
        """
        self.file.unlink(missing_ok=True)
        self._base.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            (Path(scratch) / "Pulumi.yaml").write_text(yaml.safe_dump({"name": self.project.name, "runtime": "python"}))
            _run(pulumi, ["stack", "init", self.stack, "--no-select"], environment, Path(scratch))
            made = Path(scratch) / f"Pulumi.{self.stack}.yaml"
            self.file.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(made, self.file)
        self.refresh()
        self.generate_secrets(pulumi, environment)

    def generate_secrets(self, pulumi: Path, environment: Mapping[str, str]) -> None:
        """Fill in the secrets that the stack has not got. Values go over standard input, never over an argument."""
        config = _load(self.file).get("config") or {}
        wanted = [secret for secret in stack_secrets(self.project.folder) if secret.key not in config]
        values = {secret.key: self._value(secret) for secret in wanted if secret.applies_to(config)}
        for key, value in values.items():
            arguments = ["config", "set", "--secret", key, "--stack", self.stack, "--config-file", str(self.file)]
            _run(pulumi, arguments, environment, self.project.folder, value)

    def _value(self, secret: StackSecret) -> str:
        if secret.value == APP_REGISTRATION:
            return credentials.ensure_trident(self.paths).client_secret
        return _password()


def _password() -> str:
    """A password that an Active Directory's default policy accepts: 24 characters of three classes."""
    alphabet = string.ascii_letters + string.digits
    while True:
        candidate = "".join(secrets.choice(alphabet) for _ in range(24))
        if all(any(character in group for character in candidate) for group in _CLASSES):
            return candidate


_CLASSES: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


def _run(
    pulumi: Path, arguments: list[str], environment: Mapping[str, str], folder: Path, standard_input: str = ""
) -> None:
    done = subprocess.run(
        [str(pulumi), *arguments, "--non-interactive"],
        cwd=folder,
        env=dict(environment),
        input=standard_input,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise SandboxError(f"`pulumi {' '.join(arguments)}` failed: {(done.stderr or done.stdout).strip()}")


def _load(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        content = yaml.safe_load(file.read_text())
    except yaml.YAMLError as error:
        raise SandboxError(f"{file} is not valid YAML: {error}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise SandboxError(f"{file} must hold a mapping, not a {type(content).__name__}.")
    return content


def _store(file: Path, content: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(yaml.safe_dump(dict(content), sort_keys=False))
    partial.chmod(0o600)
    partial.replace(file)


def _flat(content: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """Top-level keys, and the keys of `config`, since those are what `pulumi` writes one by one."""
    top = {(key,): value for key, value in content.items() if key != "config"}
    return top | {("config", key): value for key, value in (content.get("config") or {}).items()}


def _difference(base: Mapping[str, Any], current: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """Return the keys that were set, or removed, since `base`."""
    if not current:
        return {}
    before, after = _flat(base), _flat(current)
    return {
        key: after.get(key, _ABSENT)
        for key in before.keys() | after.keys()
        if _as_text(before.get(key, _ABSENT)) != _as_text(after.get(key, _ABSENT))
    }


def _as_text(value: Any) -> Any:
    """A value as `pulumi` writes it back: any `config set` rewrites the whole file, and `true` as `"true"`."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case dict():
            return {key: _as_text(item) for key, item in value.items()}
        case list():
            return [_as_text(item) for item in value]
        case _:
            return value


def _applied(base: Mapping[str, Any], local: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    flat = _flat(base) | dict(local)
    merged: dict[str, Any] = {key[0]: value for key, value in flat.items() if len(key) == 1 and value is not _ABSENT}
    config = {key[1]: value for key, value in flat.items() if len(key) == 2 and value is not _ABSENT}
    return merged | {"config": dict(sorted(config.items()))} if config else merged
