"""A cluster with tainted Windows nodes: the preview names the key, and one `up` with it serves Pods and drivers."""

import sys
from collections.abc import Generator

import pytest

from tests.e2e.conftest import Stack

IMAGE = "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2025"
TAINT = {"key": "team", "value": "web", "effect": "NoSchedule"}


@pytest.fixture(scope="module")
def tainted(deployed: Stack) -> Generator[Stack]:
    """Yield the deployed stack in a cluster whose Windows nodes have a taint."""
    windows = ("taint", "nodes", "-l", "kubernetes.io/os=windows")
    deployed.kubectl(*windows, "team=web:NoSchedule")
    yield deployed
    deployed.kubectl(*windows, "team-")
    deployed.as_committed()


def test_the_preview_of_a_change_warns_of_the_taint_with_the_key_to_set(tainted: Stack) -> None:
    tainted.configure(windowsPods={"image": IMAGE})
    run = tainted.pulumi("preview")
    assert run.code == 0, run.output
    assert "keep the sample Pods away: team=web:NoSchedule (akswin000000, akswin000001)" in run.output
    key = 'anf-smb:windowsPods.tolerations: [{key: "team", value: "web", effect: "NoSchedule"}]'
    assert f"They stay Pending. Fix: {key}" in run.output


def test_one_up_with_the_toleration_replaces_the_pods_and_moves_the_driver(tainted: Stack) -> None:
    tainted.configure(
        windowsPods={
            "image": IMAGE,
            "nodeSelector": {"kubernetes.azure.com/agentpool": "win"},
            "tolerations": [TAINT],
        }
    )
    # Without the preview: a plugin before 4.29 applies the new nodeSelector to the old Pod there, which is refused.
    run = tainted.up()
    assert "Taints of Windows nodes" not in run.output
    assert "+-2 replaced" in run.output
    for namespace in ("smb-static", "smb-dynamic"):
        pod = tainted.get("pod", "iis-pod", namespace)["spec"]
        assert pod["containers"][0]["image"] == IMAGE
        assert TAINT in pod["tolerations"]
    driver = tainted.get("daemonset", "csi-smb-node-win", "kube-system")["status"]
    assert driver["desiredNumberScheduled"] == driver["numberReady"] == 2


def test_verify_writes_a_file_through_pods_of_its_own_on_the_tainted_nodes(tainted: Stack) -> None:
    on = ("--stack", "dev", "--cwd", str(tainted.folder))
    run = tainted.sandbox("run", "--", sys.executable, "-m", "verify", "--write", "--json", *on)
    assert run.code == 0, run.output
    checks = run.document["checks"]
    written = [check["seen"] for check in checks if check["name"].endswith("/shared-file")]
    assert len(written) == 2
    assert all("anf-verify-" in seen for seen in written)
