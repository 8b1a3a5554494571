"""The genuine `az` on an emulator."""

import json
import os
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from sandbox import azure_cli
from sandbox.environment import azure_variables
from sandbox.paths import SandboxPaths
from sandbox.progress import default_progress

_SECONDS = 300


class AzureCli:
    """`az` of one sandbox, installed at first use and signed in as its owner; its Azure must run.

    Args:
        paths: the sandbox.
        environment: that of the command, where it is not this process's own.

    """

    def __init__(self, paths: SandboxPaths, environment: Mapping[str, str] | None = None) -> None:
        self._paths = paths
        self._environment = {**(os.environ if environment is None else environment), **azure_variables(paths)}

    @cached_property
    def program(self) -> Path:
        """The program: installed, its cloud registered, signed in."""
        return azure_cli.prepare(self._paths, self._environment, default_progress())

    def __call__(self, *arguments: str) -> Any:
        """Run `az` with these arguments and return what it answers, read from JSON; None where it says nothing.

        Raises:
            AssertionError: it failed; the message has the command and the error.

        """
        done = self.run(*arguments, "--output", "json")
        if done.returncode:
            raise AssertionError(f"az {' '.join(arguments)} failed with {done.returncode}:\n{done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refusal(self, *arguments: str) -> str:
        """Run `az` with arguments that must fail, and return the error as it prints it."""
        done = self.run(*arguments)
        if not done.returncode:
            raise AssertionError(f"az {' '.join(arguments)} was not refused:\n{done.stdout}")
        return done.stderr.strip()

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `az` with these arguments as they are."""
        return subprocess.run(
            [str(self.program), *azure_cli.arguments(arguments, self._paths)],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
