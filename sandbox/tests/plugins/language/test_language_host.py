"""The language host runs Python programs under the genuine engine as the engine's own plugin does."""

import json
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from tests.nodes.world import eventually
from tests.plugins.language.tryout import Project, make_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("language"))


def test_a_program_sees_its_stack_its_configuration_and_the_modules_beside_it(project: Project) -> None:
    (project.folder / "beside.py").write_text("VALUE = 'beside'\n")
    project.program(
        "import beside, pulumi\n"
        "print('printed')\n"
        "pulumi.export('stack', pulumi.get_stack())\n"
        "pulumi.export('beside', beside.VALUE)\n"
        "pulumi.export('secret', pulumi.Config().require_secret('password'))\n"
    )
    project.run("config", "set", "--secret", "password", "hunter2hunter2")
    run = project.run("up", "--yes", "--skip-preview")
    assert run.returncode == 0, run.stdout
    assert "printed" in run.stdout
    assert "hunter2hunter2" not in run.stdout
    outputs = json.loads(project.run("stack", "output", "--json").stdout)
    assert outputs == {"stack": "dev", "beside": "beside", "secret": "[secret]"}


def test_preview_and_up_are_two_runs_of_fresh_processes(project: Project) -> None:
    log = project.folder / "runs.txt"
    project.program(
        "import os, pulumi\n"
        f"with open({str(log)!r}, 'a') as file: print(os.getpid(), pulumi.runtime.is_dry_run(), file=file)\n"
    )
    run = project.run("up", "--yes")
    assert run.returncode == 0, run.stdout
    (first, planned), (second, done) = (line.split() for line in log.read_text().splitlines())
    assert (planned, done) == ("True", "False")
    assert first != second


@pytest.mark.parametrize(
    ("program", "shown", "hidden"),
    [
        (
            "import pulumi\nraise pulumi.RunError('the pool is too small')\n",
            ["the pool is too small"],
            ["Traceback", "Fatal Python error"],  # the second of the plugin's own end
        ),
        (
            "def broken():\n    raise KeyError('oops')\n\nbroken()\n",
            ["KeyError: 'oops'", "in broken"],
            ["run_in_stack", "runpy"],
        ),
    ],
)
def test_an_error_is_shown_without_a_traceback_and_a_defect_with_the_frames_of_the_program_alone(
    project: Project, program: str, shown: list[str], hidden: list[str]
) -> None:
    project.program(program)
    run = project.run("preview")
    assert run.returncode != 0
    assert all(text in run.stdout for text in shown)
    assert not any(text in run.stdout for text in hidden)


def start_waiting(
    project: Project, program: str = "import pulumi\nwait()\n"
) -> tuple["subprocess.Popen[bytes]", list[psutil.Process]]:
    """A preview whose program waits until it is ended: the engine, and all that it has started."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(180)
        project.program(
            "import socket, threading\n"
            "def wait():\n"
            f"    socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))\n"
            "    threading.Event().wait(120)\n" + program
        )
        engine = subprocess.Popen(
            [str(project.pulumi), "preview", "--non-interactive"],
            cwd=project.folder,
            env=dict(project.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        server.accept()[0].close()  # the program has come so far
    return engine, psutil.Process(engine.pid).children(recursive=True)


def test_a_program_that_an_interrupt_ends_leaves_no_process_behind(project: Project) -> None:
    engine, children = start_waiting(project)
    assert any("program.py" in " ".join(child.cmdline()) for child in children)
    engine.send_signal(signal.SIGINT)
    engine.send_signal(signal.SIGINT)  # the second ends it without asking
    assert engine.wait(60) != 0
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []


def test_a_killed_engine_leaves_neither_program_nor_plugins_behind(project: Project) -> None:
    engine, children = start_waiting(
        project,
        "import pulumi_azure_native\n"
        "from pulumi.runtime.rpc import UNKNOWN\n"  # what is not known yet is not configured in a preview
        "pulumi_azure_native.Provider('azure', client_secret=UNKNOWN).urn.apply(lambda _: wait())\n",
    )
    started = " ".join(word for child in children for word in child.cmdline())
    for part in ("sandbox.plugins.language", "program.py", "sandbox.plugins.azure_native"):
        assert part in started
    engine.kill()
    engine.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []


def test_a_program_is_interrupted_when_a_resource_has_failed(project: Project) -> None:
    interrupted = project.folder / "interrupted"
    project.program(
        "import atexit, os, pathlib, signal, time, pulumi\n"
        "def note(*_):\n"
        f"    pathlib.Path({str(interrupted)!r}).touch()\n"
        "    os._exit(1)\n"
        "signal.signal(signal.SIGINT, note)\n"
        "atexit.register(time.sleep, 60)  # the engine's end, which ends it too, may be sooner\n"
        "pulumi.StackReference('organization/tryout/nowhere')\n"
    )
    run = project.run("preview")
    assert run.returncode != 0
    assert "unknown stack" in run.stdout
    eventually(interrupted.exists, "the program's note")


def test_the_projects_own_virtual_environment_runs_it_if_there_is_one(project: Project) -> None:
    (project.folder / "Pulumi.yaml").write_text("name: tryout\nruntime: {name: python, options: {virtualenv: own}}\n")
    own = project.folder / "own" / "bin"
    own.mkdir(parents=True)
    (own / "python").write_text(f'#!/bin/sh\nOWN_ENVIRONMENT=yes exec "{sys.executable}" "$@"\n')
    (own / "python").chmod(0o755)
    project.program("import os, pulumi\npulumi.export('own', os.environ.get('OWN_ENVIRONMENT'))\n")
    run = project.run("up", "--yes", "--skip-preview")
    assert run.returncode == 0, run.stdout
    assert json.loads(project.run("stack", "output", "--json").stdout)["own"] == "yes"
