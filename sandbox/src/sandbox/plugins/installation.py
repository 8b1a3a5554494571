"""The plugins of the sandbox's own PULUMI_HOME.

The engine finds a plugin in that folder like any other, at the version that its SDK asks for, and starts it once for
each provider. One on PATH, or beside the `pulumi` binary, comes before it.
"""

import importlib.metadata
import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from sandbox.charts import launcher
from sandbox.paths import SandboxPaths
from sandbox.progress import Progress
from sandbox.tools import TOOLS, Toolchain, ensure


@dataclass(frozen=True)
class Plugin:
    """A plugin: kind and name in the engine's terms, the SDK whose version the engine asks for, our module if any.

    The engine asks for a plugin without an SDK at no version: it is installed at that of the tool.
    """

    kind: str
    name: str
    distribution: str = ""
    module: str = ""

    @property
    def executable(self) -> str:
        return f"pulumi-{self.kind}-{self.name}"

    def folder(self, paths: SandboxPaths) -> Path:
        version = importlib.metadata.version(self.distribution) if self.distribution else TOOLS[self.executable].version
        return paths.pulumi_home / "plugins" / f"{self.kind}-{self.name}-v{version}"


AZURE_NATIVE = Plugin("resource", "azure-native", "pulumi-azure-native", "sandbox.plugins.azure_native")
PYTHON = Plugin("language", "python", "pulumi", "sandbox.plugins.language")
KUBERNETES = Plugin("resource", "kubernetes", "pulumi-kubernetes")
YAML = Plugin("language", "yaml")


def install(paths: SandboxPaths, toolchain: Toolchain) -> None:
    """Fill the sandbox's plugin folder: our stand-ins, and the genuine kubernetes plugin.

    A genuine plugin that the engine finds by itself needs no entry, and gets none.
    """
    install_ours(paths, AZURE_NATIVE)
    if engine_finds(PYTHON, toolchain.path("pulumi")):
        _remove(PYTHON.folder(paths))
    else:
        install_ours(paths, PYTHON)
    install_launched(paths, KUBERNETES, toolchain)


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
    genuine = plugin.folder(paths) / "genuine"
    genuine.parent.mkdir(parents=True, exist_ok=True)
    if not (genuine.is_symlink() and genuine.readlink() == executable):
        genuine.unlink(missing_ok=True)
        genuine.symlink_to(executable)
    write_script(plugin.folder(paths) / plugin.executable, launcher(genuine, paths.charts))


def install_yaml(paths: SandboxPaths, pulumi: Path, progress: Progress | None = None) -> None:
    """Put the genuine plugin for programs in YAML in place, where the engine does not find one; build it if need be."""
    if engine_finds(YAML, pulumi):
        _remove(YAML.folder(paths))
        return
    link, genuine = YAML.folder(paths) / YAML.executable, ensure([YAML.executable], progress).path(YAML.executable)
    if not (link.is_symlink() and link.readlink() == genuine):
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(genuine)


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
