"""Background processes of the sandbox: started detached, found again by a later command, ended by their own id.

What runs is recorded in `services/<name>.json`. A record may outlive its process (a kill, a reboot) and its pid may by
then belong to somebody else's process, so a record counts only while a process with that pid *and* that command line
lives. A command names its sandbox. The time at which a process began would not do: it is reckoned from the clock, and
moves when that is set, as after a machine's sleep.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import filelock
import psutil

from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths

_POLL_SECONDS = 0.05
_TAIL_LINES = 20


class BackgroundProcessError(SandboxError):
    """A process could not be started or stopped; the message says which, why, and shows the end of its log."""


@dataclass(frozen=True)
class ProcessRecord:
    """The content of `services/<name>.json`."""

    pid: int
    argv: list[str]
    details: dict[str, str | int] = field(default_factory=dict[str, str | int])
    """Details for clients of the process, its port for instance. Never a secret."""

    def process(self) -> psutil.Process | None:
        """The living process of this record, or None when it has ended or its pid is another's by now."""
        try:
            process = psutil.Process(self.pid)
            ours = process.status() != psutil.STATUS_ZOMBIE and process.cmdline() == self.argv
            return process if ours else None
        except psutil.Error:  # ended, or another user's
            return None


class BackgroundProcess:
    """One named process of the sandbox.

    Args:
        name: names the record (`services/<name>.json`) and the log (`logs/<name>.log`).
        argv: the command. It appears in process lists and in the record: never put a secret there.
        paths: the sandbox whose process it is.
        ready: True once the process does its work; called until then. An exception is not swallowed.
        awaited: what `ready` waits for, in words, for the error when it does not come.
        env: variables added to this process's own environment.
        inherited: names of those variables of this process's own environment that it gets; all unless given.
        details: kept in the record for those who look the process up.
        start_timeout, stop_timeout: seconds.

    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        paths: SandboxPaths,
        ready: Callable[[], bool],
        *,
        awaited: str,
        env: Mapping[str, str] | None = None,
        inherited: Collection[str] | None = None,
        details: Mapping[str, str | int] | None = None,
        start_timeout: float = 60,
        stop_timeout: float = 15,
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self._paths = paths
        self._ready = ready
        self._awaited = awaited
        self._env = dict(env or {})
        self._inherited = inherited
        self._details = dict(details or {})
        self._start_timeout = start_timeout
        self._stop_timeout = stop_timeout

    @property
    def log(self) -> Path:
        """Standard output and error of every run, appended."""
        return self._paths.logs / f"{self.name}.log"

    def status(self) -> ProcessRecord | None:
        """The record of the running process; None when it does not run."""
        record = read_record(self._paths, self.name)
        return record if record and record.process() else None

    def start(self) -> ProcessRecord:
        """Start it and wait until it is ready. One that runs already, with this command, is left as it is.

        Raises:
            BackgroundProcessError: it ended, or was not ready in time (it is stopped again then).

        """
        with self._lock():
            running = self.status()
            if running and running.argv == self.argv and self._ready():
                return running
            self._end(running)
            return self._spawn()

    def stop(self) -> bool:
        """End it and its children; True when it was running."""
        with self._lock():
            running = self.status()
            self._end(running)
            return running is not None

    def _spawn(self) -> ProcessRecord:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            begin = log.tell()
            try:
                child = subprocess.Popen(
                    self.argv,
                    cwd=self._paths.root,
                    env={**self._inherited_environment(), **self._env},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C in the terminal of `up` is not meant for it
                )
            except OSError as error:
                raise BackgroundProcessError(f"{self.name} cannot be started: {error}") from error
        try:
            record = ProcessRecord(child.pid, self.argv, self._details)
            self._write(record)
            self._await_ready(child, begin)
        except BaseException:  # an interrupt too must leave no process behind that nobody knows of
            child.kill()
            child.wait()
            self._record_file.unlink(missing_ok=True)
            raise
        return record

    def _inherited_environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if self._inherited is None or name in self._inherited}

    def _await_ready(self, child: subprocess.Popen[bytes], begin: int) -> None:
        deadline = time.monotonic() + self._start_timeout
        while child.poll() is None:
            if self._ready():
                child.returncode = 0  # it outlives us: tells Popen not to complain about a process left running
                return
            if time.monotonic() > deadline:
                raise BackgroundProcessError(
                    f"{self.name} was not ready within {self._start_timeout:g} s; awaited: {self._awaited}."
                    + self._tail(begin)
                )
            time.sleep(_POLL_SECONDS)
        raise BackgroundProcessError(
            f"{self.name} ended with exit code {child.returncode} while it was awaited: {self._awaited}."
            + self._tail(begin)
        )

    def _end(self, record: ProcessRecord | None) -> None:
        process = record.process() if record else None
        if process:
            with suppress(psutil.NoSuchProcess):
                family = [process, *process.children(recursive=True)]
                process.terminate()
                _, alive = psutil.wait_procs([process], timeout=self._stop_timeout)
                for left in [*alive, *family[1:]]:
                    with suppress(psutil.NoSuchProcess):
                        left.kill()
                _, alive = psutil.wait_procs(family, timeout=self._stop_timeout)
                if alive:
                    raise BackgroundProcessError(
                        f"{self.name} (pid {process.pid}) cannot be ended, not even by SIGKILL."
                    )
        self._record_file.unlink(missing_ok=True)

    def _tail(self, begin: int) -> str:
        with self.log.open("rb") as log:
            log.seek(begin)
            lines = log.read().decode(errors="replace").splitlines()[-_TAIL_LINES:]
        said = "\n".join(f"  {line}" for line in lines) or "  (it wrote nothing)"
        return f" The end of {self.log}:\n{said}"

    @property
    def _record_file(self) -> Path:
        return self._paths.services / f"{self.name}.json"

    def _write(self, record: ProcessRecord) -> None:
        partial = self._record_file.with_suffix(".part")
        partial.write_text(json.dumps(asdict(record), indent=2))
        partial.replace(self._record_file)

    def _lock(self) -> filelock.BaseFileLock:
        """Two commands at once must not start the same process twice."""
        self._paths.services.mkdir(parents=True, exist_ok=True)
        return filelock.FileLock(
            self._paths.services / f"{self.name}.lock", timeout=self._start_timeout + self._stop_timeout
        )


def read_record(paths: SandboxPaths, name: str) -> ProcessRecord | None:
    """Return the last record of the process `name`; it may have ended since (`ProcessRecord.process`)."""
    try:
        return ProcessRecord(**json.loads((paths.services / f"{name}.json").read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        return None  # written by another version or cut off: no process of ours can be told by it
