"""The Python environment of a program or a plugin: which interpreter runs it, and how its requirements come there."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final, cast

from pulumi.runtime.proto import language_pb2

REQUIREMENTS: Final = "requirements.txt"
_PLUGINS_OWN: Final = "venv"
"""The folder of a plugin's virtual environment where its options name none, as with the genuine plugin."""


class RequirementsError(Exception):
    """Requirements cannot be installed or written. The message is the engine's to show."""


def interpreter(info: language_pb2.ProgramInfo, *, is_plugin: bool = False) -> str:
    """Return the Python of the project's virtual environment if it has been created, else the sandbox's own."""
    folder = _virtualenv(info, is_plugin=is_plugin)
    candidate = _python(folder) if folder else None
    return str(candidate) if candidate and candidate.exists() else sys.executable


def require_pip(info: language_pb2.ProgramInfo) -> None:
    """Raise RequirementsError for a project whose packages are not managed by pip."""
    if (toolchain := _option(info, "toolchain")) not in ("", "pip"):
        raise RequirementsError(
            f"The sandbox's language host manages packages with pip, not with {toolchain}. Set the runtime's option "
            "`toolchain: pip`, or put a `pulumi` with its own Python plugin on PATH."
        )


class Installation:
    """One installation of a project's requirements: `outputs` runs it, `stop` ends it."""

    def __init__(self, info: language_pb2.ProgramInfo, *, is_plugin: bool) -> None:
        self._info = info
        self._is_plugin = is_plugin
        self._process: subprocess.Popen[bytes] | None = None

    def outputs(self) -> Iterator[bytes]:
        """Create the virtual environment, install `requirements.txt`, and yield the lines that tell of it.

        The genuine plugin also updates pip in the environment, and gives every plugin an environment of its own. Here a
        plugin that names none runs with the sandbox's Python, where that has all that the plugin requires.

        Raises:
            RequirementsError: another toolchain than pip, or a command that failed.

        """
        require_pip(self._info)
        folder = _virtualenv(self._info, is_plugin=self._is_plugin)
        requires = Path(self._info.program_directory, REQUIREMENTS).exists()
        optional = self._is_plugin and not _option(self._info, "virtualenv")
        if folder and not _python(folder).exists() and not (optional and (not requires or self._satisfied())):
            yield f"Creating the virtual environment {folder}\n".encode()
            yield from self._run([sys.executable, "-m", "venv", str(folder)])
        python = interpreter(self._info, is_plugin=self._is_plugin)
        if requires and not (optional and python == sys.executable):
            yield f"Installing {REQUIREMENTS}\n".encode()
            yield from self._run([*_installer(python), "install", "--quiet", "-r", REQUIREMENTS])

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def _satisfied(self) -> bool:
        """Return whether the sandbox's own Python has what the project requires; no registry is asked."""
        command = [*_installer(sys.executable), "install", "--quiet", "--dry-run", "--no-index", "-r", REQUIREMENTS]
        done = subprocess.run(command, cwd=self._info.program_directory, capture_output=True, check=False)
        return done.returncode == 0

    def _run(self, command: Sequence[str]) -> Iterator[bytes]:
        process = self._process = subprocess.Popen(
            list(command),
            cwd=self._info.program_directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        told: list[bytes] = []
        for line in cast("IO[bytes]", process.stdout):
            told.append(line)
            yield line
        if process.wait() != 0:
            words = b"".join(told).decode(errors="replace").strip()
            raise RequirementsError(f"`{' '.join(command)}` failed with exit code {process.returncode}: {words}")


def _option(info: language_pb2.ProgramInfo, name: str) -> str:
    fields = info.options.fields
    return fields[name].string_value if name in fields else ""


def _virtualenv(info: language_pb2.ProgramInfo, *, is_plugin: bool) -> Path | None:
    name = _option(info, "virtualenv") or (_PLUGINS_OWN if is_plugin else "")
    return Path(info.root_directory, name) if name else None


def _python(virtualenv: Path) -> Path:
    return virtualenv / "bin" / "python"


def _installer(python: str) -> list[str]:
    """Return pip of an environment; those that uv has created have none."""
    if python == sys.executable and importlib.util.find_spec("pip") is None and (uv := shutil.which("uv")):
        return [uv, "pip", "--python", python]
    return [python, "-m", "pip", "--disable-pip-version-check"]
