"""Progress of long-running parts of the sandbox, for a person or a log."""

import sys
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.markup import escape
from rich.status import Status

_QUIET_SECONDS = 30.0


class Step(Protocol):
    """A piece of work under way."""

    def update(self, detail: str) -> None:
        """Say how far the work is. May be called every second: whoever shows it decides how often it prints."""
        ...


class Progress(Protocol):
    """The receiver of progress reports."""

    def say(self, line: str) -> None:
        """One line of its own."""
        ...

    def step(self, title: str) -> AbstractContextManager[Step]:
        """Announce work that begins now; leaving the block ends it, an exception marks it as failed."""
        ...


def duration(seconds: float) -> str:
    """Seconds as people say them: `4 s`, `2 min 05 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class PlainProgress:
    """Plain lines, for logs: the beginning and the end of a step, and a sign of life every 30 seconds."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def say(self, line: str) -> None:
        """Print the line."""
        print(line, file=self._stream or sys.stderr, flush=True)

    @contextmanager
    def step(self, title: str) -> Generator[Step]:
        """Print the title at the beginning, and again with the time it took."""
        self.say(f"{title} …")
        began = time.monotonic()
        try:
            yield _PlainStep(self, title)
        except BaseException:
            self.say(f"{title}: failed after {duration(time.monotonic() - began)}")
            raise
        self.say(f"{title}: done in {duration(time.monotonic() - began)}")


class _PlainStep:
    def __init__(self, progress: PlainProgress, title: str) -> None:
        self._progress = progress
        self._title = title
        self._spoke = time.monotonic()

    def update(self, detail: str) -> None:
        now = time.monotonic()
        if now - self._spoke >= _QUIET_SECONDS:
            self._spoke = now
            self._progress.say(f"{self._title}: {detail}")


class RichProgress:
    """A live line on a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)

    def say(self, line: str) -> None:
        """Print the line."""
        self._console.print(escape(line), highlight=False)

    @contextmanager
    def step(self, title: str) -> Generator[Step]:
        """Show a spinner with the latest detail while the step lasts."""
        began = time.monotonic()
        with self._console.status(escape(title)) as status:
            try:
                yield _RichStep(status, title)
            except BaseException:
                self._console.print(f"[red]✗[/red] {escape(title)} ({duration(time.monotonic() - began)})")
                raise
        self._console.print(f"[green]✓[/green] {escape(title)} ({duration(time.monotonic() - began)})", highlight=False)


class _RichStep:
    def __init__(self, status: Status, title: str) -> None:
        self._status = status
        self._title = title

    def update(self, detail: str) -> None:
        self._status.update(f"{escape(self._title)}  [dim]{escape(detail)}[/dim]")


def default_progress() -> Progress:
    """A live line where a person watches, plain lines elsewhere; on standard error, so that output stays clean."""
    return RichProgress() if sys.stderr.isatty() else PlainProgress()
