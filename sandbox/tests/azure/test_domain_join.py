"""The directory that an SMB volume's network reaches: its own network's, a peered one's, and no further."""

from collections.abc import Callable

import pytest

from tests.azure.names import ACCOUNT, GROUP, POOL, SUBNET, VNET, VOLUME, Json
from tests.azure.test_peerings import HUB, SPOKE, peering_body
from tests.azure.world import World, account_body, directory, network_body, pool_body, subnet_body, volume_body

NO_DNS = (
    "InternalServerError: Error when creating - Could not query DNS server. Verify that the network configuration is "
    "correct and that DNS servers are available."
)


@pytest.fixture
def estate(world: World) -> World:
    """A pool, a delegated subnet in a network of its own, and a hub with a domain controller."""
    world.group()
    world.put(VNET, network_body("10.60.0.0/16"))
    world.put(SUBNET, subnet_body("10.60.1.0/26"))
    world.put(HUB, network_body("10.40.0.0/16"))
    world.domain_controller(network=HUB)
    world.put(ACCOUNT, account_body(directory(dns="10.40.0.4,10.40.0.5")))
    world.put(POOL, pool_body(4))
    return world


def peer(world: World, one: str, other: str, **properties: object) -> None:
    for mine, remote in ((one, other), (other, one)):
        name = remote.rpartition("/")[2]
        world.put(f"{mine}/virtualNetworkPeerings/{name}", peering_body(remote, **properties))


def created(world: World, body: Json | None = None) -> str:
    """What becomes of a new volume: Succeeded, or the failure of its creation."""
    started = world.start(VOLUME, body or volume_body())
    world.finish(started)
    ended = world.ended(started)
    return str(ended.error) if ended.error else ended.status


def no_peering(world: World) -> None:
    """Nothing is done."""


def one_direction(world: World) -> None:
    world.put(f"{VNET}/virtualNetworkPeerings/to-hub", peering_body(HUB))


def access_off_on_the_far_side(world: World) -> None:
    peer(world, VNET, HUB)
    world.put(f"{HUB}/virtualNetworkPeerings/vnet-anf", peering_body(VNET, allowVirtualNetworkAccess=False))


def one_side_deleted(world: World) -> None:
    peer(world, VNET, HUB)
    world.delete(f"{HUB}/virtualNetworkPeerings/vnet-anf")


def over_a_second_hop(world: World) -> None:
    world.put(SPOKE, network_body("10.61.0.0/16"))
    peer(world, VNET, SPOKE, allowForwardedTraffic=True)
    peer(world, SPOKE, HUB, allowForwardedTraffic=True)


def an_address_of_nobody(world: World) -> None:
    peer(world, VNET, HUB)
    world.put(ACCOUNT, account_body(directory(dns="10.40.0.5")))


@pytest.mark.parametrize(
    "prepare",
    [no_peering, one_direction, access_off_on_the_far_side, one_side_deleted, over_a_second_hop, an_address_of_nobody],
)
def test_a_volume_whose_network_reaches_no_dns_server_fails(estate: World, prepare: Callable[[World], None]) -> None:
    prepare(estate)
    assert created(estate) == NO_DNS
    assert estate.get(VOLUME).state == "Failed"


def test_a_volume_joins_over_a_peering_in_both_directions_by_any_server_of_the_directory(estate: World) -> None:
    estate.put(ACCOUNT, account_body(directory(dns="10.40.0.9,10.40.0.4")))
    peer(estate, VNET, HUB)
    assert created(estate) == "Succeeded"


def test_volumes_of_other_protocols_ask_no_dns_server(estate: World) -> None:
    assert created(estate, volume_body(protocolTypes=["NFSv3"], securityStyle=None)) == "Succeeded"


def test_a_server_of_another_domain_finds_no_domain_controller(estate: World) -> None:
    peer(estate, VNET, HUB)
    estate.domain_controller("fabrikam.com", "10.40.0.5", HUB)
    estate.put(ACCOUNT, account_body(directory(dns="10.40.0.5")))
    failure = created(estate)
    assert failure.startswith(
        "InternalServerError: Error when creating - Failed to create the Active Directory machine"
    )
    assert "Cannot find any domain controllers for 'contoso.com'" in failure


def test_a_domain_controller_keeps_its_subnet_and_goes_with_its_group(estate: World) -> None:
    estate.put(f"{HUB}/subnets/servers", {"properties": {"addressPrefix": "10.40.0.0/24"}})
    for resource in (f"{HUB}/subnets/servers", HUB):
        assert "networkInterfaces/dc-10-40-0-4/ipConfigurations/ipconfig1" in estate.kept(resource)
    assert estate.refusal(f"{HUB}/subnets/servers", subnet_body("10.40.0.0/24")).code == (
        "SubnetDelegationsCannotChangeWhenSubnetUsedByResource"
    )
    estate.delete(GROUP)
    assert not estate.exists(HUB)
