"""Networks as they are: a subnet in an existing one, an existing subnet, or a network of the stack's own, peered."""

from typing import Any, Final

import pytest

from components.network_peering import PEERING as PEERING_TYPE
from components.rules import InvalidArgsError
from components.rules.network import NetworkPath, peering_name
from tests.unit.unit_mocks import (
    AZURE_PROVIDER,
    BACKEND_CONFIG,
    NETWORK,
    OWN_NETWORK,
    PEERING,
    PRINCIPAL_ID,
    SUBNET,
    SUBSCRIPTION,
    SUBSCRIPTION_ID,
    VOLUME,
    Cloud,
    Run,
    run_static,
    run_whole,
)

NETWORKS: Final = f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks"
HUB, AKS = f"{NETWORKS}/vnet-hub", f"{NETWORKS}/vnet-aks"
ELSEWHERE: Final = HUB.replace(SUBSCRIPTION_ID, PRINCIPAL_ID)
IN_HUB: Final = {"virtualNetworkId": HUB, "subnet": "anf", "subnetPrefix": "10.40.1.0/26"}
SERVERS: Final = ["10.40.0.4", "10.40.0.5"]
HUB_PATH: Final = NetworkPath.of(HUB)
OUR_PATH: Final = NetworkPath(SUBSCRIPTION_ID, "rg-anf-dev", "vnet-anf")
NSG: Final = f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/networkSecurityGroups/nsg-anf"
ROUTES: Final = f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/routeTables/rt-anf"
NAMES: Final = ("resourceGroupName", "virtualNetworkName", "virtualNetworkPeeringName")


def inputs(made: Run, token: str, name: str | None = None) -> dict[str, Any]:
    return dict(made.one(token, name).inputs)


def test_a_subnet_in_an_existing_network_is_created_alone_and_protected() -> None:
    made = run_static(network=IN_HUB | {"networkSecurityGroupId": NSG, "routeTableId": ROUTES})
    assert made.all(NETWORK) == []
    subnet = made.one(SUBNET)
    assert subnet.request.protect
    assert subnet.request.retainOnDelete
    assert (subnet.inputs["resourceGroupName"], subnet.inputs["virtualNetworkName"]) == ("rg-hub", "vnet-hub")
    assert (subnet.inputs["subnetName"], subnet.inputs["addressPrefix"]) == ("anf", "10.40.1.0/26")
    assert subnet.inputs["networkSecurityGroup"] == {"id": NSG}
    assert subnet.inputs["routeTable"] == {"id": ROUTES}
    assert inputs(made, VOLUME)["subnetId"].endswith(
        "/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub/subnets/anf"
    )


def test_trident_gets_the_group_of_an_existing_network() -> None:
    spec = inputs(run_whole(network=IN_HUB), BACKEND_CONFIG)["spec"]
    assert spec["resourceGroups"] == ["rg-anf-dev", "rg-hub"]
    assert (spec["virtualNetwork"], spec["subnet"]) == ("rg-hub/vnet-hub", "rg-hub/vnet-hub/anf")


def test_a_network_of_the_stack_is_peered_in_both_directions_and_volumes_wait() -> None:
    made = run_whole(network=OWN_NETWORK | {"peerings": [HUB, AKS], "dnsServers": SERVERS})
    assert inputs(made, NETWORK)["dhcpOptions"] == {"dnsServers": SERVERS}
    assert made.all(AZURE_PROVIDER) == []
    hub, own = peering_name(HUB_PATH), peering_name(OUR_PATH)
    to, back = made.one(PEERING, f"anf-to-{hub}"), made.one(PEERING, f"anf-from-{hub}")
    network_id = dict(back.inputs["remoteVirtualNetwork"])["id"]
    assert [to.inputs[key] for key in NAMES] == ["rg-anf-dev", "vnet-anf", hub]
    assert to.inputs["remoteVirtualNetwork"] == {"id": HUB}
    assert [back.inputs[key] for key in NAMES] == ["rg-hub", "vnet-hub", own]
    assert network_id.endswith("/anf-network")
    for direction in (to, back):
        assert direction.inputs["allowVirtualNetworkAccess"]
        assert direction.request.protect
    assert (to.inputs["allowForwardedTraffic"], back.inputs["allowForwardedTraffic"]) == (True, False)
    every = {each.urn for each in made.all(PEERING)}
    assert len(every) == 4
    assert every <= {*made.one(VOLUME).request.dependencies}
    assert every <= {*made.one(BACKEND_CONFIG).request.dependencies}


def test_a_peering_keeps_what_others_set_on_it() -> None:
    settings = inputs(
        run_static(network=OWN_NETWORK | {"peerings": [HUB]}), PEERING, f"anf-to-{peering_name(HUB_PATH)}"
    )
    assert {*PEERING_TYPE.names} == {*NAMES}
    ours = PEERING_TYPE.settings_of(settings)
    assert {*ours} == {"allowForwardedTraffic", "allowVirtualNetworkAccess", "remoteVirtualNetwork"}
    space = {"addressPrefixes": ["10.40.0.0/16"]}
    of_azure = {"remoteAddressSpace": space, "peeringState": "Connected"}
    live = settings | of_azure | {"peerCompleteVnets": True, "allowGatewayTransit": False, "useRemoteGateways": True}
    assert PEERING_TYPE.settings_of_others(live, ours) == {"useRemoteGateways": True, **of_azure}
    assert {"peeringState", "peeringSyncLevel"} <= {*PEERING_TYPE.places_of_others(settings, live, ours)}


def test_a_peering_leaves_the_subnets_id_known_to_a_preview() -> None:
    made = run_static(network=OWN_NETWORK | {"peerings": [HUB]}, cloud=Cloud(exists=True), preview=True)
    assert inputs(made, VOLUME)["subnetId"].endswith("/subnets/anf")


def test_the_way_back_from_another_subscription_has_a_provider_of_that_subscription() -> None:
    made = run_static(network=OWN_NETWORK | {"peerings": [ELSEWHERE]})
    provider = made.one(AZURE_PROVIDER)
    assert provider.inputs["subscriptionId"] == PRINCIPAL_ID
    label = peering_name(NetworkPath.of(ELSEWHERE))
    assert made.one(PEERING, f"anf-from-{label}").request.provider.startswith(provider.urn)
    assert not made.one(PEERING, f"anf-to-{label}").request.provider.startswith(provider.urn)


def test_each_creation_is_checked_before_it() -> None:
    hooks = {
        each.name: [*each.request.hooks.before_create]
        for made in (run_static(network=OWN_NETWORK | {"peerings": [HUB]}), run_static(network=IN_HUB))
        for each in made.monitor.registered
    }
    assert {"anf-network-exists", "anf-network-reaches"} == {*hooks["anf-network"]}
    assert {"anf-subnet-exists", "anf-subnet-fits"} == {*hooks["anf-subnet"]}
    to = f"anf-to-{peering_name(HUB_PATH)}"
    assert {f"{to}-exists", f"{to}-fits"} == {*hooks[to]}


def test_a_network_that_the_stack_created_becomes_an_existing_one_and_stays() -> None:
    component = "urn:pulumi:dev::anf-smb::anf-smb:index:DelegatedSubnet$azure-native:network"
    prior = [
        {"type": NETWORK, "urn": f"{component}:VirtualNetwork::anf-network", "id": "network", "protect": True},
        {"type": SUBNET, "urn": f"{component}:Subnet::anf-subnet", "id": "subnet", "protect": True},
        {"type": PEERING, "urn": f"{component}:VirtualNetworkPeering::anf-to-hub", "id": "to", "protect": True},
    ]
    made = run_static(network=IN_HUB, cloud=Cloud(prior=prior))
    assert made.monitor.read == {"anf-network": "network", "anf-to-hub": "to"}
    assert made.one(SUBNET).name == "anf-subnet", "still the stack's own"


def test_nodes_subnets_and_others_in_use_are_not_proposed_for_delegation() -> None:
    def of_nodes(found: dict[str, Any]) -> dict[str, Any]:
        return found | {"delegations": [], "ipConfigurations": [{"id": "a node"}]}

    network = {"subnetId": f"{HUB}/subnets/nodes"}
    with pytest.raises(InvalidArgsError, match="in use by others") as raised:
        run_static(cloud=Cloud(subnet=of_nodes), network=network, preview=True)
    assert "az network vnet subnet update" not in str(raised.value)
