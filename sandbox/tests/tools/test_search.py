"""Tools that the machine has already."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from sandbox.paths import SandboxPaths
from sandbox.plugins.installation import write_script
from sandbox.tools import TOOLS
from sandbox.tools.search import find, parse

Add = Callable[[str, str], Path]
CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
PLUGIN = "pulumi-resource-kubernetes"


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("v3.274.1", "3.274.1"),
        ("etcd Version: 3.7.3\nGit SHA: abc\nGo Version: go1.26.8", "3.7.3"),
        ("Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", "1.32.4-dispatcher"),
        ("kwok version v0.8.0 go1.26.8 (linux/amd64)", "0.8.0"),
        ("v3.20.2+gabcdef0", "3.20.2"),
        ("3.260.0-alpha.1", "3.260.0-alpha.1"),
        ("", "None"),
        ("version 3.7", "None"),
        ("go1.26.8", "None"),
    ],
)
def test_a_program_tells_its_version(said: str, version: str) -> None:
    assert str(parse(said)) == version


def found(*names: str) -> set[str]:
    return set(find(TOOLS, names))


class TestOnPath:
    def test_a_tool_that_will_do_is_taken(self, add: Add) -> None:
        file = add("etcd", '[ "$*" = "--version" ] && echo etcd Version: 3.8.0')
        got = find(TOOLS, ["etcd"])["etcd"]
        assert (got.path, got.version, got.source) == (file, "3.8.0", "PATH")

    @pytest.mark.parametrize(
        "body",
        ["echo v3.7.3; exit 1", "exit 0", "echo no version here", "kill -9 $$"],
        ids=["fails", "silent", "says something else", "crashes"],
    )
    def test_one_that_will_not_do_is_left(self, add: Add, body: str) -> None:
        assert found("etcd") == set()
        add("etcd", body)
        assert found("etcd") == set()

    @pytest.mark.parametrize("folder", ["tools", "commands"])
    def test_a_command_of_the_sandbox_itself_is_never_asked(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str
    ) -> None:
        monkeypatch.setenv("ANF_SANDBOX_HOME", str(tmp_path))
        own: Path = getattr(SandboxPaths.default(), folder)
        asked = tmp_path / "asked"
        write_script(own / "helm", f"#!/bin/sh\ntouch {asked}\necho v3.18.6\n")
        monkeypatch.setenv("PATH", f"{own}{os.pathsep}{os.environ['PATH']}")
        assert found("helm") == set()
        assert not asked.exists(), "it would start itself, without end"

    @pytest.mark.parametrize(
        ("name", "version", "taken"),
        [
            ("etcd", "3.7.3", True),
            ("etcd", "3.11.0", True),
            ("etcd", "3.7.2", False),
            ("etcd", "4.0.0", False),
            ("etcd", "2.99.0", False),
            ("etcd", "3.7.3-alpha.1", False),
            ("kwok", "0.8.4", True),
            ("kwok", "0.9.0", False),  # below 1.0 the minor version says what fits
            ("kubectl", "1.36.0", True),
            ("kubectl", "1.38.0", True),
            ("kubectl", "1.35.9", False),
            ("kubectl", "1.39.0", False),
            ("kubectl", "2.37.2", False),
            ("kubectl", "1.32.4-dispatcher", False),
        ],
    )
    def test_the_same_major_version_and_not_older_will_do_and_of_kubectl_one_minor_to_either_side(
        self, add: Add, name: str, version: str, taken: bool
    ) -> None:
        add(name, f'[ "$*" = "{" ".join(TOOLS[name].ask or ())}" ] && echo version v{version}')
        assert found(name) == ({name} if taken else set())

    def test_a_file_that_cannot_be_executed_is_left(self, add: Add) -> None:
        add("etcd", "").write_bytes(b"\x7fELF this is no program")
        assert found("etcd") == set()

    def test_one_that_never_answers_is_left_and_ended_with_its_children(
        self, add: Add, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sandbox.tools.search._ASK_SECONDS", 0.3)
        add("etcd", "sleep 987 & wait")
        assert found("etcd") == set()
        deadline = time.monotonic() + 60
        while any(process.info["cmdline"] == ["sleep", "987"] for process in psutil.process_iter(["cmdline"])):
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def test_the_control_planes_programs_are_taken_together_or_not_at_all(self, add: Add) -> None:
        for name in CONTROL_PLANE:
            assert found(*CONTROL_PLANE) == set()
            add(name, "echo Kubernetes v1.38.0")
        assert found("kube-apiserver") == {"kube-apiserver"}
        assert found(*CONTROL_PLANE) == set(CONTROL_PLANE)
        add("kube-scheduler", "echo Kubernetes v1.38.1")
        assert found(*CONTROL_PLANE) == set()

    def test_kubectl_of_a_newer_api_server_on_path_too(self, add: Add) -> None:
        for name in CONTROL_PLANE:
            add(name, "echo Kubernetes v1.39.0")
        add("kubectl", "echo Client Version: v1.40.0")
        assert found("kubectl") == {"kubectl"}


class TestKubernetesPlugin:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setenv("ANF_SANDBOX_HOME", str(tmp_path / "sandbox"))
        monkeypatch.delenv("PULUMI_HOME", raising=False)
        return tmp_path / "home" / ".pulumi"

    def install(self, home: Path) -> Path:
        folder = home / "plugins" / f"resource-kubernetes-v{TOOLS[PLUGIN].editions['download']}"
        folder.mkdir(parents=True)
        (folder / PLUGIN).write_bytes(b"\x7fELF a program")
        (folder / PLUGIN).chmod(0o755)
        return folder / PLUGIN

    def test_on_path_is_taken_at_any_version_as_the_engine_takes_it(self, home: Path, add: Add) -> None:
        self.install(home)
        file = add(PLUGIN, "exit 1")
        got = find(TOOLS, [PLUGIN])[PLUGIN]
        assert (got.path, got.source) == (file, "PATH")

    @pytest.mark.parametrize("variable", [True, False], ids=["PULUMI_HOME", "~/.pulumi"])
    def test_in_the_users_own_folder_is_taken(
        self, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: bool
    ) -> None:
        if variable:
            home = tmp_path / "other"
            monkeypatch.setenv("PULUMI_HOME", str(home))
        file = self.install(home)
        got = find(TOOLS, [PLUGIN])[PLUGIN]
        assert (got.path, got.source) == (file, "plugin folder")

    def test_half_installed_is_left(self, home: Path) -> None:
        folder = self.install(home).parent
        folder.with_name(f"{folder.name}.partial").touch()
        assert found(PLUGIN) == set()

    def test_in_the_sandboxs_own_folder_is_left(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "sandbox" / "pulumi"))
        self.install(tmp_path / "sandbox" / "pulumi")
        assert found(PLUGIN) == set()
