"""Virtual networks and subnets: the address plan, delegations, who uses a subnet, one change at a time."""

import pytest

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from tests.azure.world import (
    GROUP,
    SUBNET,
    VNET,
    VOLUME,
    Json,
    World,
    network_body,
    subnet_body,
    volume_body,
)


@pytest.fixture
def network(world: World) -> World:
    world.group()
    world.network()
    return world


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        ("10.41.1.0/26", "NetcfgSubnetRangeOutsideVnet"),
        ("10.0.0.0/8", "NetcfgSubnetRangeOutsideVnet"),
        ("10.40.1.0/27", "NetcfgSubnetRangesOverlap"),
        ("10.40.0.0/16", "NetcfgSubnetRangesOverlap"),
        ("10.40.2.1/26", "InvalidCIDRNotation"),
        ("10.40.2.0/33", "InvalidCIDRNotation"),
        ("subnet", "InvalidCIDRNotation"),
        ("10.40.2.0/30", "NetcfgInvalidSubnet"),
    ],
)
def test_a_range_that_azure_refuses(network: World, prefix: str, code: str) -> None:
    assert network.refusal(f"{VNET}/subnets/second", subnet_body(prefix)).code == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (network_body("10.40.0.1/16"), "InvalidCIDRNotation"),
        (network_body("10.40.0.0/16", "10.40.128.0/17"), "VnetAddressSpacesOverlap"),
        ({"location": "koreacentral", "properties": {}}, "InvalidRequestFormat"),
        ({"location": "koreacentral", "properties": {"addressSpace": "10.0.0.0/8"}}, "InvalidRequestContent"),
        (network_body(subnets=[{"name": "a", **subnet_body("10.50.0.0/24")}]), "NetcfgSubnetRangeOutsideVnet"),
        (
            network_body(
                subnets=[{"name": "a", **subnet_body("10.40.0.0/24")}, {"name": "b", **subnet_body("10.40.0.0/25")}]
            ),
            "NetcfgSubnetRangesOverlap",
        ),
        (network_body(subnets=[subnet_body()]), "InvalidRequestFormat"),
    ],
)
def test_a_network_that_azure_refuses(world: World, body: Json, code: str) -> None:
    world.group()
    assert world.refusal(VNET, body).code == code


def test_a_put_without_subnets_keeps_them_and_one_with_none_deletes_them(network: World) -> None:
    network.put(VNET, network_body("10.40.0.0/16", "10.41.0.0/16"))
    assert [subnet["name"] for subnet in network.shown(VNET)["subnets"]] == ["anf"]
    assert network.exists(SUBNET)

    network.put(VNET, network_body(subnets=[]))
    assert network.shown(VNET)["subnets"] == []
    assert not network.exists(SUBNET)


def test_a_network_cannot_give_up_the_range_of_a_subnet(network: World) -> None:
    assert network.refusal(VNET, network_body("10.60.0.0/16")).code == "NetcfgSubnetRangeOutsideVnet"


def test_subnets_may_be_children_of_the_request_for_the_network(world: World) -> None:
    world.group()
    world.put(VNET, network_body(subnets=[{"name": "anf", **subnet_body()}]))
    again = network_body(
        subnets=[{"name": "ANF", **subnet_body()}, {"name": "aks", **subnet_body("10.40.2.0/24", None)}]
    )
    world.put(VNET, again)
    assert [subnet["name"] for subnet in world.shown(VNET)["subnets"]] == ["anf", "aks"]
    assert world.get(SUBNET).properties["delegations"][0]["properties"]["serviceName"] == "Microsoft.Netapp/volumes"


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
    with pytest.raises(ArmError, match="AnotherOperationInProgress"):
        network.delete(SUBNET)
    network.put(f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-other", network_body("10.70.0.0/16"))


def test_a_subnet_with_volumes_keeps_its_delegation_its_range_and_itself(world: World) -> None:
    world.up_to_volume()

    delegation = world.refusal(SUBNET, subnet_body(service=None))
    assert delegation.code == "SubnetDelegationsCannotChangeWhenSubnetUsedByResource"
    assert world.refusal(SUBNET, subnet_body("10.40.1.0/25")).code == "InUsePrefixCannotBeDeleted"
    assert world.refusal(VNET, network_body(subnets=[])).code == "InUseSubnetCannotBeDeleted"
    for resource in (SUBNET, VNET):
        with pytest.raises(ArmError, match="InUseSubnetCannotBeDeleted: Subnet anf is in use by /subscriptions/"):
            world.delete(resource)
    world.put(SUBNET, subnet_body(service="microsoft.netapp/VOLUMES"))

    world.delete(VOLUME)
    world.delete(VNET)
    assert not world.exists(SUBNET)


def test_a_resource_group_goes_with_all_that_is_in_it(world: World) -> None:
    world.up_to_volume()
    world.delete(GROUP)
    assert not world.exists(GROUP)
    assert world.model.store.query("SELECT * FROM resources") == []


def test_nothing_is_made_in_a_resource_group_that_is_being_deleted(network: World) -> None:
    network.model.delete(ResourceId.parse(GROUP))
    error = network.refusal(f"{GROUP}/providers/Microsoft.Network/virtualNetworks/late", network_body("10.80.0.0/16"))
    assert (error.status, error.code) == (409, "ResourceGroupBeingDeleted")


def test_a_resource_group_whose_subnet_others_use_stays(world: World) -> None:
    network_group = "rg-network"
    vnet, subnet = VNET.replace("rg-anf", network_group), SUBNET.replace("rg-anf", network_group)
    world.put(GROUP.replace("rg-anf", network_group), {"location": "koreacentral"})
    world.put(vnet, network_body())
    world.put(subnet, subnet_body())
    world.up_to_pool()
    world.put(VOLUME, volume_body(subnetId=subnet))

    outcome = world.model.delete(ResourceId.parse(GROUP.replace("rg-anf", network_group)))
    world.finish(outcome)

    assert outcome.operation is not None
    ended = world.model.operations.find(outcome.operation.id)
    assert ended is not None
    assert ended.error is not None
    assert (ended.status, ended.error.code) == ("Failed", "ResourceGroupDeletionBlocked")
    assert "Microsoft.Network/virtualNetworks/vnet-anf/subnets/anf" in ended.error.message
    assert world.get(GROUP.replace("rg-anf", network_group)).state == "Succeeded"
    assert world.exists(subnet)


def test_a_resource_group_stays_in_its_location(network: World) -> None:
    error = network.refusal(GROUP, {"location": "westeurope"})
    assert (error.status, error.code) == (409, "InvalidResourceGroupLocation")


@pytest.mark.parametrize("name", ["rg.", "r g", "r*", "a" * 91])
def test_resource_group_names(world: World, name: str) -> None:
    assert world.refusal(GROUP.replace("rg-anf", name), {"location": "koreacentral"}).code == "InvalidResourceGroup"


def test_what_is_in_no_resource_group_cannot_be_made(world: World) -> None:
    error = world.refusal(VNET, network_body())
    assert (error.status, error.code, error.message) == (
        404,
        "ResourceGroupNotFound",
        "Resource group 'rg-anf' could not be found.",
    )
