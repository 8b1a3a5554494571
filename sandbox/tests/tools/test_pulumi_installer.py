"""The engine from its vendor: the SDK's own installer fetches a script and runs it."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest

from sandbox.tools import TOOLS, ResolvedTool, Tool, ensure, has_python_language_plugin
from sandbox.tools.cache import ToolCache
from tests.tools.vendor_internet import Answer

if TYPE_CHECKING:
    from tests.tools.conftest import Recorder
    from tests.tools.vendor_internet import VendorInternet

pytestmark = pytest.mark.usefixtures("programs")

MakeTool = Callable[..., Tool]


def have(tool: Tool, cache: ToolCache, recorder: "Recorder") -> ResolvedTool:
    return ensure([tool.name], recorder, catalogue={tool.name: tool}, cache=cache).tools[tool.name]


INSTALLER = """#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    --install-root) root="$2"; shift ;;
    --version) version="$2"; shift ;;
  esac
  shift
done
{}
"""
INSTALLS = """mkdir -p "$root/bin"
for name in pulumi pulumi-language-python; do
  printf '#!/bin/sh\\necho v%s\\n' "$version" > "$root/bin/$name"
  chmod +x "$root/bin/$name"
done"""


class TestPulumi:
    @pytest.fixture
    def pulumi(self, tiny: MakeTool) -> Tool:
        made = tiny('package main\n\nfunc main() { println("v3.259.0") }\n', "pulumi", "3.259.0", ("version",))
        return replace(TOOLS["pulumi"], module=made.module, package=made.package, stamp="", gibibytes=0.01)

    def publish(self, vendors: "VendorInternet", body: str) -> None:
        vendors.publish("https://get.pulumi.com/install.sh", Answer(INSTALLER.replace("{}", body).encode()))

    def test_brings_its_language_plugin(
        self, pulumi: Tool, cache: ToolCache, recorder: "Recorder", vendors: "VendorInternet"
    ) -> None:
        self.publish(vendors, INSTALLS)
        toolchain = ensure(["pulumi"], recorder, catalogue={"pulumi": pulumi}, cache=cache)
        assert toolchain.source("pulumi") == "download"
        assert has_python_language_plugin(toolchain)
        assert (toolchain.path("pulumi").parent / "pulumi-language-python").exists()

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ("echo >&2 error: no such release; exit 1", "its script ended with exit code 1"),
            (INSTALLS.replace('"$version"', "3.1.0"), "minimum CLI version requirement"),
            ("exit 0", "bin/pulumi"),
        ],
        ids=["fails", "installs another version", "installs nothing"],
    )
    def test_is_built_where_the_installer(
        self,
        pulumi: Tool,
        cache: ToolCache,
        recorder: "Recorder",
        vendors: "VendorInternet",
        body: str,
        reason: str,
    ) -> None:
        self.publish(vendors, body)
        assert have(pulumi, cache, recorder).source == "build"
        (said,) = (line for line in recorder.lines if "instead of downloading" in line)
        assert reason in said

    def test_is_built_where_the_installer_hangs_and_its_children_are_ended(
        self,
        pulumi: Tool,
        cache: ToolCache,
        recorder: "Recorder",
        vendors: "VendorInternet",
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("sandbox.tools.vendors._INSTALL_SECONDS", 5)
        self.publish(vendors, "sleep 985 & wait")
        assert have(pulumi, cache, recorder).source == "build"
        assert any("did not end within 5 s" in line for line in recorder.lines)
        deadline = time.monotonic() + 10
        while any(process.info["cmdline"] == ["sleep", "985"] for process in psutil.process_iter(["cmdline"])):
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def test_without_a_language_plugin_is_told(
        self, pulumi: Tool, cache: ToolCache, recorder: "Recorder", vendors: "VendorInternet"
    ) -> None:
        toolchain = ensure(["pulumi"], recorder, catalogue={"pulumi": pulumi}, cache=cache)
        assert not has_python_language_plugin(toolchain)
