"""The engine's genuine plugins, found on this machine or got by the engine's own download."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.tools import Toolchain, ensure, genuine_plugin
from sandbox.tools.catalogue import system
from tests.tools.vendor_internet import Answer

if TYPE_CHECKING:
    from tests.tools.conftest import Recorder
    from tests.tools.vendor_internet import VendorInternet

CHART_HOSTS = {"netapp.github.io", "raw.githubusercontent.com"}

pytestmark = pytest.mark.usefixtures("programs")


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    return ensure()


class TestGenuinePlugin:
    FILE = "pulumi-resource-kubernetes"
    BINARY = b"\x7fELF a program"

    @pytest.fixture(autouse=True)
    def _elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setenv("ANF_SANDBOX_CACHE", str(tmp_path / "tools"))
        monkeypatch.setenv("ANF_SANDBOX_HOME", str(tmp_path / "sandbox"))
        monkeypatch.delenv("PULUMI_HOME", raising=False)

    def install(self, home: Path, content: bytes = BINARY) -> Path:
        file = home / "plugins" / "resource-kubernetes-v4.34.2" / self.FILE
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        file.chmod(0o755)
        return file

    def test_on_path_is_left_to_the_engine(self, toolchain: Toolchain, programs: Path, recorder: "Recorder") -> None:
        (programs / self.FILE).write_bytes(self.BINARY)
        (programs / self.FILE).chmod(0o755)
        found = genuine_plugin("kubernetes", "4.34.2", toolchain, recorder)
        assert (found.executable, found.on_path) == (programs / self.FILE, True)

    @pytest.mark.parametrize("variable", [True, False], ids=["PULUMI_HOME", "~/.pulumi"])
    def test_in_the_users_own_folder_is_taken(
        self,
        toolchain: Toolchain,
        tmp_path: Path,
        recorder: "Recorder",
        vendors: "VendorInternet",
        monkeypatch: pytest.MonkeyPatch,
        variable: bool,
    ) -> None:
        vendors.reachable |= CHART_HOSTS
        home = tmp_path / "home" / ".pulumi"
        if variable:
            home = tmp_path / "other"
            monkeypatch.setenv("PULUMI_HOME", str(home))
        file = self.install(home)
        found = genuine_plugin("kubernetes", "4.34.2", toolchain, recorder)
        assert (found.executable, found.on_path) == (file, False)

    def test_without_its_charts_is_not_taken(
        self, toolchain: Toolchain, tmp_path: Path, recorder: "Recorder", vendors: "VendorInternet"
    ) -> None:
        """The genuine one would find no chart, where the stand-in serves the sandbox's own."""
        self.install(tmp_path / "home" / ".pulumi")
        found = genuine_plugin("kubernetes", "4.34.2", toolchain, recorder)
        assert found.executable is None
        assert "its charts cannot be had: netapp.github.io does not answer" in found.reason

    def test_half_installed_is_not(
        self, toolchain: Toolchain, tmp_path: Path, recorder: "Recorder", vendors: "VendorInternet"
    ) -> None:
        file = self.install(tmp_path / "home" / ".pulumi")
        file.parent.with_name("resource-kubernetes-v4.34.2.partial").touch()
        assert genuine_plugin("kubernetes", "4.34.2", toolchain, recorder).executable is None

    def test_nor_is_a_stand_in_of_a_sandbox(
        self,
        toolchain: Toolchain,
        tmp_path: Path,
        recorder: "Recorder",
        vendors: "VendorInternet",
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "sandbox" / "pulumi"))
        self.install(tmp_path / "sandbox" / "pulumi")
        self.install(tmp_path / "home" / ".pulumi", b"#!/bin/sh\nexec python -m sandbox.plugins.kubernetes\n")
        found = genuine_plugin("kubernetes", "4.34.2", toolchain, recorder)
        assert found.executable is None

    def test_that_cannot_be_had_has_a_reason_in_one_line(
        self, toolchain: Toolchain, recorder: "Recorder", vendors: "VendorInternet"
    ) -> None:
        found = genuine_plugin("kubernetes", "4.34.2", toolchain, recorder)
        assert found.executable is None
        assert "cannot be downloaded" in found.reason
        assert "does not answer" in found.reason
        assert "\n" not in found.reason

    def test_is_downloaded_by_the_engine_and_kept(
        self, toolchain: Toolchain, tmp_path: Path, recorder: "Recorder", vendors: "VendorInternet"
    ) -> None:
        vendors.reachable |= {"api.github.com", *CHART_HOSTS}
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as file:
            entry = tarfile.TarInfo(self.FILE)
            entry.size, entry.mode = len(self.BINARY), 0o755
            file.addfile(entry, io.BytesIO(self.BINARY))
        name = "pulumi-resource-kubernetes-v4.34.2-{}-{}.tar.gz".format(*system())
        vendors.publish(f"https://get.pulumi.com/releases/plugins/{name}", Answer(packed.getvalue()))

        found = genuine_plugin("kubernetes", "4.34.2", toolchain, recorder)
        assert found.executable is not None, found.reason
        assert found.executable.read_bytes() == self.BINARY
        assert found.executable.is_relative_to(tmp_path / "tools")

        vendors.reachable.remove("api.github.com")
        assert genuine_plugin("kubernetes", "4.34.2", toolchain, recorder) == replace(
            found, reason=f"{self.FILE} 4.34.2 is in {tmp_path / 'tools' / 'pulumi-plugins'}"
        )
