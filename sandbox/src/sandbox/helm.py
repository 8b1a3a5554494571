"""`helm` in the sandbox's environment: the genuine one, with the way to the sandbox's charts where these are played."""

import os
import shutil
from pathlib import Path
from typing import Final

from sandbox.charts import launcher
from sandbox.parts import Part
from sandbox.paths import SandboxPaths
from sandbox.plugins.installation import write_script
from sandbox.progress import Progress
from sandbox.tools import ensure
from sandbox.tools.search import ask

_VERSION: Final = ("version", "--short")


def install(paths: SandboxPaths) -> list[Part]:
    """Put a launcher for the machine's own `helm` first on the sandbox's PATH; without one there is none."""
    others = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if Path(folder) != paths.tools]
    found = shutil.which("helm", path=os.pathsep.join(others))
    if found is None:
        return []
    _write(paths, Path(found))
    return [Part("helm", genuine=True, version=str(ask(Path(found), _VERSION) or ""), where=found, found=True)]


def install_built(paths: SandboxPaths, progress: Progress | None = None) -> Path:
    """Return the launcher of a `helm`: the machine's own, else one built from its Go module."""
    if not install(paths):
        _write(paths, ensure(["helm"], progress).path("helm"))
    return paths.tools / "helm"


def _write(paths: SandboxPaths, program: Path) -> None:
    """Its repositories and its cache are the sandbox's own: the user's name the genuine charts."""
    homes = {f"HELM_{home.upper()}_HOME": str(paths.root / "helm" / home) for home in ("cache", "config", "data")}
    write_script(paths.tools / "helm", launcher(program, paths.charts, homes))
