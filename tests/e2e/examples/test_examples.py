"""The stacks of examples/, one after the other in one sandbox, as documented."""

import json
import shutil
from typing import Any

import pytest

from sandbox.testing import AzureClients
from tests.e2e.conftest import Stack
from tests.e2e.leaks import CommandLines, places
from tests.project import PROJECT

TRIDENT = {
    "version": "23.04.0",
    "authentication": "clientSecret",
    "clientId": "33333333-3333-3333-3333-333333333333",
    "credentialsNamespace": "default",
    "anyKubernetes": True,
}
LATER = TRIDENT | {"version": "100.2402.0", "reclaimPolicy": "Delete"}
WHOLE = "107,373,838,336 bytes free"


def example(stack: Stack, way: str) -> Stack:
    """A copy of an example, which tests may destroy."""
    folder = stack.folder / "examples"
    if not folder.exists():
        shutil.copytree(PROJECT / "examples", folder)
    copied = Stack(stack.paths, folder / way)
    copied.configure(protect=False)
    return copied


def listing(stack: Stack) -> str:
    return stack.kubectl("exec", "iis-pod", "-n", "default", "--", "cmd", "/c", r"dir C:\inetpub\wwwroot")


def destroy(stack: Stack) -> None:
    run = stack.pulumi("destroy", "--yes", "--skip-preview", "--run-program")
    assert run.code == 0, run.output
    left = stack.kubectl("get", "pv,pvc,pods,secrets,storageclass", "-n", "default", "-o", "name").split()
    assert left == []


def test_the_static_way_as_documented(stack: Stack) -> None:
    static = example(stack, "static")
    static.up()
    try:
        assert static.outputs()["smbDriverVersion"] == "v1.13.0"
        assert static.get("pv", "anf-pv-smb")["spec"]["csi"]["nodeStageSecretRef"] == {
            "name": "smbcreds",
            "namespace": "default",
        }
        assert WHOLE in listing(static)
        run = static.pulumi("preview", "--expect-no-changes")
        assert run.code == 0, run.output
    finally:
        destroy(static)


@pytest.fixture(scope="module")
def command_lines() -> CommandLines:
    return CommandLines()


@pytest.fixture(scope="module")
def dynamic(stack: Stack, command_lines: CommandLines) -> Stack:
    """Return the deployed dynamic example."""
    made = example(stack, "dynamic")
    assert made.folder.joinpath("Pulumi.dev.yaml").read_text().count("23.04.0") == 1
    with command_lines:
        run = made.up()
    secret = made.secret_config("tridentClientSecret")
    assert len(secret) >= 30
    assert places(made, secret, command_lines, run.output) == []
    return made


def status(stack: Stack) -> dict[str, Any]:
    return json.loads(stack.kubectl("get", "torc", "trident", "-o", "json"))["status"]


def test_the_dynamic_way_as_documented_and_its_client_secret_is_nowhere(dynamic: Stack) -> None:
    assert (status(dynamic)["status"], status(dynamic)["version"]) == ("Installed", "v23.04.0")
    config = dynamic.get("tbc", "backend-tbc-anf-smb", "trident")
    assert config["spec"]["credentials"] == {"name": "backend-tbc-anf-secret"}
    assert (config["status"]["phase"], config["status"]["lastOperationStatus"]) == ("Bound", "Success")
    assert WHOLE in listing(dynamic)
    run = dynamic.pulumi("preview", "--expect-no-changes")
    assert run.code == 0, run.output


def test_too_many_releases_at_once_are_refused_in_the_preview(dynamic: Stack) -> None:
    dynamic.configure(trident=TRIDENT | {"version": "100.2606.0"})
    run = dynamic.pulumi("preview")
    assert run.code != 0
    assert "one `pulumi up` for each of 24.02, 25.02, 26.02, 26.06" in " ".join(run.output.split())


def test_it_is_upgraded_by_a_step_under_its_claim(dynamic: Stack) -> None:
    """Check that existing claims remain after the replacement of the StorageClass."""
    before = dynamic.get("pvc", "anf-pvc-smb", "default")
    dynamic.configure(trident=LATER)
    dynamic.up()
    assert (status(dynamic)["status"], status(dynamic)["version"]) == ("Installed", "v24.02.0")
    assert dynamic.get("storageclass", "anf-sc-smb")["reclaimPolicy"] == "Delete"
    assert dynamic.get("pvc", "anf-pvc-smb", "default")["metadata"]["uid"] == before["metadata"]["uid"]
    assert WHOLE in listing(dynamic)


def test_it_is_wiped_out_in_steps_and_leaves_nothing(dynamic: Stack) -> None:
    volume = dynamic.get("pvc", "anf-pvc-smb", "default")["spec"]["volumeName"]
    dynamic.configure(dynamicClaims=[], trident=LATER | {"enabled": True})
    dynamic.up()
    dynamic.kubectl("wait", "--for=delete", f"pv/{volume}", "--timeout=120s")
    volumes = AzureClients(dynamic.paths).netapp.volumes.list("rg-anf-dynamic", "anf-dynamic", "pool")
    assert [volume.name for volume in volumes] == []
    dynamic.configure(trident=LATER | {"enabled": True, "wipeout": True})
    dynamic.up()
    assert status(dynamic)["status"] == "Uninstalled"
    destroy(dynamic)
    types = dynamic.kubectl("get", "crd", "-o", "name")
    assert "tridentbackendconfigs" not in types
    assert "tridentvolumes" not in types
