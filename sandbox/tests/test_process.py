"""Background processes: started once, found again, ended by their own id alone."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.paths import SandboxPaths
from sandbox.process import BackgroundProcess, BackgroundProcessError, read_record

Make = Callable[..., BackgroundProcess]


@pytest.fixture
def paths(tmp_path: Path) -> SandboxPaths:
    return SandboxPaths(tmp_path)


@pytest.fixture
def make(paths: SandboxPaths) -> Iterator[Make]:
    made: list[BackgroundProcess] = []

    def make(code: str = "input()", **options: object) -> BackgroundProcess:
        """A process that runs `code` after it has touched the file whose existence means ready."""
        ready = paths.root / "ready"
        program = f"import pathlib, os, time\npathlib.Path({str(ready)!r}).touch()\n{code}\n"
        process = BackgroundProcess(
            "worker",
            [sys.executable, "-c", program],
            paths,
            options.pop("ready", ready.exists),  # pyright: ignore[reportArgumentType]
            awaited="a file",
            **options,  # pyright: ignore[reportArgumentType]
        )
        made.append(process)
        return process

    yield make
    for process in made:
        process.stop()


SLEEP = "time.sleep(600)"


def test_a_process_runs_until_it_is_stopped(make: Make, paths: SandboxPaths):
    process = make(SLEEP, details={"port": 4711})
    record = process.start()
    assert process.start() == process.status() == record
    assert record.details == {"port": 4711}
    assert psutil.pid_exists(record.pid)
    assert process.stop()
    assert not psutil.pid_exists(record.pid)
    assert read_record(paths, "worker") is None
    assert not process.stop()


def test_another_command_takes_the_place_of_the_old_one(make: Make):
    first = make(SLEEP).start()
    second = make("time.sleep(601)").start()
    assert first.pid != second.pid
    assert first.process() is None


def test_a_killed_process_is_started_anew(make: Make):
    process = make(SLEEP)
    record = process.start()
    psutil.Process(record.pid).kill()
    psutil.Process(record.pid).wait(60)
    assert process.status() is None
    assert process.start().pid != record.pid


def test_a_pid_that_is_anothers_by_now_is_left_alone(make: Make, paths: SandboxPaths):
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        paths.services.mkdir()
        record = {"pid": stranger.pid, "argv": make(SLEEP).argv, "details": {}}
        (paths.services / "worker.json").write_text(json.dumps(record))
        process = make(SLEEP)
        assert process.status() is None
        assert not process.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_clock_that_is_set_does_not_lose_a_process(make: Make, monkeypatch: pytest.MonkeyPatch):
    process = make(SLEEP)
    record = process.start()
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: 1.0)  # pyright: ignore[reportUnknownLambdaType]
    assert process.status() == record


def test_a_record_that_cannot_be_read_counts_as_none(make: Make, paths: SandboxPaths):
    paths.services.mkdir()
    (paths.services / "worker.json").write_text("{")
    assert make(SLEEP).start().process()


def test_an_early_end_is_told_with_the_end_of_the_log(make: Make):
    process = make("print('no such port', flush=True); raise SystemExit(3)", ready=lambda: False)
    with pytest.raises(BackgroundProcessError, match=r"(?s)worker ended with exit code 3 .*a file.*no such port"):
        process.start()
    assert process.status() is None


def test_a_time_limit_ends_what_never_gets_ready(make: Make, paths: SandboxPaths):
    pids: list[int] = []

    def never() -> bool:
        record = read_record(paths, "worker")
        assert record
        pids.append(record.pid)
        return False

    process = make(SLEEP, ready=never, start_timeout=1)
    with pytest.raises(BackgroundProcessError, match="not ready within 1 s; awaited: a file"):
        process.start()
    assert process.status() is None
    assert pids
    assert not psutil.pid_exists(pids[0])


def test_children_end_with_their_parent(make: Make, paths: SandboxPaths):
    file = paths.root / "child"
    start_child = f"child = subprocess.Popen([sys.executable, '-c', 'import time; {SLEEP}'])"
    code = f"import subprocess, sys\n{start_child}\npathlib.Path({str(file)!r}).write_text(str(child.pid))\n{SLEEP}"
    process = make(code, ready=lambda: file.exists() and bool(file.read_text()))
    process.start()
    child = psutil.Process(int(file.read_text()))
    process.stop()
    psutil.wait_procs([child], timeout=60)
    assert not child.is_running()


def test_a_program_that_is_not_there_is_one_clear_error(paths: SandboxPaths):
    process = BackgroundProcess("worker", [str(paths.root / "nothing")], paths, lambda: True, awaited="nothing")
    with pytest.raises(BackgroundProcessError, match="worker cannot be started"):
        process.start()


def test_the_environment_is_added_to_ours(make: Make, paths: SandboxPaths):
    seen = paths.root / "seen"
    make(
        f"pathlib.Path({str(seen)!r}).write_text(os.environ['ADDED'] + os.environ['PATH']); {SLEEP}",
        env={"ADDED": "yes"},
        ready=lambda: seen.exists() and bool(seen.read_text()),
    ).start()
    assert seen.read_text() == "yes" + os.environ["PATH"]
