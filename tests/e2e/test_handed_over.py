"""An unprotected stack that hands its parts over to others: it forgets them, and its end takes none of them along."""

import pytest

from sandbox.testing import AzureClients
from tests.e2e.conftest import Stack, operations
from tests.e2e.others_in_cluster import NAMESPACES, Seen, move_in, seen

SUBNET = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-anf-dev/providers/Microsoft.Network"
    "/virtualNetworks/vnet-anf/subnets/anf"
)


@pytest.fixture(scope="module")
def before(stack: Stack) -> Seen:
    """Return what is there after an `up` without protection, with what another team adds."""
    stack.configure(protect=False)
    stack.up()
    move_in(stack)
    return seen(stack)


def test_parts_that_become_existing_are_forgotten_and_nothing_is_deleted(stack: Stack, before: Seen) -> None:
    stack.configure(
        existingNamespaces=[*NAMESPACES],
        resourceGroup={"name": "rg-anf-dev", "existing": True},
        network={"subnetId": SUBNET},
        account={"name": "anf-dev", "existing": True},
        activeDirectory=None,
        pools=[{"name": "pool-dev", "existing": True}],
    )
    removed = stack.pulumi("config", "rm", "anf-smb:activeDirectoryPassword")
    assert removed.code == 0, removed.output
    parts = ("anf-group", "anf-network", "anf-subnet", "anf-account", "pool-dev-pool")
    shown = operations(stack.events())
    read = {*parts, "smb-static-namespace", "smb-dynamic-namespace"}
    assert {name for name, operation in shown.items() if operation == "read"} == read
    assert not {"delete", "replace", "create"} & set(shown.values())
    stack.up()
    assert seen(stack) == before
    again = stack.up()
    assert "unchanged" in again.output
    assert "deleted" not in again.output


def test_the_end_of_the_stack_leaves_what_is_not_its_own_any_more(stack: Stack, before: Seen) -> None:
    run = stack.pulumi("destroy", "--yes", "--skip-preview", "--run-program")
    assert run.code == 0, run.output
    after = seen(stack)
    theirs = {name: uid for name, uid in before.objects.items() if "anf-p" not in name and "pvc-" not in name}
    assert after.objects == theirs
    assert (after.bound, after.volumes) == ({}, {})  # the two documented steps delete the stack's own data
    azure = AzureClients(stack.paths)
    assert azure.netapp.pools.get("rg-anf-dev", "anf-dev", "pool-dev").name == "anf-dev/pool-dev"
    assert azure.network.subnets.get("rg-anf-dev", "vnet-anf", "anf").name == "anf"
