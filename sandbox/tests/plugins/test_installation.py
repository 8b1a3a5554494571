"""The genuine kubernetes plugin, run by a launcher that leads it to the sandbox's charts."""

import importlib.metadata
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pulumi_kubernetes as kubernetes
import pytest
from pulumi import ResourceOptions, automation

from sandbox.charts import ChartServer, chart_hosts
from sandbox.paths import SandboxPaths
from sandbox.plugins.installation import install_launched, install_yaml
from sandbox.plugins.known import KUBERNETES, YAML
from sandbox.tools import ResolvedTool, Toolchain, ensure
from tests.plugins.engine import engine

NAME = "pulumi-resource-kubernetes"
VERSION = importlib.metadata.version("pulumi-kubernetes")


@pytest.fixture
def paths(tmp_path: Path) -> SandboxPaths:
    return SandboxPaths(tmp_path / "sandbox")


@pytest.fixture
def on_path(tmp_path: Path) -> Toolchain:
    """A plugin that prints the path by which it is run, its arguments and its proxy."""
    plugin = tmp_path / "bin" / NAME
    plugin.parent.mkdir()
    plugin.write_text('#!/bin/sh\necho "$0 $@ ${HTTPS_PROXY-none}"\n')
    plugin.chmod(0o755)
    return Toolchain({NAME: ResolvedTool(plugin, "", "PATH")})


@pytest.fixture
def cached(on_path: Toolchain) -> Toolchain:
    return Toolchain({NAME: ResolvedTool(on_path.path(NAME), "4.24.0", "cache")})


@pytest.fixture
def served(paths: SandboxPaths) -> Iterator[None]:
    charts = ChartServer(paths.charts, chart_hosts())
    charts.start()
    yield
    charts.stop()


def in_home(paths: SandboxPaths) -> Path:
    return paths.pulumi_home / "plugins" / f"resource-kubernetes-v{VERSION}"


def run(launcher: Path) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if name != "HTTPS_PROXY"}
    return subprocess.check_output([launcher, "127.0.0.1:1"], env=environment, text=True).split()


def installed(paths: SandboxPaths) -> dict[Path, int]:
    """All that was put in place, with the time of its last change."""
    return {path: path.lstat().st_mtime_ns for path in paths.root.rglob("*") if not path.is_dir()}


def test_a_plugin_runs_from_the_folder_of_the_version_that_the_sdk_asks_for(
    paths: SandboxPaths, cached: Toolchain
) -> None:
    install_launched(paths, KUBERNETES, cached)
    assert run(in_home(paths) / NAME) == [str(in_home(paths) / "genuine"), "127.0.0.1:1", "none"]
    assert not (paths.tools / NAME).exists()


def test_a_plugin_on_path_is_run_by_a_launcher_in_front_of_it(paths: SandboxPaths, on_path: Toolchain) -> None:
    install_launched(paths, KUBERNETES, on_path)
    assert run(paths.tools / NAME) == [str(on_path.path(NAME)), "127.0.0.1:1", "none"]
    assert not in_home(paths).exists()


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("way", ["cached", "on_path"])
def test_it_is_led_to_the_charts_while_they_are_served(
    paths: SandboxPaths, way: str, request: pytest.FixtureRequest
) -> None:
    install_launched(paths, KUBERNETES, request.getfixturevalue(way))
    launcher = paths.tools if way == "on_path" else in_home(paths)
    assert run(launcher / NAME)[-1].startswith("http://127.0.0.1:")


def test_a_repetition_changes_nothing_and_another_way_replaces_the_first(
    paths: SandboxPaths, cached: Toolchain, on_path: Toolchain
) -> None:
    for toolchain, place, count in (
        (cached, in_home(paths), 2),
        (on_path, paths.tools, 1),
        (cached, in_home(paths), 2),
    ):
        install_launched(paths, KUBERNETES, toolchain)
        before = installed(paths)
        assert [path.parent for path in before] == [place] * count
        install_launched(paths, KUBERNETES, toolchain)
        assert installed(paths) == before


def test_a_newer_plugin_replaces_the_older_one(paths: SandboxPaths, cached: Toolchain, tmp_path: Path) -> None:
    install_launched(paths, KUBERNETES, cached)
    newer = cached.path(NAME).rename(tmp_path / "newer")
    install_launched(paths, KUBERNETES, Toolchain({NAME: ResolvedTool(newer, "4.25.0", "build")}))
    assert run(in_home(paths) / NAME)[-1] == "none"


def test_within_the_sandboxs_own_environment_the_launcher_stays(paths: SandboxPaths, on_path: Toolchain) -> None:
    install_launched(paths, KUBERNETES, on_path)
    before = installed(paths)
    install_launched(paths, KUBERNETES, Toolchain({NAME: ResolvedTool(paths.tools / NAME, "", "PATH")}))
    assert installed(paths) == before


def test_the_engine_does_not_warn_of_the_version_of_a_plugin_that_the_sandbox_has(
    paths: SandboxPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A plugin on PATH answers with its own version, and the engine takes it.
    without = [each for each in os.environ["PATH"].split(os.pathsep) if not (Path(each) / NAME).exists()]
    monkeypatch.setenv("PATH", os.pathsep.join(without))
    install_launched(paths, KUBERNETES, ensure([NAME]))

    def program() -> None:
        provider = kubernetes.Provider("files", render_yaml_to_directory=str(tmp_path / "rendered"))
        kubernetes.core.v1.ConfigMap("it", data={"a": "1"}, opts=ResourceOptions(provider=provider))

    with engine(paths):
        up = automation.create_or_select_stack("dev", project_name="tryout", program=program).up()
    assert up.summary.resource_changes == {"create": 3}
    assert "warning" not in up.stdout + up.stderr


def test_the_plugin_for_yaml_is_installed_only_where_the_engine_finds_none(
    paths: SandboxPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = [each for each in os.environ["PATH"].split(os.pathsep) if not (Path(each) / YAML.executable).exists()]
    monkeypatch.setenv("PATH", os.pathsep.join(without))
    pulumi = tmp_path / "bin" / "pulumi"
    pulumi.parent.mkdir()
    installed_plugin = YAML.folder(paths) / YAML.executable
    install_yaml(paths, pulumi)
    assert os.access(installed_plugin, os.X_OK)
    beside = pulumi.with_name(YAML.executable)
    beside.touch(mode=0o755)
    install_yaml(paths, pulumi)
    assert not installed_plugin.exists()
