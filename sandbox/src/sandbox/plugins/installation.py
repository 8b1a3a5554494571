"""The plugins of the sandbox's own PULUMI_HOME.

The engine finds a plugin in that folder like any other, at the version that its SDK asks for, and starts it once for
each provider. One on PATH, or beside the `pulumi` binary, comes before it.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path

from sandbox.charts import launcher
from sandbox.parts import Part
from sandbox.paths import SandboxPaths
from sandbox.plugins import genuine
from sandbox.plugins.known import AZURE_NATIVE, KUBERNETES, PYTHON, YAML, Plugin
from sandbox.progress import Progress
from sandbox.tools import Toolchain, ensure


def install(paths: SandboxPaths, toolchain: Toolchain) -> list[Part]:
    """Fill the sandbox's plugin folder: genuine plugins where the machine has them, else our stand-ins.

    A genuine plugin that the engine finds by itself needs no entry, and gets none.
    """
    parts = [_install_genuine_or_ours(paths, plugin, toolchain.path("pulumi")) for plugin in (AZURE_NATIVE, PYTHON)]
    install_launched(paths, KUBERNETES, toolchain)
    return parts


def _install_genuine_or_ours(paths: SandboxPaths, plugin: Plugin, pulumi: Path) -> Part:
    title = f"{plugin.name} {plugin.kind} plugin"
    found = genuine.find(plugin, pulumi, paths)
    if found is None:
        install_ours(paths, plugin)
        return Part(title, genuine=False, where=str(plugin.folder(paths) / plugin.executable))
    if found.place == "plugin folder":
        _link(plugin.folder(paths) / plugin.executable, found.path)
    else:
        _remove(plugin.folder(paths))
    return Part(title, genuine=True, version=found.version, where=str(found.path), found=True)


def install_ours(paths: SandboxPaths, plugin: Plugin) -> None:
    script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {plugin.module} "$@"\n'
    write_script(plugin.folder(paths) / plugin.executable, script)


def install_launched(paths: SandboxPaths, plugin: Plugin, toolchain: Toolchain) -> None:
    """Put the genuine kubernetes plugin in place, with a launcher that shows it the way to the sandbox's charts.

    The engine prefers a plugin on PATH to one in its folder: then the launcher comes first on the sandbox's PATH.
    """
    executable, on_path = toolchain.path(plugin.executable), paths.tools / plugin.executable
    if toolchain.source(plugin.executable) == "PATH":
        _remove(plugin.folder(paths))
        if executable != on_path:  # this command runs within the sandbox's own environment
            write_script(on_path, launcher(executable, paths.charts))
        return
    on_path.unlink(missing_ok=True)
    # The plugin answers with the version of the folder that it runs from, which is the one that the SDK asks for.
    linked = plugin.folder(paths) / "genuine"
    _link(linked, executable)
    write_script(plugin.folder(paths) / plugin.executable, launcher(linked, paths.charts))


def install_yaml(paths: SandboxPaths, pulumi: Path, progress: Progress | None = None) -> None:
    """Put the genuine plugin for programs in YAML in place, where the engine does not find one; build it if need be."""
    if engine_finds(YAML, pulumi):
        _remove(YAML.folder(paths))
        return
    _link(YAML.folder(paths) / YAML.executable, ensure([YAML.executable], progress).path(YAML.executable))


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def write_script(file: Path, script: str) -> None:
    """Write a program that others run; one that says the same stays."""
    if file.exists() and not file.is_symlink() and file.read_text() == script:
        return
    file.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(script)
    file.chmod(0o755)


def engine_finds(plugin: Plugin, pulumi: Path) -> bool:
    """Return whether the engine finds a plugin without the sandbox: beside its own program, or on PATH."""
    beside = {pulumi.parent / plugin.executable, pulumi.resolve().parent / plugin.executable}
    return any(os.access(path, os.X_OK) for path in beside) or shutil.which(plugin.executable) is not None


def _remove(target: Path) -> None:
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        shutil.rmtree(target)
