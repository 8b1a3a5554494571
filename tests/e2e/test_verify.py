"""verify and diagnose on a live stack: what holds, and every link broken in turn."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from sandbox.paths import PROJECT
from sandbox.sandbox import Sandbox
from tests.e2e.conftest import Run, Stack
from tests.e2e.live_stack import CLAIM, DYNAMIC_CLAIM, STATIC, LiveStack, eventually, failing
from tests.e2e.stack_breaks import BREAKS, Break
from verify.check import State
from verify.stack_outputs import StackOutputs

PODS = f"/api/v1/namespaces/{STATIC}/pods"


@pytest.fixture(scope="module")
def deployed(stack: Stack) -> Stack:
    stack.up()
    return stack


@pytest.fixture(scope="module")
def live(deployed: Stack) -> Generator[LiveStack]:
    """The stack, for checks made in this process: with the environment that `sandbox run` gives."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in Sandbox(deployed.paths).environment().items():
            patch.setenv(name, value)
        yield LiveStack(deployed.paths, StackOutputs.parse("dev", deployed.outputs()))


def verify(stack: Stack, *arguments: str) -> Run:
    """The command, as the README has it."""
    return stack.sandbox("run", "--", sys.executable, "-m", "verify", *arguments)


def on(stack: Stack) -> tuple[str, ...]:
    return ("--stack", "dev", "--cwd", str(stack.folder))


def test_every_check_of_both_ways_holds(deployed: Stack) -> None:
    run = verify(deployed, *on(deployed))
    assert run.code == 0, run.output
    assert "All 34 checks hold" in run.output
    assert deployed.outputs()["uncPath"] in run.output
    for word in ("csi-smb-node-win", "107,374,182,400 bytes free of 100 GiB", "wrote", "TridentBackend"):
        assert word in run.output
    for key in ("smbPassword", "activeDirectoryPassword"):
        assert deployed.secret_config(key) not in run.output


def test_one_json_document_for_programs(deployed: Stack) -> None:
    run = verify(deployed, *on(deployed), "--json", "--read-only")
    assert run.code == 0, run.output
    told: dict[str, Any] = json.loads(run.output)
    assert told["holds"]
    states = {check["name"]: check["state"] for check in told["checks"]}
    assert {name for name, state in states.items() if state != "holds"} == {
        "share/smb/shared-file",
        "claim/smb-dynamic/shared-file",
    }
    assert deployed.secret_config("smbPassword") not in run.output


def test_a_mount_that_holds_is_walked_to_its_end(deployed: Stack) -> None:
    run = verify(deployed, "diagnose", "iis-pod", "--namespace", STATIC, *on(deployed))
    assert run.code == 0, run.output
    assert "Every link holds." in run.output


@pytest.mark.parametrize(("name", "broken", "checks", "claim"), BREAKS, ids=[each[0] for each in BREAKS])
def test_a_broken_link_is_found(live: LiveStack, name: str, broken: Break, checks: dict[str, str], claim: str) -> None:
    with broken(live):
        eventually(lambda: failing(live.verify()) == checks, f"{name}: {checks}, instead of {failing(live.verify())}")
        found = live.diagnose(claim)
        assert found == next(trouble for check, trouble in checks.items() if ("smb-static" in claim) or trouble)


def test_after_all_that_everything_holds_again(live: LiveStack) -> None:
    results = live.verify(read_only=False)
    assert failing(results) == {}
    assert {result.state for result in results} == {State.HOLDS}
