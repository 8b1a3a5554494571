"""The plugins of the sandbox's own PULUMI_HOME.

A plugin in that folder is found by the engine like any other, at the version its SDK asks for, and started once for
each provider, as the genuine one is. One on PATH, or beside the `pulumi` binary, comes before it.
"""

import importlib.metadata
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.paths import SandboxPaths


@dataclass(frozen=True)
class StandIn:
    """A plugin of ours: kind and name in the engine's terms, the module that runs it, the SDK whose version it has."""

    kind: str
    name: str
    module: str
    distribution: str

    @property
    def folder(self) -> str:
        """Its folder's name in PULUMI_HOME/plugins."""
        return f"{self.kind}-{self.name}-v{importlib.metadata.version(self.distribution)}"

    @property
    def executable(self) -> str:
        """Its file's name in that folder."""
        return f"pulumi-{self.kind}-{self.name}"


AZURE_NATIVE = StandIn("resource", "azure-native", "sandbox.plugins.azure_native", "pulumi-azure-native")
KUBERNETES = StandIn("resource", "kubernetes", "sandbox.plugins.kubernetes", "pulumi-kubernetes")
PYTHON = StandIn("language", "python", "sandbox.plugins.language", "pulumi")


def install(paths: SandboxPaths, stand_ins: Mapping[StandIn, Path | None]) -> None:
    """Make the sandbox's plugin folder hold exactly these: ours, or a link to the genuine one's folder where given.

    A genuine plugin that lies on PATH or beside `pulumi` needs no entry: leave its stand-in out.
    """
    plugins = paths.pulumi_home / "plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    for stand_in in (AZURE_NATIVE, KUBERNETES, PYTHON):
        target = plugins / stand_in.folder
        if stand_in not in stand_ins:
            _remove(target)
        elif (genuine := stand_ins[stand_in]) is None:
            _install_ours(target, stand_in)
        elif not (target.is_symlink() and target.resolve() == genuine.resolve()):
            _remove(target)
            target.symlink_to(genuine, target_is_directory=True)


def _install_ours(target: Path, stand_in: StandIn) -> None:
    launcher = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {stand_in.module} "$@"\n'
    file = target / stand_in.executable
    if not target.is_symlink() and file.exists() and file.read_text() == launcher:
        return
    _remove(target)
    target.mkdir(parents=True)
    file.write_text(launcher)
    file.chmod(0o755)


def _remove(target: Path) -> None:
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        shutil.rmtree(target)
