"""The tools as their users have them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.tools import TOOLS, ResolvedTool, Toolchain, ToolchainError, ensure
from sandbox.tools.cache import ToolCache
from sandbox.tools.search import ask

if TYPE_CHECKING:
    from tests.tools.conftest import Recorder


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    return ensure(TOOLS)


@pytest.mark.parametrize("name", [name for name, tool in TOOLS.items() if tool.ask])  # plugins tell the engine alone
def test_every_tool_runs_and_is_the_version_that_it_is_said_to_be(toolchain: Toolchain, name: str) -> None:
    version = ask(toolchain.path(name), TOOLS[name].ask or ())
    assert version is not None
    assert str(version) == toolchain.tools[name].version
    if name != "kubectl":  # which may be one minor version older than the API server
        assert version >= TOOLS[name].version


def test_the_sandbox_makes_do_without_the_tools_that_are_made_on_demand(recorder: "Recorder") -> None:
    on_demand = [name for name, tool in TOOLS.items() if tool.on_demand]
    catalogue = {name: TOOLS[name] for name in ("etcd", *on_demand)}
    assert on_demand == ["helm", "actionlint", "pulumi-language-yaml", "pulumi-codegen-python"]
    assert list(ensure(None, recorder, catalogue=catalogue).tools) == ["etcd"]


def test_an_unknown_tool_is_refused_by_name(cache: ToolCache, recorder: "Recorder") -> None:
    with pytest.raises(
        ToolchainError, match=r"No such tool: terraform\. There are: pulumi, pulumi-resource-kubernetes, etcd"
    ):
        ensure(["terraform"], recorder, cache=cache)


def test_links_follow_the_tools_but_never_themselves_and_leave_plugins_out(tmp_path: Path) -> None:
    folder = tmp_path / "bin"

    def links(**paths: Path) -> dict[str, Path]:
        tools = {name.replace("_", "-"): ResolvedTool(path, "1.2.3", "PATH") for name, path in paths.items()}
        Toolchain(tools).link_into(folder)
        return {link.name: link.readlink() for link in folder.iterdir()}

    links(etcd=Path("/old/etcd"), pulumi_resource_kubernetes=Path("/old/plugin"))
    assert links(etcd=Path("/new/etcd")) == {"etcd": Path("/new/etcd")}
    assert links(etcd=folder / "etcd") == {"etcd": Path("/new/etcd")}  # found on the PATH of the sandbox's environment


class TestCommand:
    def run(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "sandbox.tools", *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **env},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def test_prints_json_and_nothing_else_on_standard_output(self, toolchain: Toolchain) -> None:
        answer = self.run("--json", "etcd", "kubectl")
        assert answer.returncode == 0
        assert json.loads(answer.stdout) == {
            name: {
                "path": str(toolchain.path(name)),
                "version": toolchain.tools[name].version,
                "source": toolchain.source(name) if toolchain.source(name) == "PATH" else "cache",
            }
            for name in ("etcd", "kubectl")
        }

    def test_prints_the_path_alone_for_scripts(self, toolchain: Toolchain) -> None:
        assert self.run("--path", "etcd").stdout == f"{toolchain.path('etcd')}\n"

    def test_fails_with_one_clear_line(self) -> None:
        answer = self.run("terraform")
        assert answer.returncode == 1
        assert answer.stdout == ""
        assert answer.stderr.startswith("Error: No such tool: terraform.")
        assert len(answer.stderr.splitlines()) == 1
