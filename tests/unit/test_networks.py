"""Networks as they are: three shapes, and the preview's refusals of a network that cannot serve volumes."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import pulumi
import pytest

from components.delegated_subnet import DelegatedSubnet
from components.guest.live_network import LiveNetwork, Reach
from components.guest.network_refusals import (
    Directory,
    check_existing_subnet,
    check_new_network,
    check_new_subnet,
    check_peering,
)
from components.network_peering import PEERING as PEERING_TYPE
from components.rules import InvalidArgsError, name_arguments
from components.rules.network import NetworkPath, peering_name
from components.support.lookup import LookupFailedError
from configuration.keys import KEYS
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
    run,
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


Check = Callable[[DelegatedSubnet], Any]
"""Makes a check of a component; a hook gets the inputs of the creation."""


def judged(check: Check, given: dict[str, Any] | None = None, *, cloud: Cloud | None = None, name: str = "new") -> None:
    """Call a check as the engine does before a creation."""

    async def program() -> None:
        name_arguments(KEYS)
        hook = check(cast("DelegatedSubnet", pulumi.ComponentResource("test:index:Owner", "owner")))
        if isinstance(hook, pulumi.ResourceHook):
            args = pulumi.ResourceHookArgs(urn="urn", id="", name=name, type="t", new_inputs=given or {})
            await cast("Awaitable[None]", hook.callback(args))
        else:
            await hook

    run(program, cloud=cloud)


NEW: Final = {"virtualNetworkName": "vnet-anf", "addressSpace": {"addressPrefixes": ["10.60.0.0/16"]}}


def new_network(*peers: str, servers: list[str] | None = SERVERS, has_routes: bool = False) -> Check:
    directory = Directory(servers=servers, has_routes=has_routes)
    return lambda owner: check_new_network("check", owner, peers, directory, lambda _: None)


def test_a_new_network_without_a_peering_reaches_no_server_even_in_its_own_range() -> None:
    said = (
        r"vnet-anf is peered with no other one.*DNS server of the directory \(10\.60\.0\.4\).*"
        r"anf-smb:network\.peerings.*anf-smb:network\.virtualNetworkId"
    )
    with pytest.raises(InvalidArgsError, match=said):
        judged(new_network(servers=["10.60.0.4"]), NEW)
    with pytest.raises(InvalidArgsError, match=said):
        judged(new_network(servers=["10.60.0.4"], has_routes=True), NEW)
    judged(new_network(servers=None), NEW)  # nobody says which servers


def gateway(network: dict[str, Any]) -> dict[str, Any]:
    return network | {"subnets": [{"id": "g", "name": "GatewaySubnet", "addressPrefix": "10.40.255.0/27"}]}


def test_a_new_network_reaches_what_it_is_peered_with_and_no_third_one() -> None:
    judged(new_network(HUB), NEW)
    far = ["10.99.0.4"]
    with pytest.raises(
        InvalidArgsError, match=r"names .*/vnet-hub \(10\.40\.0\.0/16\), and a peering leads to no third"
    ):
        judged(new_network(HUB, servers=far), NEW)
    judged(new_network(HUB, servers=far, has_routes=True), NEW)
    judged(new_network(HUB, servers=far), NEW, cloud=Cloud(network=gateway))


def test_a_missing_and_an_overlapping_peer_are_refused_together() -> None:
    inside = NEW | {"addressSpace": {"addressPrefixes": ["10.40.128.0/17"]}}
    with pytest.raises(InvalidArgsError, match=r"addressSpace\) is 10\.40\.128\.0/17, which overlaps 10\.40\.0\.0/16"):
        judged(new_network(HUB), inside)
    with pytest.raises(InvalidArgsError, match=r"vnet-hub does not exist.*vnet-aks does not exist"):
        judged(new_network(HUB, AKS), NEW, cloud=Cloud(missing="azure-native:network:getVirtualNetwork"))


def peered(name: str, path: NetworkPath) -> Callable[[dict[str, Any]], dict[str, Any]]:
    remote = f"/subscriptions/{path.subscription_id}/resourceGroups/{path.resource_group}/p/N/v/{path.name}"
    return lambda network: (
        network
        | {
            "virtualNetworkPeerings": [
                {"name": name, "remoteVirtualNetwork": {"id": remote}, "peeringState": "Connected"}
            ]
        }
    )


def test_a_peering_of_others_with_our_network_is_refused() -> None:
    def check(owner: DelegatedSubnet) -> pulumi.ResourceHook:
        ours = pulumi.Output.from_input("").apply(lambda _: OUR_PATH)
        return check_peering("check", owner, HUB, ours, "10.60.0.0/16", lambda _: None)

    with pytest.raises(InvalidArgsError, match="has the peering by-hand with vnet-anf already"):
        judged(check, cloud=Cloud(network=peered("by-hand", OUR_PATH)))
    judged(check, cloud=Cloud(network=peered(peering_name(OUR_PATH), OUR_PATH)))  # another hook refuses that
    judged(check, cloud=Cloud(network=peered("by-hand", NetworkPath.of(AKS))))
    with pytest.raises(InvalidArgsError, match="vnet-hub does not exist"):
        judged(check, cloud=Cloud(missing="azure-native:network:getVirtualNetwork"))


def new_subnet(servers: list[str] | None = SERVERS, *, has_routes: bool = False) -> Check:
    return lambda owner: check_new_subnet("check", owner, HUB, Directory(servers=servers, has_routes=has_routes))


def subnet(prefix: str, name: str = "anf") -> dict[str, Any]:
    return {"subnetName": name, "addressPrefix": prefix}


def delegated(network: dict[str, Any]) -> dict[str, Any]:
    service = {"serviceName": "Microsoft.NetApp/volumes"}
    return network | {
        "subnets": [
            {"id": f"{HUB}/subnets/files", "name": "files", "addressPrefix": "10.40.8.0/24", "delegations": [service]}
        ]
    }


def test_a_subnet_that_fits_an_existing_network_is_created() -> None:
    judged(new_subnet(), subnet("10.40.1.0/26"))


def test_a_subnet_outside_or_in_the_range_of_another_is_refused() -> None:
    with pytest.raises(
        InvalidArgsError, match=r"subnetPrefix\) is 10\.41\.1\.0/26; allowed: a range inside .*vnet-hub"
    ):
        judged(new_subnet(), subnet("10.41.1.0/26"))
    with pytest.raises(InvalidArgsError, match=r"overlaps domain-controllers \(10\.40\.0\.0/24\)"):
        judged(new_subnet(), subnet("10.40.0.64/26"))


def test_a_second_delegated_subnet_is_refused_and_the_first_one_named() -> None:
    cloud = Cloud(network=delegated)
    with pytest.raises(InvalidArgsError, match=r"anf-smb:network\.subnetId\): /sub.*/subnets/files") as raised:
        judged(new_subnet(["10.99.0.4"]), subnet("10.40.8.0/26"), cloud=cloud)
    assert "overlaps files" in str(raised.value), "all at once"
    assert "reaches a DNS server" in str(raised.value)
    judged(new_subnet(), subnet("10.40.8.0/24", "files"), cloud=cloud)  # it replaces itself


def test_a_missing_network_is_refused() -> None:
    with pytest.raises(LookupFailedError, match=r"vnet-hub does not exist.*anf-smb:network\.virtualNetworkId"):
        judged(new_subnet(), subnet("10.40.1.0/26"), cloud=Cloud(missing="azure-native:network:getVirtualNetwork"))


def test_an_existing_network_is_refused_only_if_it_certainly_reaches_no_server() -> None:
    far = new_subnet(["10.99.0.4"])
    with pytest.raises(InvalidArgsError, match=r"no volume in .*vnet-hub reaches a DNS server of the directory"):
        judged(far, subnet("10.40.1.0/26"))
    judged(new_subnet(["10.99.0.4"], has_routes=True), subnet("10.40.1.0/26"))
    judged(far, subnet("10.40.1.0/26"), cloud=Cloud(network=gateway))
    judged(new_subnet(None), subnet("10.40.1.0/26"))


def test_an_existing_subnet_is_judged_by_its_network() -> None:
    def check(servers: list[str]) -> Check:
        directory = Directory(servers=servers, has_routes=False)
        return lambda owner: check_existing_subnet(owner, f"{HUB}/subnets/domain-controllers", directory)("id")

    judged(check(SERVERS))
    with pytest.raises(InvalidArgsError, match=r"no volume in .*vnet-hub reaches"):
        judged(check(["10.99.0.4"]))


def peering(prefix: str, state: str = "Connected", **more: object) -> dict[str, Any]:
    return {
        "name": "p",
        "remoteVirtualNetwork": {"id": AKS},
        "remoteAddressSpace": {"addressPrefixes": [prefix]},
        "peeringState": state,
        **more,
    }


@pytest.mark.parametrize(
    ("peerings", "reach"),
    [
        ([], Reach.NONE),
        ([peering("10.99.0.0/16")], Reach.DIRECT),
        ([peering("10.98.0.0/16")], Reach.NONE),
        ([peering("10.99.0.0/16", "Disconnected")], Reach.INTERRUPTED),
        ([peering("10.99.0.0/16", allowVirtualNetworkAccess=False)], Reach.INTERRUPTED),
        ([peering("10.98.0.0/16", useRemoteGateways=True)], Reach.POSSIBLE),
    ],
)
def test_a_network_reaches_its_own_range_and_those_of_connected_peers(
    peerings: list[dict[str, Any]], reach: Reach
) -> None:
    network = LiveNetwork.of(
        {"id": HUB, "addressSpace": {"addressPrefixes": ["10.40.0.0/16"]}, "virtualNetworkPeerings": peerings}
    )
    assert network.reach(["10.99.0.4"], has_routes=False) is reach
    assert network.reach(["10.99.0.4", "10.40.0.4"], has_routes=False) is Reach.DIRECT


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


def test_the_directory_of_an_existing_account_is_read_from_azure() -> None:
    def far(account: dict[str, Any]) -> dict[str, Any]:
        return account | {"activeDirectories": [{"domain": "contoso.com", "dns": "10.99.0.4, 10.99.0.5"}]}

    existing = {"existing": True}
    with pytest.raises(InvalidArgsError, match=r"DNS server of the directory \(10\.99\.0\.4, 10\.99\.0\.5\)"):
        run_static(
            cloud=Cloud(account=far),
            network={"subnetId": f"{HUB}/subnets/domain-controllers"},
            resourceGroup={"name": "rg", **existing},
            account={"name": "acc", **existing},
            activeDirectory=None,
        )
