"""What the networks of the nodes resolve and reach: their own addresses, and those of a peered network, no further."""

from collections.abc import Callable

import pytest

from sandbox.nodes.smb.csi import SmbCsi
from sandbox.nodes.smb.servers import SmbServers
from tests.nodes.test_smb_csi import LINUX, NAME_UNKNOWN, SMB, WINDOWS, failure
from tests.nodes.world import CLUSTER, FQDN, VNET, Azure

HUB = VNET.replace("vnet-anf", "vnet-hub")
UNREACHED = "mount error(115): Operation now in progress"
UNRESOLVED = f"mount error: could not resolve address for {FQDN}: Unknown error"


@pytest.fixture
def driver(azure: Azure) -> SmbCsi:
    return SmbCsi(SmbServers(azure.store))


def shares_in_a_hub(azure: Azure) -> None:
    """The share's volume and a domain controller are in a network that is peered with that of the nodes."""
    azure.estate.network(HUB, ["10.60.0.0/16"], subnets={"anf": "10.60.1.0/26"})
    azure.estate.domain_controllers("contoso.com", ["10.60.0.4"], HUB)
    azure.estate.peer(HUB, VNET)
    azure.volume("smb", subnet=f"{HUB}/subnets/anf", address="10.60.1.4")


def asks_azures_dns(azure: Azure) -> None:
    azure.estate.set_dns_servers(VNET, [])


def asks_a_server_that_it_does_not_reach(azure: Azure) -> None:
    shares_in_a_hub(azure)
    azure.estate.set_dns_servers(VNET, ["10.60.0.4"])
    azure.estate.unpeer(VNET, HUB)


def asks_a_server_of_another_domain(azure: Azure) -> None:
    azure.estate.domain_controllers("fabrikam.com", ["10.40.0.9"], VNET)
    azure.estate.set_dns_servers(VNET, ["10.40.0.9"])


def is_peered_in_one_direction(azure: Azure) -> None:
    shares_in_a_hub(azure)
    azure.estate.unpeer(HUB, VNET)


def is_two_hops_away(azure: Azure) -> None:
    far = VNET.replace("vnet-anf", "vnet-far")
    shares_in_a_hub(azure)
    azure.estate.network(far, ["10.70.0.0/16"], subnets={"anf": "10.70.1.0/26"})
    azure.estate.peer(far, HUB)
    azure.volume("smb", subnet=f"{far}/subnets/anf", address="10.70.1.4")


@pytest.mark.parametrize(
    ("break_", "linux"),
    [
        (asks_azures_dns, UNRESOLVED),
        (asks_a_server_that_it_does_not_reach, UNRESOLVED),
        (asks_a_server_of_another_domain, UNRESOLVED),
        (is_peered_in_one_direction, UNREACHED),
        (is_two_hops_away, UNREACHED),
    ],
)
def test_a_node_mounts_only_what_its_network_resolves_and_reaches(
    driver: SmbCsi, azure: Azure, break_: Callable[[Azure], None], linux: str
) -> None:
    break_(azure)
    assert f"\nOutput: {linux}\n" in failure(driver, LINUX)
    said = failure(driver, WINDOWS)
    assert f"{NAME_UNKNOWN[1]}" in said
    assert f"Windows System Error {NAME_UNKNOWN[0]}" in said


def test_a_node_mounts_from_a_peered_network(driver: SmbCsi, azure: Azure) -> None:
    shares_in_a_hub(azure)
    assert driver.stage(WINDOWS).source == SMB


def test_the_nodes_stand_in_the_networks_of_all_clusters(driver: SmbCsi, azure: Azure) -> None:
    other = VNET.replace("vnet-anf", "vnet-other")
    is_peered_in_one_direction(azure)
    azure.estate.network(other, ["10.80.0.0/16"], subnets={"nodes": "10.80.0.0/24"}, dns_servers=["10.60.0.4"])
    azure.estate.peer(other, HUB)
    assert NAME_UNKNOWN[1] in failure(driver, WINDOWS)
    azure.estate.cluster(CLUSTER.replace("aks-dev", "aks-prod"), f"{other}/subnets/nodes")
    assert driver.stage(WINDOWS).source == SMB
