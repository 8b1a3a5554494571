"""Tools that the machine has already: on PATH, at a version that will do."""

import os
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from semver import Version

from sandbox.tools.catalogue import Tool
from sandbox.tools.versions import ask, good_enough, within_one_minor


def on_path(tools: Mapping[str, Tool], names: Iterable[str]) -> dict[str, tuple[Path, Version]]:
    """Those of `names` that PATH offers and that are good enough, with their versions.

    Companions (the control plane's three, kwok and kwokctl) are taken together at one version or not at all. kubectl is
    judged by the API server that will be used: one minor version to either side.
    """
    wanted = {name for asked in names for name in {asked} | tools[asked].companions}
    if "kubectl" in wanted:
        wanted |= tools["kube-apiserver"].companions if "kube-apiserver" in tools else set()
    present = _versions(tools[name] for name in wanted & tools.keys())

    fit: dict[str, tuple[Path, Version]] = {}
    for name in (wanted & tools.keys()) - {"kubectl"}:
        family = tools[name].companions | {name}
        versions = {present[member][1] for member in family if member in present}
        complete = family <= present.keys() and len(versions) == 1
        if complete and good_enough(present[name][1], tools[name].version):
            fit[name] = present[name]

    if "kubectl" in present:
        server = fit["kube-apiserver"][1] if "kube-apiserver" in fit else tools["kubectl"].version
        if within_one_minor(present["kubectl"][1], server):
            fit["kubectl"] = present["kubectl"]
    return {name: fit[name] for name in names if name in fit}


def _versions(tools: Iterable[Tool]) -> dict[str, tuple[Path, Version]]:
    """What PATH holds, each asked for its version; programs that do not answer are as good as absent."""

    def look(tool: Tool) -> tuple[str, Path, Version] | None:
        found = shutil.which(tool.name)
        version = ask(Path(found), tool.ask) if found else None
        return (tool.name, Path(found), version) if found and version else None

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return {name: (path, version) for name, path, version in filter(None, pool.map(look, tools))}
