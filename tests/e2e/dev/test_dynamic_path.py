"""The dynamic path: a claim gets an Azure volume and a mounted directory without an FQDN in any file."""

import json
import re

from sandbox.testing import AzureClients
from tests.e2e.conftest import Stack

GIB = 2**30
CLAIM = "anf-pvc-smb-dynamic"


def claim(stack: Stack) -> dict[str, object]:
    return stack.get("pvc", CLAIM, "smb-dynamic")


def azure_volume_of_claim(stack: Stack) -> tuple[str, int]:
    """Return the state and the size in bytes of the only volume that Trident created."""
    volumes = AzureClients(stack.paths).netapp.volumes.list("rg-anf-dev", "anf-dev", "pool-dev")
    (made,) = (volume for volume in volumes if str(volume.name).rpartition("/")[2].startswith("pvc-"))
    assert made.properties is not None
    assert made.properties.protocol_types == ["CIFS"]
    return str(made.properties.provisioning_state), made.properties.usage_threshold


def test_the_claim_is_a_volume_in_the_stacks_own_pool(deployed: Stack) -> None:
    outputs = deployed.outputs()
    assert outputs["dynamicClaimName"] == CLAIM
    assert outputs["storageClassName"] == "anf-sc-smb"
    assert claim(deployed)["spec"]["storageClassName"] == "anf-sc-smb"  # pyright: ignore[reportIndexIssue]
    assert azure_volume_of_claim(deployed) == ("Succeeded", 100 * GIB)


def test_the_pod_sees_the_whole_volume(deployed: Stack) -> None:
    listing = deployed.kubectl("exec", "iis-pod", "-n", "smb-dynamic", "--", "cmd", "/c", r"dir C:\inetpub\wwwroot")
    assert "107,373,838,336 bytes free" in listing


def test_orchestrator_and_backend_are_what_was_awaited(deployed: Stack) -> None:
    orchestrator = json.loads(deployed.kubectl("get", "torc", "trident", "-o", "json"))
    assert orchestrator["status"]["status"] == "Installed"
    config = deployed.get("tbc", "backend-tbc-anf-smb", "trident")
    assert (config["status"]["phase"], config["status"]["lastOperationStatus"]) == ("Bound", "Success")
    assert config["spec"]["capacityPools"] == ["rg-anf-dev/anf-dev/pool-dev"]
    assert config["spec"]["subnet"] == "rg-hub/vnet-hub/anf"
    assert "credentials" not in config["spec"]  # workload identity: there is no secret at all


def test_a_larger_claim_grows_the_volume_in_place(deployed: Stack) -> None:
    deployed.configure(dynamicClaims=[{"name": "smb-dynamic", "sizeGiB": 150}])
    try:
        grown = deployed.up().output
    finally:
        deployed.as_committed()
    assert set(re.findall(r"([a-z-]+) updat(?:ing|ed)", grown)) == {"smb-dynamic-claim"}
    assert azure_volume_of_claim(deployed) == ("Succeeded", 150 * GIB)
    run = deployed.pulumi("preview", "--json")  # a claim cannot shrink: the API server refuses it already here
    assert run.code != 0
    assert "field can not be less than" in run.output


def test_a_claim_deleted_by_hand_keeps_its_volume_and_is_created_again_with_another_one(deployed: Stack) -> None:
    deployed.kubectl("delete", "pod/iis-pod", f"pvc/{CLAIM}", "-n", "smb-dynamic")
    (kept,) = (pv for pv in deployed.get("pv")["items"] if pv["metadata"]["name"].startswith("pvc-"))
    assert kept["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert azure_volume_of_claim(deployed) == ("Succeeded", 150 * GIB)

    run = deployed.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert run.code == 0, run.output
    bound = deployed.get("pvc", CLAIM, "smb-dynamic")["spec"]["volumeName"]
    assert bound != kept["metadata"]["name"]
    assert kept["metadata"]["name"] in {pv["metadata"]["name"] for pv in deployed.get("pv")["items"]}
