"""What is committed about each tool."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.tools import TOOLS, Tool
from sandbox.tools.catalogue import system


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())
class TestModules:
    def test_requires_the_version_of_the_catalogue(self, tool: Tool) -> None:
        text = (tool.module / "go.mod").read_text()
        requirements = re.findall(r"^\s+(\S+) v(\S+)(?: // indirect)?$", text, re.MULTILINE)
        versions = {version for module, version in requirements if tool.package.startswith(module)}
        assert versions == {str(tool.version)}

    def test_names_the_program_as_its_tool(self, tool: Tool) -> None:
        assert re.search(rf"\b{re.escape(tool.package)}$", (tool.module / "go.mod").read_text(), re.MULTILINE)

    def test_builds_with_go_1_26(self, tool: Tool) -> None:
        text = (tool.module / "go.mod").read_text()
        assert re.search(r"^go 1\.26(\.0)?$", text, re.MULTILINE)
        assert "\ntoolchain " not in text

    def test_has_a_checksum_for_the_program_itself(self, tool: Tool) -> None:
        sums = (tool.module / "go.sum").read_text().splitlines()
        modules = {line.split()[0] for line in sums if line.split()[1] == f"v{tool.version}"}
        assert any(tool.package.startswith(module) for module in modules)


def test_a_tool_is_kept_under_another_name_when_its_recipe_changes(tmp_path: Path) -> None:
    tool = TOOLS["etcd"]
    for file in ("go.mod", "go.sum"):
        (tmp_path / file).write_text((tool.module / file).read_text())
    same = replace(tool, module=tmp_path)
    assert same.digest == tool.digest
    (tmp_path / "go.sum").write_text("")
    assert replace(tool, module=tmp_path).digest != tool.digest
    assert replace(tool, stamp="-X main.version=1").digest != tool.digest


def test_the_machine_is_named_as_go_names_it() -> None:
    assert system()[0] in {"linux", "darwin"}
    assert system()[1] in {"amd64", "arm64"}
