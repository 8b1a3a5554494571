"""Virtual network peerings: both sides of a link, what Azure refuses, and what a network's PUT does to them."""

import pytest

from sandbox.azure.durations import REALISTIC
from tests.azure.names import GROUP, SUBNET, VNET, Json
from tests.azure.world import World, network_body, subnet_body

NETWORKS = f"{GROUP}/providers/Microsoft.Network/virtualNetworks"
HUB, SPOKE = f"{NETWORKS}/vnet-hub", f"{NETWORKS}/vnet-spoke"
TO_HUB, TO_SPOKE = f"{SPOKE}/virtualNetworkPeerings/to-hub", f"{HUB}/virtualNetworkPeerings/to-spoke"
ELSEWHERE = HUB.replace("000000000000/", "000000000001/")


def peering_body(remote: str, **properties: object) -> Json:
    return {"properties": {"remoteVirtualNetwork": {"id": remote}, **properties}}


@pytest.fixture
def networks(world: World) -> World:
    world.group()
    world.put(HUB, network_body("10.40.0.0/16"))
    world.put(SPOKE, network_body("10.60.0.0/16"))
    return world


@pytest.fixture
def peered(networks: World) -> World:
    networks.put(TO_HUB, peering_body(HUB))
    networks.put(TO_SPOKE, peering_body(SPOKE))
    return networks


def states(world: World) -> tuple[str, str]:
    return world.shown(TO_HUB)["peeringState"], world.shown(TO_SPOKE)["peeringState"]


def test_a_link_is_there_once_both_sides_are(networks: World) -> None:
    networks.put(
        TO_HUB, peering_body(HUB.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/"), useRemoteGateways=False)
    )
    assert networks.shown(TO_HUB)["peeringState"] == "Initiated"
    networks.put(TO_SPOKE, peering_body(SPOKE, allowForwardedTraffic=True))
    assert states(networks) == ("Connected", "Connected")
    shown = networks.shown(TO_SPOKE)
    assert (shown["allowVirtualNetworkAccess"], shown["allowForwardedTraffic"]) == (True, True)
    assert shown["remoteVirtualNetwork"] == {"id": SPOKE}
    assert (
        shown["remoteAddressSpace"]
        == shown["remoteVirtualNetworkAddressSpace"]
        == {"addressPrefixes": ["10.60.0.0/16"]}
    )
    [listed] = networks.shown(HUB)["virtualNetworkPeerings"]
    assert (listed["id"], listed["name"], listed["properties"]["peeringState"]) == (TO_SPOKE, "to-spoke", "Connected")


def test_networks_of_two_subscriptions_are_peered(networks: World) -> None:
    networks.put(ELSEWHERE.partition("/providers")[0], {"location": "koreacentral"})
    networks.put(ELSEWHERE, network_body("10.41.0.0/16"))
    networks.put(f"{ELSEWHERE}/virtualNetworkPeerings/to-spoke", peering_body(SPOKE))
    networks.put(TO_HUB, peering_body(ELSEWHERE))
    assert networks.shown(TO_HUB)["peeringState"] == "Connected"


def test_a_side_without_the_other_is_disconnected_until_it_is_put_again(peered: World) -> None:
    peered.delete(TO_SPOKE)
    assert peered.shown(TO_HUB)["peeringState"] == "Disconnected"
    error = peered.refusal(TO_SPOKE, peering_body(SPOKE))
    assert (error.status, error.code) == (400, "RemotePeeringIsDisconnected")
    assert f"because remote peering {TO_HUB} referencing parent virtual network {HUB}" in error.message

    peered.put(TO_HUB, peering_body(HUB))
    assert peered.shown(TO_HUB)["peeringState"] == "Initiated"
    peered.put(TO_SPOKE, peering_body(SPOKE))
    assert states(peered) == ("Connected", "Connected")


def test_a_deleted_network_leaves_the_other_side_disconnected(peered: World) -> None:
    peered.delete(SPOKE)
    shown = peered.shown(TO_SPOKE)
    assert (shown["peeringState"], shown["remoteAddressSpace"]["addressPrefixes"]) == ("Disconnected", ["10.60.0.0/16"])
    peered.put(SPOKE, network_body("10.60.0.0/16"))
    assert peered.refusal(TO_HUB, peering_body(HUB)).code == "RemotePeeringIsDisconnected"


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (peering_body(SPOKE), "VnetCannotBePeeredWithItself", "cannot be peered with itself"),
        (peering_body(f"{NETWORKS}/none"), "InvalidGlobalResourceReference", "make sure that the referenced resource"),
        (peering_body(SUBNET), "LinkedInvalidPropertyId", "properties.remoteVirtualNetwork.id"),
        (peering_body(HUB, useRemoteGateways=True), "RemoteVnetHasNoGateways", "does not have any gateways"),
        (peering_body(HUB, peerCompleteVnets=False), "SubscriptionNotRegisteredForFeature", "AllowMultiplePeering"),
        (peering_body(VNET), "VnetAddressSpacesOverlap", "Overlapping address prefixes: 10.60.0.0/16, 10.60.1.0/24."),
        ({"properties": {}}, "LinkedInvalidPropertyId", "Property id ''"),
    ],
)
def test_a_peering_that_azure_refuses(networks: World, body: Json, code: str, words: str) -> None:
    networks.put(VNET, network_body("10.60.1.0/24"))
    error = networks.refusal(TO_HUB, body)
    assert (error.status, error.code) == (400, code)
    assert words in error.message
    assert networks.refusal(f"{SPOKE}/virtualNetworkPeerings/-a", peering_body(HUB)).code == "InvalidResourceName"


def test_a_second_peering_with_a_network_and_another_remote_network_are_refused(peered: World) -> None:
    error = peered.refusal(f"{SPOKE}/virtualNetworkPeerings/again", peering_body(HUB))
    assert error.code == "AnotherPeeringAlreadyReferencesRemoteVnet"
    assert error.message.startswith(f"Peering {TO_HUB} already references remote virtual network {HUB}.")
    peered.put(VNET, network_body("10.70.0.0/16"))
    assert peered.refusal(TO_HUB, peering_body(VNET)).code == "CannotChangeRemoteVnetOfPeering"


def test_two_networks_that_overlap_are_not_peered_with_the_same_hub(peered: World) -> None:
    peered.put(VNET, network_body("10.60.128.0/20"))
    for mine, body in ((VNET, peering_body(HUB)), (HUB, peering_body(VNET))):
        error = peered.refusal(f"{mine}/virtualNetworkPeerings/third", body)
        assert error.code == "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet"
        assert f"overlaps with address space of virtual network {SPOKE} already peered with" in error.message
    error = peered.refusal(SPOKE, network_body("10.60.0.0/16", "10.40.8.0/24"))
    assert error.code == "VnetAddressSpacesOverlap"
    assert peered.shown(SPOKE)["addressSpace"]["addressPrefixes"] == ["10.60.0.0/16"], "nothing has happened"


def test_a_network_that_is_being_changed_is_not_referred_to_and_takes_no_peering(networks: World) -> None:
    networks.start(SUBNET.replace("vnet-anf", "vnet-hub"), subnet_body())
    error = networks.refusal(TO_HUB, peering_body(HUB))
    assert (error.status, error.code) == (400, "ReferencedResourceNotProvisioned")
    assert error.message.endswith("the last operation that updated/is updating the resource is PutSubnetOperation.")
    assert networks.refusal(TO_SPOKE, peering_body(SPOKE)).code == "AnotherOperationInProgress"


def test_a_networks_put_keeps_its_peerings_unless_it_lists_others(peered: World) -> None:
    peered.put(SPOKE, network_body("10.60.0.0/16"))
    assert states(peered) == ("Connected", "Connected")
    same = network_body("10.60.0.0/16")
    same["properties"]["virtualNetworkPeerings"] = peered.shown(SPOKE)["virtualNetworkPeerings"]
    peered.put(SPOKE, same)
    assert states(peered) == ("Connected", "Connected"), "what a GET has shown changes nothing"
    same["properties"]["virtualNetworkPeerings"] = []
    peered.put(SPOKE, same)
    assert not peered.exists(TO_HUB)
    assert peered.shown(TO_SPOKE)["peeringState"] == "Disconnected"
    peered.delete(TO_SPOKE)
    peered.put(TO_SPOKE, peering_body(SPOKE))
    same["properties"]["virtualNetworkPeerings"] = [{"name": "to-hub", **peering_body(HUB)}]
    peered.put(SPOKE, same)
    assert states(peered) == ("Connected", "Connected")


def test_a_grown_network_is_known_to_the_other_side_after_its_next_put(peered: World) -> None:
    peered.put(SPOKE, network_body("10.60.0.0/16", "10.61.0.0/16"))
    assert peered.shown(TO_SPOKE)["peeringSyncLevel"] == "RemoteNotInSync"
    assert peered.shown(TO_HUB)["peeringSyncLevel"] == "LocalNotInSync"
    assert peered.shown(TO_SPOKE)["remoteAddressSpace"]["addressPrefixes"] == ["10.60.0.0/16"]
    peered.put(TO_SPOKE, peering_body(SPOKE))
    assert {peered.shown(each)["peeringSyncLevel"] for each in (TO_HUB, TO_SPOKE)} == {"FullyInSync"}


def test_a_link_is_made_at_the_end_of_the_second_operation(networks: World) -> None:
    assert REALISTIC.of("Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "create") > 0
    networks.put(TO_HUB, peering_body(HUB))
    outcome = networks.start(TO_SPOKE, peering_body(SPOKE))
    assert networks.shown(TO_HUB)["peeringState"] == "Initiated"
    networks.finish(outcome)
    assert states(networks) == ("Connected", "Connected")
