"""verify and diagnose after the first `up`, which fails at the volume: they begin with the stack's state."""

import dataclasses
from typing import Any

from tests.e2e.conftest import Run, Stack
from verify.stack.outputs import StackOutputs
from verify.stack.reading import unfinished
from verify.stack.state import State


def test_verify_says_what_exists_and_what_is_not_created_yet(
    judged: dict[str, Run], created: set[str], deployed: Stack
) -> None:
    run = judged["verify"]
    assert run.code == 1, run.output
    document: dict[str, Any] = run.document
    assert "The last `pulumi up` of stack dev failed" in document["update"]["sentence"]
    states = {check["name"]: check["state"] for check in document["checks"]}
    for name in ("anf/account", "anf/pool", "anf/subnet"):
        assert states[name] == "holds", name
    # The engine installs the driver beside the volume: it may not have begun when the volume fails. What a release
    # installs is not looked at without it.
    installed = "kubernetes:helm.sh/v3:Release" in created
    driver = ("holds", "holds") if installed else ("notCreated", "notChecked")
    assert (states["smb-driver/release"], states["smb-driver/node-windows"]) == driver
    for name in ("volume/smb", "share/smb/claim", "share/smb/pod", "claim/smb-dynamic/pod"):
        assert states[name] == "notCreated", name
    assert states["share/smb/source"] == states["share/smb/directory"] == "notChecked"
    assert "fails" not in states.values()
    for key in ("smbPassword", "activeDirectoryPassword"):
        assert deployed.secret_config(key) not in run.output
    assert "ciphertext" not in run.output


def test_diagnose_walks_a_mount_that_is_not_created_yet(judged: dict[str, Run]) -> None:
    run = judged["diagnose"]
    assert run.code == 1, run.output
    assert "claim anf-pvc-smb                not created yet: `pulumi up` stopped before it" in run.output
    assert "ok    way to the directory" in run.output
    assert "none  Pod iis-pod has a node" in run.output
    assert "What is there holds. Continue: `pulumi up --stack dev" in run.output


def test_the_state_of_a_finished_stack_says_the_same_as_its_outputs(deployed: Stack) -> None:
    configuration = deployed.pulumi("config", "--json").document
    found = unfinished("dev", State.parse(deployed.state()), {}, configuration)
    assert found.update is not None
    assert found.update.missing == []
    assert dataclasses.replace(found, update=None) == StackOutputs.parse("dev", deployed.outputs())
