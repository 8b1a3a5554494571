"""Tools that are on PATH already."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from sandbox.tools import TOOLS
from sandbox.tools.search import on_path

if TYPE_CHECKING:
    from collections.abc import Callable

HELM = "v3.20.2"


@pytest.fixture
def add(programs: Path) -> "Callable[[str, str], Path]":
    def put(name: str, body: str) -> Path:
        file = programs / name
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)
        return file

    return put


def found(*names: str) -> set[str]:
    return set(on_path(TOOLS, names))


def test_a_tool_that_will_do_is_taken(add: "Callable[[str, str], Path]") -> None:
    file = add("helm", '[ "$*" = "version --short" ] && echo v3.21.0+g1234567')
    (path, version) = on_path(TOOLS, ["helm"])["helm"]
    assert (path, str(version)) == (file, "3.21.0")


def test_one_that_is_missing_is_not(programs: Path) -> None:
    assert found("helm") == set()


@pytest.mark.parametrize(
    "body",
    ["echo v3.20.1", "echo v4.1.0", f"echo {HELM}; exit 1", "exit 0", "echo no version here", "kill -9 $$"],
    ids=["older", "next major", "fails", "silent", "says something else", "crashes"],
)
def test_one_that_will_not_do_is_left(add: "Callable[[str, str], Path]", body: str) -> None:
    add("helm", body)
    assert found("helm") == set()


def test_a_file_that_cannot_be_executed_is_left(programs: Path) -> None:
    broken = programs / "helm"
    broken.write_bytes(b"\x7fELF this is no program")
    broken.chmod(0o755)
    assert found("helm") == set()


def test_one_that_never_answers_is_left_and_ended_with_its_children(
    add: "Callable[[str, str], Path]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.tools.versions._ASK_SECONDS", 0.3)
    add("helm", "sleep 987 & wait")
    assert found("helm") == set()
    deadline = time.monotonic() + 10
    while any(process.info["cmdline"] == ["sleep", "987"] for process in psutil.process_iter(["cmdline"])):
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestCompanions:
    def test_the_control_planes_programs_are_taken_together(self, add: "Callable[[str, str], Path]") -> None:
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
            add(name, "echo Kubernetes v1.38.0")
        assert found("kube-apiserver") == {"kube-apiserver"}
        assert len(found("kube-apiserver", "kube-controller-manager", "kube-scheduler")) == 3

    def test_or_not_at_all(self, add: "Callable[[str, str], Path]") -> None:
        add("kube-apiserver", "echo Kubernetes v1.37.2")
        add("kube-scheduler", "echo Kubernetes v1.37.2")
        assert found("kube-apiserver", "kube-controller-manager", "kube-scheduler") == set()

    def test_nor_at_different_versions(self, add: "Callable[[str, str], Path]") -> None:
        add("kwok", "echo kwok version v0.8.1")
        add("kwokctl", "echo kwokctl version v0.8.0")
        assert found("kwok", "kwokctl") == set()


class TestKubectl:
    @pytest.mark.parametrize(
        ("version", "taken"), [("v1.36.4", True), ("v1.38.0", True), ("v1.32.4-dispatcher", False)]
    )
    def test_is_judged_by_the_api_servers_version(
        self, add: "Callable[[str, str], Path]", version: str, taken: bool
    ) -> None:
        add("kubectl", f'[ "$*" = "version --client" ] && echo Client Version: {version}')
        assert (found("kubectl") == {"kubectl"}) is taken

    def test_of_a_newer_api_server_on_path_too(self, add: "Callable[[str, str], Path]") -> None:
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
            add(name, "echo Kubernetes v1.39.0")
        add("kubectl", "echo Client Version: v1.40.0")
        assert found("kubectl") == {"kubectl"}
