"""Genuine plugins that the machine has: on PATH, beside its `pulumi`, or in the user's own PULUMI_HOME.

This is the engine's own order (GetPluginPath in its sdk/go/common/workspace/plugins.go). In its folder it takes a
resource plugin at the version that the SDK asks for, and of a language plugin the newest.
"""

import os
import re
import selectors
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from semver import Version

from sandbox.paths import SandboxPaths
from sandbox.plugins.known import Plugin

Place = Literal["PATH", "beside pulumi", "plugin folder"]

_ASK_SECONDS: Final = 20.0


@dataclass(frozen=True)
class GenuinePlugin:
    """A plugin of the vendor's."""

    path: Path
    place: Place
    version: str
    """Without a `v`; empty where the plugin does not tell it."""


def find(plugin: Plugin, pulumi: Path, paths: SandboxPaths) -> GenuinePlugin | None:
    """Return the genuine plugin that the engine would take without the sandbox, or None."""
    if on_path := shutil.which(plugin.executable):
        return GenuinePlugin(Path(on_path), "PATH", told_version(Path(on_path), plugin.kind))
    for folder in (pulumi.parent, pulumi.resolve().parent):
        if os.access(folder / plugin.executable, os.X_OK):
            path = folder / plugin.executable
            return GenuinePlugin(path, "beside pulumi", told_version(path, plugin.kind))
    found = _installed(plugin, paths)
    return GenuinePlugin(found[1], "plugin folder", str(found[0])) if found else None


def _installed(plugin: Plugin, paths: SandboxPaths) -> tuple[Version, Path] | None:
    wanted = plugin.version if plugin.kind == "resource" else r"\d+\.\d+\.\d+"
    homes = [Path(os.environ["PULUMI_HOME"])] if os.environ.get("PULUMI_HOME") else []
    found: list[tuple[Version, Path]] = []
    for home in (*homes, Path.home() / ".pulumi"):
        if home.resolve() == paths.pulumi_home.resolve():
            continue
        for folder in home.glob(f"plugins/{plugin.kind}-{plugin.name}-v*"):
            version = folder.name.removeprefix(f"{plugin.kind}-{plugin.name}-v")
            # The engine marks an installation that has not ended, or was killed, with `.partial`.
            half_done = folder.with_name(f"{folder.name}.partial").exists()
            if re.fullmatch(wanted, version) and not half_done and os.access(folder / plugin.executable, os.X_OK):
                found.append((Version.parse(version), folder / plugin.executable))
    return max(found, default=None)


def told_version(path: Path, kind: str) -> str:
    """Ask a plugin for its version, as the engine does; empty where it does not answer."""
    import grpc
    from google.protobuf import empty_pb2
    from pulumi.runtime.proto import language_pb2_grpc, provider_pb2_grpc

    stub = language_pb2_grpc.LanguageRuntimeStub if kind == "language" else provider_pb2_grpc.ResourceProviderStub
    try:
        # What it gets as the engine's address is asked for nothing before a program runs.
        process = subprocess.Popen(
            [str(path), "127.0.0.1:1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return ""
    try:
        port = _first_line(process)
        if not port.isdecimal():
            return ""
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            answer = stub(channel).GetPluginInfo(empty_pb2.Empty(), timeout=_ASK_SECONDS)
        return str(answer.version).removeprefix("v")
    except grpc.RpcError:
        return ""
    finally:
        process.kill()
        process.communicate()


def _first_line(process: "subprocess.Popen[bytes]") -> str:
    if process.stdout is None:
        return ""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        answered = selector.select(_ASK_SECONDS)
    return process.stdout.readline().decode(errors="replace").strip() if answered else ""
