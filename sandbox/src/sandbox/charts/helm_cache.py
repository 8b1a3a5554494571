"""Genuine charts that the user has: archives in Helm's cache, where `helm install` and `helm pull` have left them.

The folder is Helm's own (https://helm.sh/docs/helm/helm/): HELM_REPOSITORY_CACHE, else `repository` below
HELM_CACHE_HOME, else below `helm` in the cache folder of the system.
"""

import os
import sys
import tarfile
from pathlib import Path
from typing import Any, Final

import yaml

STAND_IN: Final = "The sandbox's stand-in"
"""How the descriptions of the sandbox's own charts begin: Helm keeps these in its cache, too."""


def archive(chart: str, version: str) -> Path | None:
    """Return the archive of a chart's version, or None."""
    file = _folder() / f"{chart}-{version}.tgz"
    return file if _is_chart(file, chart, version) else None


def _folder() -> Path:
    if folder := os.environ.get("HELM_REPOSITORY_CACHE"):
        return Path(folder)
    if folder := os.environ.get("HELM_CACHE_HOME"):
        return Path(folder) / "repository"
    system = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or system) / "helm" / "repository"


def _is_chart(file: Path, chart: str, version: str) -> bool:
    """Return whether a file is a whole archive of the genuine chart: a download that was killed is none."""
    try:
        with tarfile.open(file) as packed:
            found = packed.extractfile(f"{chart}/Chart.yaml")
            content: Any = yaml.safe_load(found.read()) if found else {}
            packed.getmembers()  # to the end of the file
    except (OSError, KeyError, tarfile.TarError, EOFError, yaml.YAMLError):
        return False
    if not isinstance(content, dict) or (content.get("name"), str(content.get("version"))) != (chart, version):
        return False
    return not str(content.get("description")).startswith(STAND_IN)
