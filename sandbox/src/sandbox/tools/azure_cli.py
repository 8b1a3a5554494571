"""The Azure CLI: the `az` that PATH has, else its Python package in an environment of its own."""

import platform
import shutil
import sys
from pathlib import Path
from typing import Final

from semver import Version

from sandbox.progress import Progress
from sandbox.tools import wheels
from sandbox.tools.cache import ToolCache, tool_cache
from sandbox.tools.catalogue import AZURE_CLI
from sandbox.tools.errors import ToolchainError
from sandbox.tools.search import ask, good_enough

_PACKAGE, _, VERSION = AZURE_CLI.partition("==")
# Its script names the interpreter by the path of the environment, which is another one until it is in place.
_LAUNCHER: Final = '#!/bin/sh\nexec "$(dirname "$0")/python" -Im azure.cli "$@"\n'


def on_path(search: str) -> Path | None:
    """Return the `az` of a search path, where it is new enough."""
    found = shutil.which("az", path=search)
    version = ask(Path(found), ("version",)) if found else None
    return Path(found) if found and version and good_enough(version, Version.parse(VERSION)) else None


def installed(cache: ToolCache | None = None) -> Path | None:
    """Return the one in the user's cache."""
    folder = _home(cache or ToolCache(tool_cache())) / "bin"
    return folder / "az" if (folder / "az").exists() and (folder / "python").exists() else None


def install(progress: Progress, cache: ToolCache | None = None) -> Path:
    """Have it in the user's cache. An installation that is interrupted leaves nothing that would be taken for whole."""
    cache = cache or ToolCache(tool_cache())
    with cache.lock(progress):
        if program := installed(cache):  # another process has installed it while this one waited
            return program
        title = f"Installing the Azure CLI {VERSION} from its Python package (once on this machine, 700 MB)"
        with cache.staging() as staging:
            staged = wheels.install_environment("The Azure CLI", AZURE_CLI, staging, cache, progress, title)
            launcher = staged / "bin" / "az"
            launcher.write_text(_LAUNCHER)
            launcher.chmod(0o755)
            if str(version := ask(launcher, ("version",))) != VERSION:
                raise ToolchainError(f"The Azure CLI {VERSION} was installed, but it says that it is {version}.")
            home = _home(cache)
            home.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(home, ignore_errors=True)
            staged.replace(home)
    return home / "bin" / "az"


def _home(cache: ToolCache) -> Path:
    """An environment is of one Python: another version of it cannot read the packages."""
    python = f"{sys.implementation.name}{sys.version_info.major}.{sys.version_info.minor}"
    return cache.root / _PACKAGE / f"{VERSION}-{sys.platform}-{platform.machine().lower()}-{python}"
