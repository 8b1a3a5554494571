"""`python -m sandbox pulumi ARGS…`: the CLI as it is, in the sandbox's environment.

Nothing is taken from what the user typed. Added is, to the commands that take it, the stack's configuration in the
sandbox (stack_files.py).
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths
from sandbox.stack_files import Project, StackConfig

_WITH_CONFIG_FILE: Final = frozenset(
    {"config", "destroy", "down", "import", "logs", "pre", "preview", "refresh", "up", "update", "watch"}
)
_MAKES_STACK: Final = frozenset({"config", "import", "pre", "preview", "refresh", "up", "update", "watch"})
"""Commands that make sense on a stack which has a configuration file and has not been made yet."""

ADDED_TO: Final = _WITH_CONFIG_FILE | {"install", "new", "package", "remove", "rm"}
"""Words of command lines to which something may be added, or before which a plugin is installed."""
_GLOBAL_WITH_VALUE: Final = frozenset(
    {"-C", "--cwd", "-v", "--verbose", "--color", "--tracing", "--profiling", "--memprofilerate", "--otel-traces"}
)


@dataclass(frozen=True)
class Invocation:
    """The parts of a command line of `pulumi` that the sandbox needs."""

    arguments: tuple[str, ...]
    words: tuple[str, ...]
    folder: Path | None
    stack: str | None
    config_file: bool
    help: bool

    @classmethod
    def parse(cls, arguments: Sequence[str]) -> "Invocation":
        """Read the words (`stack`, `rm`) and the options that the sandbox must know of a command line."""
        words: list[str] = []
        values: dict[str, str] = {}
        given = list(arguments)
        own = given[: given.index("--")] if "--" in given else given
        index = 0
        while index < len(own):
            argument = own[index]
            name, separator, value = argument.partition("=")
            if argument.startswith("-"):
                takes_value = name in _GLOBAL_WITH_VALUE or name in {"-s", "--stack", "--config-file"}
                if takes_value and not separator and index + 1 < len(own):
                    index += 1
                    value = own[index]
                values[name] = value
            else:
                words.append(argument)
            index += 1
        folder = values.get("--cwd") or values.get("-C")
        stack = values.get("--stack") or values.get("-s")
        return cls(
            arguments=tuple(given),
            words=tuple(words),
            folder=Path(folder) if folder else None,
            stack=stack.rsplit("/", 1)[-1] if stack else None,
            config_file="--config-file" in values,
            help=bool({"-h", "--help"} & values.keys()),
        )

    @property
    def command(self) -> str:
        """The first word, `up` for instance."""
        return self.words[0] if self.words else ""


def command_line(
    arguments: Sequence[str], paths: SandboxPaths, pulumi: Path, environment: Mapping[str, str]
) -> list[str]:
    """The whole command to run for what the user typed. Makes the stack's configuration (and the stack) first.

    Raises:
        SandboxError: no project, or no stack named or selected.

    """
    invocation = Invocation.parse(arguments)
    folder = (invocation.folder or Path.cwd()).resolve()
    added: list[str] = []
    given = list(invocation.arguments)
    if invocation.help or not invocation.command:
        return [str(pulumi), *given]
    if invocation.words[:2] == ("stack", "rm") or invocation.words[:2] == ("stack", "remove"):
        # `stack rm` deletes the stack file that lies in the project: the committed one, not the sandbox's.
        added.append("--preserve-config")
    elif invocation.command in _WITH_CONFIG_FILE and not invocation.config_file:
        stack = invocation.stack or _selected(pulumi, folder, environment)
        config = StackConfig(paths, Project.at(folder), stack)
        if not config.exists() and invocation.command in _MAKES_STACK and config.project.committed(stack).exists():
            config.create(pulumi, environment)
        if config.exists():
            config.refresh()
            config.generate_secrets(pulumi, environment)
            added += ["--config-file", str(config.file)]
    if "--" in given:
        place = given.index("--")
        return [str(pulumi), *given[:place], *added, *given[place:]]
    return [str(pulumi), *given, *added]


def runtimes(arguments: Sequence[str]) -> set[str]:
    """Return the languages of the project or plugin that a command line works on, and of a package that it names."""
    invocation = Invocation.parse(arguments)
    here = (invocation.folder or Path.cwd()).resolve()
    named = (here / word for word in invocation.words[2:3] if invocation.command == "package")
    own = next((file for folder in (here, *here.parents) for file in _project_files(folder)), None)
    files = [*filter(None, [own]), *(file for folder in named for file in _project_files(folder))]
    return {runtime for file in files if (runtime := _runtime(file))}


def _project_files(folder: Path) -> list[Path]:
    names = ("Pulumi.yaml", "Pulumi.yml", "PulumiPlugin.yaml", "PulumiPlugin.yml")
    return [folder / name for name in names if (folder / name).is_file()]


def _runtime(file: Path) -> str:
    """Return the name of a project's language; empty where the file is not right, which `pulumi` says itself."""
    try:
        content = yaml.safe_load(file.read_text())
    except yaml.YAMLError:
        return ""
    runtime = content.get("runtime") if isinstance(content, dict) else None
    name = runtime.get("name") if isinstance(runtime, dict) else runtime
    return name if isinstance(name, str) else ""


def _selected(pulumi: Path, folder: Path, environment: Mapping[str, str]) -> str:
    if named := os.environ.get("PULUMI_STACK"):
        return named.rsplit("/", 1)[-1]
    asked = subprocess.run(
        [str(pulumi), "stack", "--show-name", "--non-interactive", "--cwd", str(folder)],
        env=dict(environment),
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    if asked.returncode or not asked.stdout.strip():
        raise SandboxError("No stack is named or selected. Say which: --stack dev")
    return asked.stdout.strip()
