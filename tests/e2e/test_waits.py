"""Refusals of Azure's that pass by themselves: `up` waits them out, whoever causes them."""

import json
from io import BytesIO

import pytest

from sandbox.testing import AzureClients
from tests.e2e.conftest import Run, Stack

_VOLUMES = "Microsoft.NetApp/netAppAccounts/capacityPools/volumes"
_POOL = ("rg-anf-dev", "anf-dev", "pool-dev")


@pytest.fixture(scope="module")
def first_up(stack: Stack) -> Run:
    """Return the `up` of stack dev in an Azure that refuses what it accepts a little later."""
    for fault in ("role-spread", "principal-spread", "late-conflict"):
        assert stack.sandbox("faults", "add", fault).code == 0
    run = stack.up()
    assert stack.sandbox("faults", "list", "--json").document == []
    return run


def test_new_roles_and_principals_get_the_time_to_spread(first_up: Run) -> None:
    assert "waits for the new role's definition in all of Azure" in first_up.output
    assert "waits for the new principal in all of the directory" in first_up.output


def test_a_volume_that_azure_gave_up_during_anothers_creation_is_created_anew(first_up: Run, stack: Stack) -> None:
    """Azure accepts the creation, and refuses it at its end: the failed volume has to go first."""
    assert "smb-volume had failed in Azure, and is created anew" in first_up.output
    volume = AzureClients(stack.paths).netapp.volumes.get(*_POOL, "smb")
    assert volume.provisioning_state == "Succeeded"
    assert stack.pulumi("preview", "--refresh", "--expect-no-changes").code == 0


def test_a_volume_waits_while_another_hand_creates_one_in_the_account(first_up: Run, stack: Stack) -> None:
    azure = AzureClients(stack.paths).netapp.volumes
    ours = azure.get(*_POOL, "smb")
    theirs = {
        "location": ours.location,
        "properties": {
            "creationToken": "theirs",
            "usageThreshold": 50 * 1024**3,
            "subnetId": ours.subnet_id,
            "protocolTypes": ["CIFS"],
            "networkFeatures": "Standard",
        },
    }
    assert stack.sandbox("faults", "add", "slow", "--type", _VOLUMES).code == 0
    creation = azure.begin_create_or_update(*_POOL, "theirs", BytesIO(json.dumps(theirs).encode()))
    stack.configure(volumes=[{"name": "smb", "sizeGiB": 100}, {"name": "more", "sizeGiB": 50}])
    run = stack.up()
    assert creation.result().provisioning_state == "Succeeded"
    assert azure.get(*_POOL, "more").provisioning_state == "Succeeded"
    assert "more-volume waits for the end of another volume's creation in the account" in run.output
    assert "retrying create due to on-error hook request" in run.output
