"""Running other programs with a time limit, so that none outlives or blocks its caller."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_BEAT_SECONDS = 1.0


@dataclass(frozen=True)
class Finished:
    """A program that ended by itself."""

    code: int
    output: str


class TimeLimitError(Exception):
    """A program did not end in time; it has been ended with everything it started."""


def capture(argv: Sequence[str], seconds: float, env: Mapping[str, str] | None = None) -> Finished:
    """Run a short command; its standard output and errors together.

    Output goes through a file, not a pipe: a grandchild that keeps a pipe open would block the reader past any limit.
    Raises OSError where the file cannot be executed, TimeLimitError after `seconds`.
    """
    with tempfile.TemporaryFile() as output:
        code = run(argv, output, seconds, env=env)
        output.seek(0)
        return Finished(code, output.read().decode("utf-8", "replace"))


def run(
    argv: Sequence[str],
    output: IO[bytes],
    seconds: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    beat: Callable[[float], None] | None = None,
) -> int:
    """Run a program in a process group of its own, its output into a file, and return its exit code.

    `beat` is called about every second with the time passed. Whatever ends the wait (the limit, Ctrl-C, an error in
    `beat`) also ends the program and its children.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=None if env is None else dict(env),
        start_new_session=True,
    )
    try:
        while True:
            passed = time.monotonic() - began
            if passed >= seconds:
                raise TimeLimitError(f"{Path(argv[0]).name} did not end within {seconds:.0f} s")
            try:
                return process.wait(timeout=min(_BEAT_SECONDS, seconds - passed))
            except subprocess.TimeoutExpired:
                if beat:
                    beat(time.monotonic() - began)
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
