"""Tools from their vendors, over genuine TLS and HTTP."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.tools import TOOLS, ResolvedTool, Tool, Toolchain, ensure
from sandbox.tools.cache import ToolCache
from sandbox.tools.catalogue import system
from sandbox.tools.network import Vendors
from tests.tools.vendor_internet import Answer

if TYPE_CHECKING:
    from tests.tools.conftest import Recorder
    from tests.tools.vendor_internet import VendorInternet

pytestmark = pytest.mark.usefixtures("programs")

MakeTool = Callable[..., Tool]
GivenUp = Callable[[], str]
HELM = "https://get.helm.sh/helm-v3.20.2-{}-{}.tar.gz".format(*system())
KWOKCTL = "https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwokctl-{}-{}".format(*system())
SAYS_HELM = b'#!/bin/sh\n[ "$*" = "version --short" ] && echo v3.20.2\n'
WEB_PAGE = b"<!doctype html><title>Sign in to the network</title>"


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    return ensure()


@pytest.fixture
def helm(tiny: MakeTool) -> Tool:
    """helm's catalogue entry, with a module that builds in a second where its download does not succeed."""
    source = 'package main\n\nfunc main() { println("v3.20.2") }\n'
    made = tiny(source, "helm", "3.20.2", ("version", "--short"))
    return replace(TOOLS["helm"], module=made.module, package=made.package, stamp="", gibibytes=0.01)


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as file:
        for name, content in members.items():
            entry = tarfile.TarInfo(f"{'-'.join(system())}/{name}")
            entry.size, entry.mode = len(content), 0o755
            file.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def sums(content: bytes, name: str) -> Answer:
    return Answer(f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode(), content_type="text/plain")


def publish_helm(vendors: "VendorInternet", answer: Answer, promised: bytes | None = None) -> None:
    vendors.publish(HELM, answer)
    vendors.publish(f"{HELM}.sha256sum", sums(promised or answer.body, HELM.rpartition("/")[2]))


def have(tool: Tool, cache: ToolCache, recorder: "Recorder") -> ResolvedTool:
    return ensure([tool.name], recorder, catalogue={tool.name: tool}, cache=cache).tools[tool.name]


def left_in(cache: ToolCache) -> list[Path]:
    return list((cache.root / ".staging").iterdir())


@pytest.fixture
def given_up(helm: Tool, cache: ToolCache, recorder: "Recorder") -> GivenUp:
    """Has helm after all, by building it; returns the line that says why it was not downloaded."""

    def have_by_building() -> str:
        assert have(helm, cache, recorder).source == "build"
        assert left_in(cache) == []
        (said,) = (line for line in recorder.lines if "instead of download" in line)
        assert "\n" not in said
        return said

    return have_by_building


class TestDownload:
    def test_comes_before_a_build(
        self, helm: Tool, cache: ToolCache, recorder: "Recorder", vendors: "VendorInternet"
    ) -> None:
        publish_helm(vendors, Answer(archive(helm=SAYS_HELM, LICENSE=b"text")))
        got = have(helm, cache, recorder)
        assert got.source == "download"
        assert got.path.read_bytes() == SAYS_HELM
        assert recorder.lines == ["Downloading helm 3.20.2 (1 of 1)"]
        assert left_in(cache) == []
        assert have(helm, cache, recorder).source == "cache"

    def test_is_asked_for_at_the_address_that_kwokctl_names(
        self,
        cache: ToolCache,
        recorder: "Recorder",
        vendors: "VendorInternet",
        toolchain: Toolchain,
        programs: Path,
    ) -> None:
        (programs / "kwok").symlink_to(toolchain.path("kwok"))
        (programs / "kwokctl").symlink_to(toolchain.path("kwokctl"))
        url = "https://dl.k8s.io/release/v1.37.2/bin/{}/{}/kube-scheduler".format(*system())
        program = b'#!/bin/sh\n[ "$*" = --version ] && echo Kubernetes v1.37.2\n'
        vendors.publish(url, Answer(program))
        vendors.publish(f"{url}.sha256", Answer(hashlib.sha256(program).hexdigest().encode()))
        got = ensure(["kwokctl", "kube-scheduler"], recorder, cache=cache)
        assert got.source("kwokctl") == "PATH"
        assert got.source("kube-scheduler") == "download"
        assert vendors.asked == [f"{url}.sha256", url]

    def test_of_kwokctl_itself_needs_none(
        self, cache: ToolCache, recorder: "Recorder", vendors: "VendorInternet"
    ) -> None:
        vendors.publish(KWOKCTL, Answer(b"#!/bin/sh\necho kwokctl version v0.8.0\n"))
        assert have(TOOLS["kwokctl"], cache, recorder).source == "download"


class TestGivenUpForTheBuild:
    """Said in one line, with the reason; nothing of the attempt is kept."""

    def test_unreachable(self, given_up: GivenUp, vendors: "VendorInternet") -> None:
        assert "get.helm.sh (502 no route)" in given_up()
        assert vendors.asked == []

    def test_silent(
        self,
        given_up: GivenUp,
        vendors: "VendorInternet",
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("sandbox.tools.network._PROBE_SECONDS", 0.5)
        vendors.silent.add("get.helm.sh")
        assert "get.helm.sh" in given_up()

    def test_switched_off(
        self,
        given_up: GivenUp,
        vendors: "VendorInternet",
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("ANF_SANDBOX_OFFLINE", "1")
        publish_helm(vendors, Answer(archive(helm=SAYS_HELM)))
        assert "ANF_SANDBOX_OFFLINE is set" in given_up()
        assert vendors.asked == []

    def test_an_untrusted_certificate(
        self,
        given_up: GivenUp,
        vendors: "VendorInternet",
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        publish_helm(vendors, Answer(archive(helm=SAYS_HELM)))
        assert "CERTIFICATE_VERIFY_FAILED" in given_up()

    def test_a_missing_file(self, given_up: GivenUp, vendors: "VendorInternet") -> None:
        vendors.reachable.add("get.helm.sh")
        assert "404" in given_up()

    @pytest.mark.parametrize("cut_to", [0, 100], ids=["at once", "in the middle"])
    def test_a_file_that_is_cut_off(self, given_up: GivenUp, vendors: "VendorInternet", cut_to: int) -> None:
        publish_helm(vendors, Answer(archive(helm=SAYS_HELM), cut_to=cut_to))
        assert "get.helm.sh" in given_up()

    def test_a_file_that_stops_coming(
        self,
        given_up: GivenUp,
        vendors: "VendorInternet",
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("sandbox.tools.network._STALL_SECONDS", 0.5)
        publish_helm(vendors, Answer(archive(helm=SAYS_HELM), cut_to=100, hang=True))
        assert "timed out" in given_up()

    def test_a_web_page_instead_of_the_file(self, given_up: GivenUp, vendors: "VendorInternet") -> None:
        publish_helm(vendors, Answer(WEB_PAGE, content_type="text/html; charset=utf-8"))
        assert "a web page instead of the file" in given_up()

    def test_a_web_page_under_a_false_name(self, given_up: GivenUp, vendors: "VendorInternet") -> None:
        publish_helm(vendors, Answer(WEB_PAGE))
        assert "cannot be unpacked" in given_up()

    def test_another_checksum_than_the_published_one(self, given_up: GivenUp, vendors: "VendorInternet") -> None:
        publish_helm(vendors, Answer(archive(helm=SAYS_HELM)), promised=b"something else")
        assert "does not have the checksum" in given_up()

    def test_no_published_checksum(self, given_up: GivenUp, vendors: "VendorInternet") -> None:
        publish_helm(vendors, Answer(archive(helm=SAYS_HELM)))
        vendors.publish(f"{HELM}.sha256sum", Answer(WEB_PAGE, content_type="text/html"))
        assert "publishes no checksum" in given_up()

    def test_an_archive_without_the_program(self, given_up: GivenUp, vendors: "VendorInternet") -> None:
        publish_helm(vendors, Answer(archive(LICENSE=b"text")))
        assert "holds no helm" in given_up()

    def test_another_version(self, given_up: GivenUp, vendors: "VendorInternet") -> None:
        publish_helm(vendors, Answer(archive(helm=b"#!/bin/sh\necho v3.20.1\n")))
        assert "says that it is version 3.20.1" in given_up()

    def test_a_program_that_does_not_run(self, given_up: GivenUp, vendors: "VendorInternet") -> None:
        publish_helm(vendors, Answer(archive(helm=WEB_PAGE)))
        assert "does not run" in given_up()


class TestProbes:
    HOSTS = frozenset(f"vendor{number}.example" for number in range(20))

    def test_ask_all_at_once(self, vendors: "VendorInternet") -> None:
        vendors.reachable |= self.HOSTS
        vendors.gate = threading.Barrier(len(self.HOSTS))  # none is answered before all are asked
        assert Vendors().unreachable(self.HOSTS) == {}

    def test_ask_each_only_once_in_a_run(self, vendors: "VendorInternet") -> None:
        asked = Vendors()
        assert asked.unreachable(self.HOSTS).keys() == self.HOSTS
        vendors.reachable |= self.HOSTS
        assert asked.unreachable(self.HOSTS).keys() == self.HOSTS
        assert Vendors().unreachable(self.HOSTS) == {}
