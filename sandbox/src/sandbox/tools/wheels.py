"""Programs that Python packages carry: Go and kubectl, on machines that reach a package registry alone."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from sandbox.progress import Progress, duration
from sandbox.tools.cache import STAGING_VARIABLE, ToolCache
from sandbox.tools.errors import ToolchainError, explain
from sandbox.tools.processes import TimeLimitError, run

_INSTALL_SECONDS = 600.0


def install(what: str, wheel: str, staging: Path, cache: ToolCache, progress: Progress, title: str) -> Path:
    """Install a Python package into a folder of its own below `staging`, and return that folder. With the lock held."""
    package = wheel.partition("==")[0]
    log = cache.log(package)
    with progress.step(title) as step, log.open("wb") as output:
        argv = [*_installer(what), "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
        argv += ["--target", str(staging / package), wheel]
        env = {**os.environ, STAGING_VARIABLE: str(staging)}
        try:
            code = run(argv, output, _INSTALL_SECONDS, env=env, beat=lambda seconds: step.update(duration(seconds)))
        except TimeLimitError as error:
            raise ToolchainError(f"{what} cannot be installed: {error}. Is the network slow? Log: {log}") from error
        if code != 0:
            raise ToolchainError(explain(what, log))
    return staging / package


def _installer(what: str) -> list[str]:
    """Return pip of this environment; uv creates environments without one."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    if uv := shutil.which("uv"):
        return [uv, "pip"]
    raise ToolchainError(
        f"{what} is missing, and there is no pip to install it with. Put it on PATH, or run: python -m ensurepip"
    )
