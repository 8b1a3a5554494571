"""The user's cache of tools: nothing in it is half-made.

A tool is made in a staging folder on the same file system, checked there by running it, and moved into place in one
step. One process at a time makes tools, and first ends and removes what a killed one has left in staging.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock
import platformdirs
import psutil

from sandbox.progress import Progress, duration
from sandbox.tools.catalogue import Tool, system
from sandbox.tools.errors import ToolchainError
from sandbox.tools.search import ask
from sandbox.tools.toolchain import ResolvedTool, Source

STAGING_VARIABLE = "ANF_SANDBOX_STAGING"
"""Programs that make a tool carry their staging folder's name in their environment, so that they can be told apart."""

_LOCK_MINUTES = 120


def tool_cache() -> Path:
    """Return the folder of built and downloaded tools, which all sandboxes of this user share.

    ANF_SANDBOX_CACHE names another one.
    """
    return Path(os.environ.get("ANF_SANDBOX_CACHE") or platformdirs.user_cache_path("anf-sandbox")).resolve()


class ToolCache:
    """`<root>/<tool>/<version>-<os>-<arch>-<kind>/bin/<tool>`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._staging = root / ".staging"

    def find(self, tool: Tool) -> ResolvedTool | None:
        for kind, version in tool.editions.items():
            program = self._entry(tool, kind) / "bin" / tool.name
            if os.access(program, os.X_OK):
                return ResolvedTool(program, str(version), "cache")
        return None

    def log(self, name: str) -> Path:
        folder = self.root / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.log"

    @contextmanager
    def lock(self, progress: Progress) -> Generator[None]:
        """Be the one process that makes tools. Waiting for another one is reported, and has a limit."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ToolchainError(
                f"The folder for tools cannot be made: {error}. Name another one with ANF_SANDBOX_CACHE."
            ) from error
        lock = filelock.FileLock(self.root / ".lock")
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            self._wait(lock, progress)
        try:
            self._clean()
            yield
        finally:
            lock.release()

    def _wait(self, lock: filelock.BaseFileLock, progress: Progress) -> None:
        began = time.monotonic()
        with progress.step(f"Waiting for another process that is making tools in {self.root}") as step:
            while time.monotonic() - began < _LOCK_MINUTES * 60:
                with suppress(filelock.Timeout):
                    lock.acquire(timeout=1)
                    return
                step.update(f"{duration(time.monotonic() - began)} so far")
            raise ToolchainError(
                f"Another process has been making tools in {self.root} for {_LOCK_MINUTES} minutes. "
                "End it, or name another folder with ANF_SANDBOX_CACHE."
            )

    @contextmanager
    def staging(self) -> Generator[Path]:
        """Return a folder to make a tool in, and delete it afterwards. Only with the lock held."""
        self._staging.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._staging))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def place(self, tool: Tool, staged: Path, kind: str, source: Source) -> ResolvedTool:
        """Check the program (`<staged>/bin/<tool>`) by running it, then move it into place."""
        program = staged / "bin" / tool.name
        wanted = tool.editions[kind]
        version = wanted if tool.ask is None else ask(program, tool.ask)
        if version != wanted:
            told = f"says that it is version {version}" if version else "does not run, or does not tell its version"
            raise ToolchainError(f"{tool.name} {wanted} was made, but it {told}.")
        _flush(file for file in program.parent.iterdir() if file.is_file())
        target = self._entry(tool, kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():  # an older run's, without a program that works: find() did not take it
            shutil.rmtree(target)
        staged.replace(target)
        return ResolvedTool(target / "bin" / tool.name, str(wanted), source)

    def _entry(self, tool: Tool, kind: str) -> Path:
        return self.root / tool.name / "-".join((str(tool.editions[kind]), *system(), kind))

    def _clean(self) -> None:
        """Delete the files that killed runs have left behind, and end the programs that still work for them."""
        left = [str(folder) for folder in self._staging.iterdir()] if self._staging.exists() else []
        if not left:
            return
        orphans: list[psutil.Process] = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):  # other users' processes cannot be asked
                if process.environ().get(STAGING_VARIABLE) in left:
                    process.kill()
                    orphans.append(process)
        psutil.wait_procs(orphans, timeout=10)
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)


def _flush(files: Iterable[Path]) -> None:
    """Write the contents to disk before the name: a power cut must not leave an empty file under a good name."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
