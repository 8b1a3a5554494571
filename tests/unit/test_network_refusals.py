"""The preview's refusals of a network that cannot serve volumes, and its warnings of one that may not."""

import re
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
from components.rules import InvalidArgsError, name_arguments
from components.rules.network import NetworkPath, peering_name
from components.support.lookup import LookupFailedError
from configuration.keys import KEYS
from tests.unit.unit_mocks import (
    SUBSCRIPTION,
    SUBSCRIPTION_ID,
    Cloud,
    run,
    run_static,
)

NETWORKS: Final = f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks"
HUB, AKS = f"{NETWORKS}/vnet-hub", f"{NETWORKS}/vnet-aks"
SERVERS: Final = ["10.40.0.4", "10.40.0.5"]
OUR_PATH: Final = NetworkPath(SUBSCRIPTION_ID, "rg-anf-dev", "vnet-anf")

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
        judged(new_subnet(), subnet("10.40.8.0/26"), cloud=cloud)
    assert "overlaps files" in str(raised.value), "all at once"
    judged(new_subnet(), subnet("10.40.8.0/24", "files"), cloud=cloud)  # it replaces itself


def test_a_missing_network_is_refused() -> None:
    with pytest.raises(LookupFailedError, match=r"vnet-hub does not exist.*anf-smb:network\.virtualNetworkId"):
        judged(new_subnet(), subnet("10.40.1.0/26"), cloud=Cloud(missing="azure-native:network:getVirtualNetwork"))


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []

    def warn(message: str, resource: pulumi.Resource | None = None) -> None:
        said.append(message)

    monkeypatch.setattr(pulumi.log, "warn", warn)
    return said


def test_an_existing_network_that_shows_no_way_to_the_directory_is_warned_of(warnings: list[str]) -> None:
    far = new_subnet(["10.99.0.4"])
    judged(new_subnet(["10.99.0.4"], has_routes=True), subnet("10.40.1.0/26"))
    judged(far, subnet("10.40.1.0/26"), cloud=Cloud(network=gateway))
    judged(new_subnet(None), subnet("10.40.1.0/26"))
    judged(new_subnet(), subnet("10.40.1.0/26"))
    assert warnings == []
    judged(far, subnet("10.40.1.0/26"))
    [said] = warnings
    assert re.search(r"\(10\.99\.0\.4\), and .*vnet-hub \(10\.40\.0\.0/16\) is peered with no network", said)


def test_an_existing_subnet_is_judged_by_its_network(warnings: list[str]) -> None:
    def check(servers: list[str]) -> Check:
        directory = Directory(servers=servers, has_routes=False)
        return lambda owner: check_existing_subnet(owner, f"{HUB}/subnets/domain-controllers", directory)("id")

    judged(check(SERVERS))
    assert warnings == []
    judged(check(["10.99.0.4"]))
    assert "is peered with no network that has one" in warnings[0]


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


def test_the_directory_of_an_existing_account_is_read_from_azure(warnings: list[str]) -> None:
    def far(account: dict[str, Any]) -> dict[str, Any]:
        return account | {"activeDirectories": [{"domain": "contoso.com", "dns": "10.99.0.4, 10.99.0.5"}]}

    existing = {"existing": True}
    run_static(
        cloud=Cloud(account=far),
        network={"subnetId": f"{HUB}/subnets/domain-controllers"},
        resourceGroup={"name": "rg", **existing},
        account={"name": "acc", **existing},
        activeDirectory=None,
    )
    assert any("its directory (10.99.0.4, 10.99.0.5)" in said for said in warnings)
