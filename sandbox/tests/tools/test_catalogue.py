"""The committed recipe of each tool."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.tools import TOOLS, Tool

PLUGIN = "pulumi-resource-kubernetes"
OURS = (PLUGIN, "pulumi-codegen-python")
"""Programs with a main.go of ours."""
GO_MODULES = [tool for tool in TOOLS.values() if tool.name not in OURS]


@pytest.mark.parametrize("tool", GO_MODULES, ids=lambda tool: tool.name)
def test_a_module_names_the_program_at_the_version_of_the_catalogue(tool: Tool) -> None:
    text = (tool.module / "go.mod").read_text()
    requirements = re.findall(r"^\s+(\S+) v(\S+)(?: // indirect)?$", text, re.MULTILINE)
    assert {version for module, version in requirements if tool.package.startswith(module)} == {str(tool.version)}
    assert re.search(rf"\b{re.escape(tool.package)}$", text, re.MULTILINE)
    sums = (tool.module / "go.sum").read_text().splitlines()
    modules = {line.split()[0] for line in sums if line.split()[1] == f"v{tool.version}"}
    assert any(tool.package.startswith(module) for module in modules)


def test_the_plugin_has_the_version_of_the_sdk_that_its_module_requires() -> None:
    tool = TOOLS[PLUGIN]
    text = (tool.module / "go.mod").read_text()
    assert re.findall(r"pulumi-kubernetes/sdk/v4 v(\S+)", text) == [str(tool.version)]
    assert tool.stamp == f"-X main.version={tool.version}"


@pytest.mark.parametrize("name", ["pulumi-language-yaml", "pulumi-codegen-python"])
def test_the_tools_for_packages_share_the_engines_libraries_so_that_they_are_compiled_once(name: str) -> None:
    def versions(module: str) -> dict[str, str]:
        text = (TOOLS[module].module / "go.mod").read_text()
        return dict(re.findall(r"^\s+(\S+) (v\S+)(?: // indirect)?$", text, re.MULTILINE))

    engine, own = versions("pulumi"), versions(name)
    differing = {module: version for module, version in own.items() if engine.get(module, version) != version}
    assert differing.keys() <= {"github.com/pulumi/inflector"}
    assert TOOLS["pulumi-codegen-python"].version == TOOLS["pulumi"].version


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())
def test_every_module_builds_with_the_oldest_go_that_is_taken(tool: Tool) -> None:
    text = (tool.module / "go.mod").read_text()
    assert re.search(r"^go 1\.26(\.[0-6])?$", text, re.MULTILINE)
    assert "\ntoolchain " not in text


def test_a_tool_is_kept_under_another_name_when_its_recipe_changes(tmp_path: Path) -> None:
    tool = TOOLS[PLUGIN]
    for file in tool.module.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    assert replace(tool, module=tmp_path).digest == tool.digest
    for file in ("go.sum", "main.go"):
        (tmp_path / file).write_text("")
        assert replace(tool, module=tmp_path).digest != tool.digest
        (tmp_path / file).write_text((tool.module / file).read_text())
    assert replace(tool, stamp="-X main.version=1").digest != tool.digest
