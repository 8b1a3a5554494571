import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from semver import Version

from sandbox.progress import Step
from sandbox.tools import ResolvedTool, Tool, ensure
from sandbox.tools.cache import ToolCache
from sandbox.tools.catalogue import Vendor
from tests.tools.vendor_internet import VendorInternet


class Recorder:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def say(self, line: str) -> None:
        self.lines.append(line)

    def step(self, title: str) -> AbstractContextManager[Step]:
        self.lines.append(title)
        return self._step()

    def update(self, detail: str) -> None:
        pass

    @contextmanager
    def _step(self) -> Generator[Step]:
        yield self


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def cache(tmp_path: Path) -> ToolCache:
    return ToolCache(tmp_path / "tools")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH: what scripts need, and Go; none of the sandbox's tools."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "sleep", "mkdir", "cat", "cp", "chmod", "go"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANF_SANDBOX_OFFLINE", "1")


def have(tool: Tool, cache: ToolCache, recorder: Recorder) -> ResolvedTool:
    """The tool, where the catalogue has no other."""
    return ensure([tool.name], recorder, catalogue={tool.name: tool}, cache=cache).tools[tool.name]


def staged(cache: ToolCache) -> list[Path]:
    return list((cache.root / ".staging").iterdir())


@pytest.fixture
def add(programs: Path) -> Callable[[str, str], Path]:
    """Puts a program on PATH."""

    def put(name: str, body: str) -> Path:
        file = programs / name
        file.unlink(missing_ok=True)
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)
        return file

    return put


WORKING = 'package main\n\nfunc main() { println("tiny v1.2.3") }\n'


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Tool]:
    """A tool of one line of Go: builds in a second, from the standard library alone."""

    def make(source: str = WORKING, name: str = "tiny", vendor: Vendor | None = None) -> Tool:
        module = tmp_path / f"module-{name}"
        module.mkdir()
        (module / "go.mod").write_text("module example.com/tiny\n\ngo 1.26\n")
        (module / "go.sum").touch()
        (module / "main.go").write_text(source)
        version = Version.parse("1.2.3")
        return Tool(name, version, module, "example.com/tiny", ask=(), vendor=vendor, gibibytes=0.01)

    return make


@pytest.fixture
def in_background() -> Iterator[Callable[[list[str], Mapping[str, str]], "subprocess.Popen[str]"]]:
    """Another Python process."""
    children: list[subprocess.Popen[str]] = []

    def start(arguments: list[str], env: Mapping[str, str]) -> "subprocess.Popen[str]":
        child = subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        children.append(child)
        return child

    yield start
    for child in children:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


@pytest.fixture
def vendors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VendorInternet]:
    internet = VendorInternet(tmp_path)
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{internet.server.server_port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(internet.bundle))
    monkeypatch.delenv("ANF_SANDBOX_OFFLINE", raising=False)
    monkeypatch.setattr("sandbox.tools.vendors._PROBE_SECONDS", 60.0)  # TLS of many hosts in one process
    yield internet
    internet.close()
