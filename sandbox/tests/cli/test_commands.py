"""`pulumi`, `az` and `helm` in a shell of the sandbox."""

import os
import subprocess
from pathlib import Path

import pytest

from sandbox import commands
from sandbox.paths import SandboxPaths
from sandbox.tools.catalogue import TOOLS
from sandbox.tools.search import find


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SandboxPaths:
    """A sandbox that does not run, whose `pulumi` says that it was started itself."""
    paths = SandboxPaths(tmp_path / "sandbox")
    paths.tools.mkdir(parents=True)
    (paths.tools / "pulumi").write_text('#!/bin/sh\necho genuine v3.999.0 "$@"\n')
    (paths.tools / "pulumi").chmod(0o755)
    monkeypatch.setenv("ANF_SANDBOX_HOME", str(paths.root))
    monkeypatch.setenv("PATH", os.pathsep.join([str(paths.commands), str(paths.tools), os.environ["PATH"]]))
    commands.install(paths)
    return paths


def typed(*words: str) -> str:
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
    return done.stdout


@pytest.mark.usefixtures("paths")
def test_pulumi_is_that_of_the_sandbox_where_this_adds_something() -> None:
    assert typed("pulumi", "stack", "output", "--stack", "dev") == "genuine v3.999.0 stack output --stack dev\n"
    for words in (("up", "--stack", "dev"), ("--cwd", "other", "config", "set", "key"), ("stack", "rm")):
        assert "No Azure has been started" in typed("pulumi", *words)


@pytest.mark.usefixtures("paths")
@pytest.mark.parametrize("name", ["az", "helm"])
def test_the_others_are_had_at_their_first_use(name: str) -> None:
    assert "No Azure has been started" in typed(name, "version")


def test_a_command_that_is_there_stays(paths: SandboxPaths) -> None:
    (paths.tools / "helm").write_text("of the machine")
    commands.install(paths)
    assert (paths.tools / "helm").read_text() == "of the machine"


def test_the_search_for_tools_does_not_find_the_command(paths: SandboxPaths) -> None:
    assert find(TOOLS, ["pulumi"])["pulumi"].path == paths.tools / "pulumi"
