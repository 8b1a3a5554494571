"""Genuine plugins that the machine has are used, and the sandbox's stand-ins are then not installed."""

import os
import sys
from pathlib import Path

import pulumi_azure_native as azure_native
import pytest
from pulumi import automation

from sandbox.paths import SandboxPaths
from sandbox.plugins.installation import install
from sandbox.plugins.known import AZURE_NATIVE, PYTHON, Plugin
from sandbox.tools import ResolvedTool, Toolchain, ensure
from sandbox.tools.cache import tool_cache
from tests.plugins.engine import engine

PLACES = ["PATH", "beside pulumi", "plugin folder"]


@pytest.fixture
def paths(tmp_path: Path) -> SandboxPaths:
    return SandboxPaths(tmp_path / "sandbox")


@pytest.fixture
def toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toolchain:
    """A machine with no plugin: its pulumi lies alone, and the user has an empty PULUMI_HOME."""
    without = [
        each
        for each in os.environ["PATH"].split(os.pathsep)
        if not any((Path(each) / plugin.executable).exists() for plugin in (AZURE_NATIVE, PYTHON))
    ]
    monkeypatch.setenv("PATH", os.pathsep.join(without))
    tools = ensure(["pulumi", "pulumi-resource-kubernetes"])
    monkeypatch.setenv("ANF_SANDBOX_CACHE", str(tool_cache()))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    for name in ("pulumi", "pulumi-resource-kubernetes"):
        file = tmp_path / "machine" / name
        file.parent.mkdir(exist_ok=True)
        file.symlink_to(tools.path(name))
    return Toolchain(
        {
            "pulumi": ResolvedTool(tmp_path / "machine" / "pulumi", "", "cache"),
            "pulumi-resource-kubernetes": ResolvedTool(
                tmp_path / "machine" / "pulumi-resource-kubernetes", "4.24.0", "cache"
            ),
        }
    )


def add_genuine(plugin: Plugin, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a plugin where the user has it, which writes down that it was started. Inside it is our stand-in."""
    folders = {
        "PATH": tmp_path / "path",
        "beside pulumi": tmp_path / "machine",
        "plugin folder": tmp_path / "users" / "plugins" / f"{plugin.kind}-{plugin.name}-v{plugin.version}",
    }
    folder = folders[place]
    folder.mkdir(parents=True, exist_ok=True)
    if place == "PATH":
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "users"))
    file = folder / plugin.executable
    file.write_text(f'#!/bin/sh\necho started >> {tmp_path}/started\nexec {sys.executable} -m {plugin.module} "$@"\n')
    file.chmod(0o755)
    return file


def installed(paths: SandboxPaths, plugin: Plugin) -> Path:
    return plugin.folder(paths) / plugin.executable


@pytest.mark.parametrize("plugin", [AZURE_NATIVE, PYTHON], ids=lambda plugin: plugin.name)
@pytest.mark.parametrize("place", PLACES)
def test_a_genuine_plugin_is_found_and_ours_is_taken_away(
    plugin: Plugin,
    place: str,
    paths: SandboxPaths,
    toolchain: Toolchain,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {part.name: part for part in install(paths, toolchain)}
    name = f"{plugin.name} {plugin.kind} plugin"
    assert not before[name].genuine
    assert installed(paths, plugin).is_file()
    genuine = add_genuine(plugin, place, tmp_path, monkeypatch)
    after = {part.name: part for part in install(paths, toolchain)}[name]
    assert (after.genuine, after.found, after.where) == (True, True, str(genuine))
    assert str(after) == f"{name}: genuine {after.version}, {genuine}"
    if place == "plugin folder":
        assert after.version == plugin.version
        assert installed(paths, plugin).readlink() == genuine
    else:
        assert not plugin.folder(paths).exists()


@pytest.mark.parametrize("place", PLACES)
def test_the_engine_starts_the_genuine_plugin_in_the_sandbox(
    place: str, paths: SandboxPaths, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_genuine(AZURE_NATIVE, place, tmp_path, monkeypatch)
    install(paths, toolchain)
    (tmp_path / "started").unlink(missing_ok=True)

    def program() -> None:
        azure_native.Provider("azure")

    path = os.pathsep.join([str(toolchain.path("pulumi").parent), os.environ["PATH"]])
    with (
        engine(paths, {"PATH": path}),
        pytest.raises(automation.CommandError, match="no other credentials are configured for azure-native"),
    ):
        automation.create_or_select_stack("dev", project_name="tryout", program=program).preview()
    assert "started" in (tmp_path / "started").read_text()


def test_one_that_is_half_installed_is_left(
    paths: SandboxPaths, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = add_genuine(AZURE_NATIVE, "plugin folder", tmp_path, monkeypatch).parent
    folder.with_name(f"{folder.name}.partial").touch()
    assert not any(part.genuine for part in install(paths, toolchain))


def test_one_of_another_version_than_the_sdks_is_left(
    paths: SandboxPaths, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = add_genuine(AZURE_NATIVE, "plugin folder", tmp_path, monkeypatch).parent
    folder.rename(folder.with_name("resource-azure-native-v1.0.0"))
    assert not any(part.genuine for part in install(paths, toolchain))
