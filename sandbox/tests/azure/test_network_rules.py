"""Virtual networks and subnets: the address plan, delegations, who uses a subnet, one change at a time."""

import pytest

from sandbox.azure.ids import ResourceId
from tests.azure.names import GROUP, REGION, SUBNET, VNET, VOLUME
from tests.azure.world import World, network_body, subnet_body, volume_body


@pytest.fixture
def network(world: World) -> World:
    world.group()
    world.network()
    return world


def test_only_a_put_with_a_list_of_subnets_changes_them(network: World) -> None:
    network.put(VNET, network_body("10.40.0.0/16", "10.41.0.0/16"))
    network.patch(VNET, {"tags": {"team": "web"}, "properties": {"subnets": []}})
    assert [subnet["name"] for subnet in network.shown(VNET)["subnets"]] == ["anf"]
    assert network.shown(VNET)["addressSpace"]["addressPrefixes"] == ["10.40.0.0/16", "10.41.0.0/16"]

    network.put(VNET, network_body(subnets=[]))
    assert network.shown(VNET)["subnets"] == []
    assert not network.exists(SUBNET)


def test_subnets_may_be_children_of_the_request_for_the_network(world: World) -> None:
    world.group()
    world.put(VNET, network_body(subnets=[{"name": "anf", **subnet_body()}]))
    guid = world.shown(VNET)["resourceGuid"]
    again = network_body(
        subnets=[{"name": "ANF", **subnet_body()}, {"name": "aks", **subnet_body("10.40.2.0/24", None)}]
    )
    world.put(VNET, again)
    assert [subnet["name"] for subnet in world.shown(VNET)["subnets"]] == ["anf", "aks"]
    assert world.get(SUBNET).properties["delegations"][0]["properties"]["serviceName"] == "Microsoft.Netapp/volumes"
    assert world.shown(VNET)["resourceGuid"] == guid
    world.put(SUBNET, {"properties": {"addressPrefixes": ["10.40.3.0/26"]}})
    assert world.shown(SUBNET)["addressPrefix"] == "10.40.3.0/26", "a list of one prefix will do"


def test_changes_to_a_network_and_its_subnets_are_serialised(network: World) -> None:
    network.start(VNET, network_body())

    for resource, body in (
        (VNET, network_body()),
        (SUBNET, subnet_body()),
        (f"{VNET}/subnets/second", subnet_body("10.40.2.0/26")),
    ):
        error = network.refusal(resource, body)
        assert (error.status, error.code) == (409, "AnotherOperationInProgress")
        assert (
            "To retrieve status of the operation use uri: https://management.azure.com/subscriptions/" in error.message
        )
    assert network.kept(SUBNET).startswith("AnotherOperationInProgress")
    network.put(f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-other", network_body("10.70.0.0/16"))


def test_a_subnet_with_volumes_keeps_its_delegation_its_range_and_itself(world: World) -> None:
    world.up_to_volume()

    for resource, body, code in (
        (SUBNET, subnet_body(service=None), "SubnetDelegationsCannotChangeWhenSubnetUsedByResource"),
        (SUBNET, subnet_body("10.40.1.0/25"), "InUsePrefixCannotBeDeleted"),
        (VNET, network_body(subnets=[]), "InUseSubnetCannotBeDeleted"),
    ):
        assert world.refusal(resource, body).code == code
    for resource in (SUBNET, VNET):
        assert world.kept(resource).startswith("InUseSubnetCannotBeDeleted: Subnet anf is in use by /subscriptions/")
    world.put(SUBNET, subnet_body(service="microsoft.netapp/VOLUMES"))

    world.delete(VOLUME)
    world.delete(VNET)
    assert not world.exists(SUBNET)


def test_a_resource_group_goes_with_all_that_is_in_it(world: World) -> None:
    world.up_to_volume()
    world.delete(GROUP)
    assert not world.exists(GROUP)
    assert world.model.store.query("SELECT * FROM resources") == []


def test_nothing_is_created_in_a_resource_group_that_is_being_deleted(network: World) -> None:
    network.model.delete(ResourceId.parse(GROUP))
    error = network.refusal(f"{GROUP}/providers/Microsoft.Network/virtualNetworks/late", network_body("10.80.0.0/16"))
    assert (error.status, error.code) == (409, "ResourceGroupBeingDeleted")


def test_a_resource_group_whose_subnet_others_use_stays(world: World) -> None:
    group, vnet, subnet = (each.replace("rg-anf", "rg-network") for each in (GROUP, VNET, SUBNET))
    world.put(group, {"location": REGION})
    world.put(vnet, network_body())
    world.put(subnet, subnet_body())
    world.up_to_pool()
    world.put(VOLUME, volume_body(subnetId=subnet))

    outcome = world.model.delete(ResourceId.parse(group))
    world.finish(outcome)

    ended = world.ended(outcome)
    assert ended.status == "Failed"
    assert str(ended.error).startswith("ResourceGroupDeletionBlocked: ")
    assert "Microsoft.Network/virtualNetworks/vnet-anf/subnets/anf" in str(ended.error)
    assert world.get(group).state == "Succeeded"
    assert world.exists(subnet)
