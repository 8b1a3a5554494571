"""verify and diagnose on a live stack: healthy, and with each link broken."""

import shlex
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.testing import Sandbox, condition
from tests.e2e import other_projects
from tests.e2e.broken_links import CASES, Case
from tests.e2e.conftest import Run, Stack
from tests.e2e.fix_lines import CHANGES, NOT_HERE, filled
from tests.e2e.live_stack import DYNAMIC, STATIC, LiveStack, encoded, eventually, failing, secret_path
from tests.fix_commands import only_looks, printed
from verify.check import Result, State
from verify.cli import walk
from verify.mounts import mounts_of
from verify.stack.outputs import StackOutputs
from verify.trouble import commands_of

PODS = f"/api/v1/namespaces/{STATIC}/pods"


@pytest.fixture(scope="module")
def live(deployed: Stack) -> Generator[LiveStack]:
    """Return the stack for checks in this process, with the environment of `sandbox run`."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in Sandbox(deployed.paths).environment().items():
            patch.setenv(name, value)
        yield LiveStack(
            deployed.paths, StackOutputs.parse("dev", deployed.outputs()), deployed.folder, deployed.state()
        )


def verify(stack: Stack, *arguments: str) -> Run:
    """Run the README's command."""
    return stack.sandbox("run", "--", sys.executable, "-m", "verify", *arguments)


def on(stack: Stack) -> tuple[str, ...]:
    return ("--stack", "dev", "--cwd", str(stack.folder))


def test_every_check_of_both_ways_holds(deployed: Stack) -> None:
    run = verify(deployed, "--write", *on(deployed))
    assert run.code == 0, run.output
    assert "All 40 checks hold" in run.output
    assert deployed.outputs()["uncPath"] in run.output
    for word in (
        "csi-smb-node-win",
        "107,373,838,336 bytes free of 100 GiB",
        "19 % allotted",
        "wrote",
        "TridentBackend",
    ):
        assert word in run.output
    for key in ("smbPassword", "activeDirectoryPassword"):
        assert deployed.secret_config(key) not in run.output


def test_one_json_document_for_programs(deployed: Stack) -> None:
    run = verify(deployed, *on(deployed), "--json")
    assert run.code == 0, run.output
    document: dict[str, Any] = run.document
    assert document["holds"]
    assert {check["name"] for check in document["checks"] if check["state"] == "leftOut"} == {
        "share/smb/shared-file",
        "claim/smb-dynamic/shared-file",
    }
    assert deployed.secret_config("smbPassword") not in run.output


def test_a_mount_that_holds_is_walked_to_its_end(deployed: Stack) -> None:
    run = verify(deployed, "diagnose", "iis-pod", "--namespace", STATIC, *on(deployed))
    assert run.code == 0, run.output
    assert "Every link holds." in run.output


def test_what_cannot_be_reached_is_one_line_and_exit_code_2(deployed: Stack, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    content = yaml.safe_load(deployed.paths.kubeconfig.read_text())
    content["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    kubeconfig.write_text(yaml.safe_dump(content))
    no_api_server = verify(deployed, *on(deployed), "--kubeconfig", str(kubeconfig))
    no_azure = deployed.sandbox(
        "run", "--", "env", "ARM_METADATA_HOSTNAME=127.0.0.1:1", sys.executable, "-m", "verify", *on(deployed)
    )
    no_stack = verify(deployed, "--stack", "nosuch", "--cwd", str(deployed.folder))
    for run, words in ((no_api_server, "https://127.0.0.1:1"), (no_azure, "https://127.0.0.1:1"), (no_stack, "nosuch")):
        assert run.code == 2, run.output
        (line,) = run.output.splitlines()
        assert line.startswith("error: ")
        assert words in line


@pytest.mark.parametrize("case", CASES, ids=[case.name.replace(" ", "-") for case in CASES])
def test_a_broken_link_fails_its_own_check_and_is_diagnosed(live: LiveStack, case: Case) -> None:
    wanted = dict.fromkeys(case.checks, case.trouble)
    with case.broken(live):
        results = live.verify()
        deadline = time.monotonic() + 120  # until the cluster's controllers have noticed
        while failing(results) != wanted and time.monotonic() < deadline:
            results = live.verify()
        assert failing(results) == wanted, [result.seen for result in results if result.state is State.FAILS]
        unchecked = [result for result in results if result.state is State.NOT_CHECKED]
        assert all(set(result.because) <= set(case.checks) for result in unchecked)
        found = live.diagnose(case.claim)
        assert found.trouble == case.trouble
        assert found.fix
        if case.fix is not None:
            live.carry_out(commands_of(found.fix)[case.fix], case.said)


def test_a_claim_of_ones_own_that_is_larger_than_the_pool_is_diagnosed(live: LiveStack) -> None:
    claims = f"/api/v1/namespaces/{DYNAMIC}/persistentvolumeclaims"
    storage = {"requests": {"storage": "2Ti"}}
    spec = {"accessModes": ["ReadWriteMany"], "storageClassName": "anf-sc-smb", "resources": storage}
    live.api.create(claims, {"metadata": {"name": "too-large"}, "spec": spec})
    try:
        eventually(lambda: live.diagnose("pvc/too-large").trouble == "pool-too-small", "pool-too-small is diagnosed")
    finally:
        live.api.delete(f"{claims}/too-large")


def test_an_almost_full_share_is_a_warning_with_what_to_do(deployed: Stack, live: LiveStack) -> None:
    share = deployed.outputs()["volumes"]["smb"]
    file = deployed.paths.shares / share["smbServerFqdn"].lower() / share["creationToken"] / "large.bin"
    with file.open("wb") as large:
        large.truncate(81 * 2**30)  # it takes no room on this machine
    try:
        (found,) = [result for result in live.verify() if result.check.name == "share/smb/directory"]
    finally:
        file.unlink()
    assert (found.state, found.trouble) == (State.WARNS, "volume-almost-full")
    assert "81 % used" in found.seen
    assert "sizeGiB" in found.fix


def test_pods_of_another_project_in_folders_of_the_share_are_followed_to_their_end(live: LiveStack) -> None:
    share = live.outputs.volumes[0]
    with (
        other_projects.moved_in(live, f"{share.unc_path}\\sub", r"CONTOSO\svc-web", live.node_of(STATIC)),
        other_projects.inline_pod(live, share.unc_path.replace("\\", "/") + "/inline"),
    ):
        claimed, inline = (_walked(live, name) for name in ("other", "inline"))
    assert "volume smb of this stack, folder sub" in claimed["source"].seen
    assert "1Gi in Kubernetes" in claimed["size"].seen
    assert "directory" in claimed
    assert "volume smb of this stack, folder inline" in inline["source"].seen
    assert "inline volumes allowed" in inline["csidriver"].seen


def _walked(live: LiveStack, name: str) -> dict[str, Result]:
    """Return the links of another project's Pod, which must hold."""
    pods = other_projects.POD.rpartition("/")[0]
    eventually(lambda: condition(live.api.get(f"{pods}/{name}"), "Ready"), f"Pod {name} is Ready")
    world = live.world()
    (mount,) = mounts_of(world, f"pod/{name}", other_projects.NAMESPACE)
    found = {result.check.name: result for result in walk(world, mount)}
    assert State.FAILS not in {result.state for result in found.values()}
    return found


def test_after_a_rotation_the_pods_that_keep_the_old_password_are_named(live: LiveStack) -> None:
    live.merge(secret_path(STATIC), {"data": {"rotated": encoded("yes")}})  # as `up` does with a new password
    (found,) = [result for result in live.verify() if result.check.name == "nodes/old-logons"]
    assert (found.state, found.trouble) == (State.WARNS, "mount-older-than-secret")
    assert f"{live.node_of(STATIC)}: {STATIC}/iis-pod" in found.seen
    live.carry_out(commands_of(found.fix))
    for namespace in (STATIC, DYNAMIC):
        live.await_pod(namespace)
    (found,) = [result for result in live.verify() if result.check.name == "nodes/old-logons"]
    assert f"{STATIC}/iis-pod" not in found.seen


def test_a_printed_command_that_only_looks_runs_as_printed(live: LiveStack) -> None:
    looks = [command for command in printed() if only_looks(command) and command not in NOT_HERE]
    live.carry_out([f"{filled(live, command)} > /dev/null" for command in looks])


def test_a_printed_command_of_no_break_runs_as_printed_and_everything_holds_after_it(live: LiveStack) -> None:
    """Run them as one shell; the second `pulumi up --refresh` creates what was drained."""
    told = (f"printf %s {shlex.quote(said)} | {filled(live, command)}" for command, said in CHANGES.items())
    live.carry_out(list(told))
    for namespace in (STATIC, DYNAMIC):
        live.await_pod(namespace)


def test_after_all_that_everything_holds_again(live: LiveStack) -> None:
    # Controllers still settle after the commands before.
    eventually(lambda: {each.state for each in live.verify(write=True)} == {State.HOLDS}, "every check holds")
