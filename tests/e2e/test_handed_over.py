"""An unprotected stack that hands its parts over to others: it forgets them, and its end takes none of them along."""

from typing import Any

import pytest
import yaml

from components.rules.network import NetworkPath, peering_name
from sandbox.testing import SUBSCRIPTION, AzureClients
from tests.e2e.conftest import Stack, operations
from tests.e2e.others_in_cluster import NAMESPACES, Seen, move_in, seen

STAGING = "00000000-0000-0000-0000-000000000001"


def network(group: str, name: str, subscription: str = SUBSCRIPTION) -> str:
    """Return the id of a virtual network."""
    path = f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network"
    return f"{path}/virtualNetworks/{name}"


PEERED = [network("rg-hub", "vnet-hub"), network("rg-aks-dev", "vnet-aks"), network("rg-hub", "vnet-hub", STAGING)]
OWN = network("rg-anf-dev", "vnet-anf")
NSG, ROUTES = (
    f"{PEERED[0].partition('/virtualNetworks')[0]}/{kind}/anf" for kind in ("networkSecurityGroups", "routeTables")
)
SERVERS = ["10.40.0.4", "10.40.0.5"]
DIRECTIONS = {
    f"anf-{direction}-{peering_name(NetworkPath.of(peer))}" for peer in PEERED for direction in ("to", "from")
}


def of_the_network_team(stack: Stack) -> dict[str, Any]:
    """Return a network security group, a route table and DNS servers that exist."""
    azure, made = AzureClients(stack.paths).http, {"networkSecurityGroupId": NSG, "routeTableId": ROUTES}
    for resource_id in made.values():
        body = {"location": "koreacentral"}
        azure.put(resource_id, params={"api-version": "2024-05-01"}, json=body).raise_for_status()
    return {"dnsServers": ["10.40.0.4"], **made}


@pytest.fixture(scope="module")
def before(stack: Stack) -> Seen:
    """Return what is there after an `up` without protection, with what another team adds."""
    addresses = {"addressSpace": "10.60.0.0/16", "subnet": "anf", "subnetPrefix": "10.60.1.0/26"}
    stack.configure(
        protect=False,
        network={"virtualNetwork": "vnet-anf", **addresses, "peerings": PEERED, **of_the_network_team(stack)},
    )
    stack.up()
    move_in(stack)
    return seen(stack)


def peering_states(stack: Stack) -> dict[str, dict[str, str]]:
    """Return the states of the peerings of each network, by the other one."""
    azure = AzureClients(stack.paths).http
    found: dict[str, dict[str, str]] = {}
    for each in (OWN, *PEERED):
        answer = azure.get(each, params={"api-version": "2024-05-01"}).raise_for_status().json()
        found[each] = {
            peering["properties"]["remoteVirtualNetwork"]["id"]: peering["properties"]["peeringState"]
            for peering in answer["properties"]["virtualNetworkPeerings"]
        }
    return found


def in_azure(stack: Stack, resource_id: str) -> dict[str, Any]:
    answer = AzureClients(stack.paths).http.get(resource_id, params={"api-version": "2024-05-01"})
    return answer.raise_for_status().json()["properties"]


def test_its_dns_servers_group_and_routes_are_sent_and_change_in_place(stack: Stack, before: Seen) -> None:
    network, subnet = in_azure(stack, OWN), in_azure(stack, f"{OWN}/subnets/anf")
    assert network["dhcpOptions"] == {"dnsServers": ["10.40.0.4"]}
    assert (subnet["networkSecurityGroup"]["id"], subnet["routeTable"]["id"]) == (NSG, ROUTES)
    file = stack.folder / "Pulumi.dev.yaml"
    content: dict[str, Any] = yaml.safe_load(file.read_text())
    keys = content["config"]["anf-smb:network"]
    stack.configure(network={**{key: keys[key] for key in keys if key != "routeTableId"}, "dnsServers": SERVERS})
    assert operations(stack.events()) == {"anf-network": "update", "anf-subnet": "update"}
    stack.up()
    network, subnet = in_azure(stack, OWN), in_azure(stack, f"{OWN}/subnets/anf")
    assert network["dhcpOptions"] == {"dnsServers": SERVERS}
    assert "routeTable" not in subnet
    assert subnet["networkSecurityGroup"]["id"] == NSG
    assert seen(stack) == before


def test_a_network_of_the_stack_is_peered_with_those_of_any_subscription(stack: Stack, before: Seen) -> None:
    states = peering_states(stack)
    assert states[OWN] == dict.fromkeys(PEERED, "Connected")
    assert all(states[peer][OWN] == "Connected" for peer in PEERED)
    run = stack.pulumi("preview", "--refresh", "--expect-no-changes")
    assert run.code == 0, run.output


def test_parts_that_become_existing_are_forgotten_and_nothing_is_deleted(stack: Stack, before: Seen) -> None:
    stack.configure(
        existingNamespaces=[*NAMESPACES],
        resourceGroup={"name": "rg-anf-dev", "existing": True},
        network={"subnetId": f"{OWN}/subnets/anf"},
        account={"name": "anf-dev", "existing": True},
        activeDirectory=None,
        pools=[{"name": "pool-dev", "existing": True}],
    )
    removed = stack.pulumi("config", "rm", "anf-smb:activeDirectoryPassword")
    assert removed.code == 0, removed.output
    parts = ("anf-group", "anf-network", "anf-subnet", *DIRECTIONS, "anf-account", "pool-dev-pool")
    shown = operations(stack.events())
    del shown[f"anf-{STAGING}"]  # the provider for the other subscription
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
    assert peering_states(stack)[OWN] == dict.fromkeys(PEERED, "Connected")
