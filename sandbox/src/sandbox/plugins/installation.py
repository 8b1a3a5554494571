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
from sandbox.tools import Toolchain


@dataclass(frozen=True)
class Plugin:
    """A plugin: kind and name in the engine's terms, the SDK whose version the engine asks for, our module if any."""

    kind: str
    name: str
    distribution: str
    module: str = ""

    @property
    def executable(self) -> str:
        return f"pulumi-{self.kind}-{self.name}"

    def folder(self, paths: SandboxPaths) -> Path:
        version = importlib.metadata.version(self.distribution)
        return paths.pulumi_home / "plugins" / f"{self.kind}-{self.name}-v{version}"


AZURE_NATIVE = Plugin("resource", "azure-native", "pulumi-azure-native", "sandbox.plugins.azure_native")
PYTHON = Plugin("language", "python", "pulumi", "sandbox.plugins.language")
KUBERNETES = Plugin("resource", "kubernetes", "pulumi-kubernetes")


def install(paths: SandboxPaths, toolchain: Toolchain) -> None:
    """Fill the sandbox's plugin folder: our stand-ins, and the genuine kubernetes plugin.

    A genuine plugin that the engine finds by itself needs no entry, and gets none.
    """
    install_ours(paths, AZURE_NATIVE)
    if has_python_language_plugin(toolchain):
        _remove(PYTHON.folder(paths))
    else:
        install_ours(paths, PYTHON)
    install_launched(paths, KUBERNETES, toolchain)


def install_ours(paths: SandboxPaths, plugin: Plugin) -> None:
    script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {plugin.module} "$@"\n'
    _write_script(plugin.folder(paths) / plugin.executable, script)


def install_launched(paths: SandboxPaths, plugin: Plugin, toolchain: Toolchain) -> None:
    """Put the genuine kubernetes plugin in place, with a launcher that shows it the way to the sandbox's charts.

    The engine prefers a plugin on PATH to one in its folder: then the launcher comes first on the sandbox's PATH.
    """
    executable, on_path = toolchain.path(plugin.executable), paths.tools / plugin.executable
    if toolchain.source(plugin.executable) == "PATH":
        _remove(plugin.folder(paths))
        if executable != on_path:  # this command runs within the sandbox's own environment
            _write_script(on_path, launcher(executable, paths.charts))
        return
    on_path.unlink(missing_ok=True)
    # The plugin answers with the version of the folder that it runs from, which is the one that the SDK asks for.
    genuine = plugin.folder(paths) / "genuine"
    genuine.parent.mkdir(parents=True, exist_ok=True)
    if not (genuine.is_symlink() and genuine.readlink() == executable):
        genuine.unlink(missing_ok=True)
        genuine.symlink_to(executable)
    _write_script(plugin.folder(paths) / plugin.executable, launcher(genuine, paths.charts))


def _write_script(file: Path, script: str) -> None:
    if file.exists() and not file.is_symlink() and file.read_text() == script:
        return
    file.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(script)
    file.chmod(0o755)


def has_python_language_plugin(toolchain: Toolchain) -> bool:
    pulumi = toolchain.path("pulumi")
    beside = {pulumi.parent / PYTHON.executable, pulumi.resolve().parent / PYTHON.executable}
    return any(os.access(path, os.X_OK) for path in beside) or shutil.which(PYTHON.executable) is not None


def _remove(target: Path) -> None:
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        shutil.rmtree(target)
