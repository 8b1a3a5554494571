"""The user's cache of tools: nothing in it is half-made.

A tool is made in a staging folder on the same file system, checked there by running it, and moved into place in one
step. One process at a time makes tools; whatever lies in staging when a process gets the lock was left by one that was
killed, so it is removed, and whatever still works for it is ended.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock
import psutil

from sandbox.progress import Progress, duration
from sandbox.tools.catalogue import Tool, system
from sandbox.tools.errors import ToolchainError
from sandbox.tools.versions import ask

STAGING_VARIABLE = "ANF_SANDBOX_STAGING"
"""Programs that make a tool carry their staging folder's name in their environment, so that they can be told apart."""

DOWNLOADED = "download"
"""Kind of a tool that its vendor built; the kind of one built here is its recipe's digest."""

_LOCK_MINUTES = 120


class ToolCache:
    """`<root>/<tool>/<version>-<os>-<arch>-<kind>/bin/<tool>`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def entry(self, tool: Tool, kind: str) -> Path:
        """The folder of a tool, whether it is there or not."""
        return self.root / tool.name / "-".join((str(tool.version), *system(), kind))

    def find(self, tool: Tool) -> Path | None:
        """The tool, had by an earlier run."""
        for kind in (DOWNLOADED, tool.digest):
            program = self.entry(tool, kind) / "bin" / tool.name
            if os.access(program, os.X_OK):
                return program
        return None

    def log(self, name: str) -> Path:
        """Where what happens while a tool is made is written."""
        folder = self.root / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.log"

    @contextmanager
    def lock(self, progress: Progress) -> Generator[None]:
        """Be the one process that makes tools. Waiting for another one is said, and has a limit."""
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
        """A folder to make a tool in, gone afterwards. Only with the lock held."""
        self._staging.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._staging))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def place(self, tool: Tool, staged: Path, kind: str) -> Path:
        """Check what was made (`<staged>/bin/<tool>`) by running it, then move it into place.

        Raises ToolchainError where it does not run, or says another version than it should.
        """
        program = staged / "bin" / tool.name
        version = ask(program, tool.ask)
        if version != tool.version:
            said = f"says that it is version {version}" if version else "does not run, or does not tell its version"
            raise ToolchainError(f"{tool.name} {tool.version} was made, but it {said}.")
        _flush(file for file in program.parent.iterdir() if file.is_file())
        target = self.entry(tool, kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():  # an older run's, without a program that works: find() did not take it
            shutil.rmtree(target)
        staged.replace(target)
        return target / "bin" / tool.name

    @property
    def _staging(self) -> Path:
        return self.root / ".staging"

    def _clean(self) -> None:
        """Remove what killed runs have left behind, and end what still works for them."""
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
    """Have the contents on disk before the name is: a power cut must not leave an empty file under a good name."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
