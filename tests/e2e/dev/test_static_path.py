"""The static path: a mounted share, its changes, and the changes that it survives."""

import json
import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import Stack, operations
from tests.project import PROJECT

GIB = 2**30
OWN = 336 * 1024
"""What an empty share has used, as on a real volume."""


def bytes_free(stack: Stack, pod: str = "iis-pod") -> int:
    """Return the result of `dir` in the Pod."""
    listing = stack.kubectl("exec", pod, "-n", "smb-static", "--", "cmd", "/c", r"dir C:\inetpub\wwwroot")
    last = next(line for line in listing.splitlines() if line.endswith("bytes free"))
    return int(last.split("Dir(s)")[1].split()[0].replace(",", ""))


def test_outputs_and_persistent_volume_are_made_of_the_volumes_own_outputs(deployed: Stack) -> None:
    outputs = deployed.outputs()
    assert outputs["uncPath"] == rf"\\{outputs['smbServerFqdn']}\{outputs['creationToken']}"
    assert outputs["smbServerFqdn"].endswith(".contoso.com")
    assert outputs["volumeId"].endswith("/capacityPools/pool-dev/volumes/smb")
    csi = deployed.get("pv", "anf-pv-smb")["spec"]["csi"]
    assert csi["volumeAttributes"]["source"] == outputs["uncPath"]
    assert csi["nodeStageSecretRef"] == {"name": "smbcreds", "namespace": "smb-static"}


def test_the_pod_is_on_a_windows_node_and_sees_the_whole_volume(deployed: Stack) -> None:
    assert deployed.get("pod", "iis-pod")["spec"]["nodeName"].startswith("akswin")
    assert bytes_free(deployed) == 100 * GIB - OWN


def test_an_up_without_a_change_leaves_the_components_in_the_state_as_they_are(deployed: Stack) -> None:
    before = deployed.components()
    assert "madeOfCapacityPoolVolume" in next(outputs for urn, outputs in before.items() if "SmbVolume" in urn)
    deployed.up()
    assert deployed.components() == before


def test_passwords_are_nowhere_in_plain_text(deployed: Stack) -> None:
    passwords = [deployed.secret_config(key) for key in ("smbPassword", "activeDirectoryPassword")]
    assert all(len(password) >= 20 for password in passwords)
    shown = deployed.pulumi("stack", "export").output + deployed.kubectl("get", "events", "-A", "-o", "json")
    for password in passwords:
        assert password not in shown
        for file in files_below(deployed.paths.root):
            assert password.encode() not in file.read_bytes(), file
    for line in (" ".join(argv) for argv in command_lines()):
        assert not any(password in line for password in passwords), line


def files_below(folder: Path) -> list[Path]:
    """Return every file of the sandbox except the cluster's database, which stores Secrets like any etcd."""
    return [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink() and "etcd" not in file.parts]


def command_lines() -> list[list[str]]:
    lines: list[list[str]] = []
    for process in psutil.process_iter():
        try:
            lines.append(process.cmdline())
        except psutil.Error:
            continue
    return lines


def test_a_larger_volume_is_an_update_in_place_of_volume_and_persistent_volume_alone(deployed: Stack) -> None:
    before = uids(deployed)
    assert len(before) == len(OBJECTS)
    deployed.configure(volumes=[{"name": "smb", "sizeGiB": 200}])
    try:
        preview = deployed.pulumi("preview", "--diff").output
        assert_shown_in_order(preview_in_the_readme(), preview)
        assert "~ 2 to update" in preview
        deployed.up()
        assert deployed.get("pv", "anf-pv-smb")["spec"]["capacity"] == {"storage": "200Gi"}
        assert bytes_free(deployed) == 200 * GIB - OWN
        assert uids(deployed) == before
    finally:
        deployed.as_committed()


def preview_in_the_readme() -> list[str]:
    """Return the README's output for this change, without ids and warnings."""
    block = (PROJECT / "README.md").read_text().partition("<!-- the preview of a change -->\n\n```text\n")[2]
    shown = block.partition("```")[0].splitlines()
    assert len(shown) == 12
    return shown


def assert_shown_in_order(lines: list[str], output: str) -> None:
    printed = iter(output.splitlines())
    assert [line for line in lines if line not in printed] == []


def test_a_new_password_and_a_smaller_volume_are_updates_in_place(deployed: Stack) -> None:
    """Continue after the enlargement: the stack file has 100 GiB again."""
    before = uids(deployed)
    for set_password in (
        ("pulumi", "config", "set", "--stack", "dev", "--cwd", str(deployed.folder), "--secret", "anf-smb:smbPassword"),
        ("directory", "set-password", "svc-web"),
    ):
        done = deployed.sandbox(*set_password, standard_input=NEW_PASSWORD)
        assert done.code == 0, done.output
    run = deployed.pulumi("up", "--yes", "--diff")
    assert run.code == 0, run.output
    assert NEW_PASSWORD not in run.output
    for changed in ("smb-volume", "smb-persistent-volume", "smb-static-smbcreds", "smb-dynamic-smbcreds"):
        assert f"::{changed}]" in run.output
    assert "~ 4 updated" in run.output
    assert bytes_free(deployed) == 100 * GIB - OWN
    assert uids(deployed) == before


NEW_PASSWORD = "An0ther-passw0rd-entirely"
OBJECTS = ("pv/anf-pv-smb", "pvc/anf-pvc-smb", "secret/smbcreds", "pod/iis-pod")


def uids(stack: Stack) -> list[str]:
    listed = json.loads(stack.kubectl("get", *OBJECTS, "-n", "smb-static", "-o", "json"))["items"]
    return [item["metadata"]["uid"] for item in listed]


@pytest.mark.parametrize(
    ("volume", "reason"),
    [
        ({"name": "smb", "sizeGiB": 100, "creationToken": "other"}, "cannot be changed"),
        ({"name": "smb", "sizeGiB": 100, "serviceLevel": "Premium"}, "Premium"),
    ],
)
def test_what_azure_would_refuse_fails_in_the_preview(deployed: Stack, volume: dict[str, object], reason: str) -> None:
    deployed.configure(volumes=[volume])
    try:
        run = deployed.pulumi("preview")
    finally:
        deployed.as_committed()
    assert run.code != 0
    assert reason in run.output
    assert "Traceback" not in run.output


def test_secret_and_pod_deleted_by_hand_are_made_again_with_the_new_password(deployed: Stack) -> None:
    deployed.kubectl("delete", "secret/smbcreds", "pod/iis-pod", "-n", "smb-static")
    made = operations(deployed.events("--refresh"))
    assert {name: made[name] for name in ("smb-static-smbcreds", "smb-pod")} == {
        "smb-static-smbcreds": "create",
        "smb-pod": "create",
    }
    run = deployed.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert run.code == 0, run.output  # the new Pod mounts, so the Secret has the directory's new password
    assert set(deployed.get("secret", "smbcreds")["data"]) == {"domain", "username", "password"}


def test_a_volume_can_be_imported(deployed: Stack) -> None:
    volume_id = deployed.outputs()["volumeId"]
    run = deployed.pulumi(
        "import", "azure-native:netapp:CapacityPoolVolume", "adopted", volume_id,
        "--yes", "--skip-preview", "--generate-code=false",
    )  # fmt: skip
    assert run.code == 0, run.output
    adopted = next(r for r in deployed.state()["deployment"]["resources"] if r["urn"].endswith("::adopted"))
    assert adopted["inputs"]["creationToken"] == "smb"
    removed = deployed.pulumi("state", "delete", adopted["urn"], "--yes", "--force")
    assert removed.code == 0, removed.output


def test_a_killed_sandbox_loses_nothing(deployed: Stack) -> None:
    ours = [
        process
        for process in psutil.process_iter()
        if str(deployed.paths.root) in " ".join(_arguments(process)) and process.pid != os.getpid()
    ]
    assert len(ours) >= 6  # etcd, API server, controller manager, scheduler, kwok, and what serves all the rest
    for process in ours:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(ours, timeout=30)
    refused = deployed.pulumi("preview")
    assert refused.code == 1
    assert "python -m sandbox up" in refused.output

    started = deployed.sandbox("up")
    assert started.code == 0, started.output
    run = deployed.pulumi("preview", "--expect-no-changes")
    assert run.code == 0, run.output
    status = deployed.sandbox("status", "--json").document
    assert all(part["running"] is not False for part in status)


def _arguments(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
