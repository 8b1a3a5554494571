"""The section anf-smb:network of a stack's configuration: three shapes, and the errors of each."""

from typing import Any, Final

import pytest

from tests.unit.stack_config import errors, load
from tests.unit.unit_mocks import OWN_NETWORK, SUBSCRIPTION

VNET_ID: Final = f"{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet"
SUBNET_ID: Final = f"{VNET_ID}/subnets/anf"
ROUTES_ID: Final = VNET_ID.replace("virtualNetworks", "routeTables")
IN_VNET: Final = {"virtualNetworkId": VNET_ID, "subnet": "anf", "subnetPrefix": "10.40.1.0/26"}
ELSEWHERE: Final = VNET_ID.replace("00000000-", "10000000-", 1)

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    # what, the section, the key as the user wrote it, what the error says
    (
        "subnet outside",
        OWN_NETWORK | {"subnetPrefix": "10.41.1.0/26"},
        "anf-smb:network.subnetPrefix",
        "inside the address space",
    ),
    (
        "subnet too small",
        OWN_NETWORK | {"subnetPrefix": "10.40.1.0/29"},
        "anf-smb:network.subnetPrefix",
        "/28 or larger",
    ),
    ("half a network", {"virtualNetwork": "vnet"}, "anf-smb:network.subnetPrefix", "is missing"),
    ("two networks", OWN_NETWORK | {"subnetId": SUBNET_ID}, "anf-smb:network", "subnetId alone"),
    (
        "a subnet elsewhere",
        {"subnetId": SUBNET_ID.replace("00000000-", "10000000-", 1)},
        "anf-smb:network.subnetId",
        "is in subscription 10000000",
    ),
    (
        "a network elsewhere",
        IN_VNET | {"virtualNetworkId": ELSEWHERE},
        "anf-smb:network.virtualNetworkId",
        "is in subscription 10000000",
    ),
    (
        "no network's id",
        IN_VNET | {"virtualNetworkId": SUBNET_ID},
        "anf-smb:network.virtualNetworkId",
        "virtualNetworks/NAME",
    ),
    (
        "a new network that exists",
        IN_VNET | {"addressSpace": "10.40.0.0/16", "peerings": [VNET_ID]},
        "anf-smb:network",
        "has virtualNetworkId and addressSpace, peerings",
    ),
    (
        "a subnet in no network",
        {"subnet": "anf", "subnetPrefix": "10.40.1.0/26"},
        "anf-smb:network.virtualNetworkId",
        "or create a network: virtualNetwork and addressSpace",
    ),
    (
        "an existing network without a subnet",
        {"virtualNetworkId": VNET_ID},
        "anf-smb:network.subnetPrefix",
        "is missing",
    ),
    (
        "a DNS server by name",
        OWN_NETWORK | {"dnsServers": ["10.40.0.4", "dc1"]},
        "anf-smb:network.dnsServers[1]",
        "an IPv4 address",
    ),
    (
        "a peering by name",
        OWN_NETWORK | {"peerings": ["vnet-hub"]},
        "anf-smb:network.peerings[0]",
        "virtualNetworks/NAME",
    ),
    (
        "a peering twice",
        OWN_NETWORK | {"peerings": [VNET_ID, VNET_ID.replace("resourceGroups", "resourcegroups")]},
        "anf-smb:network.peerings[1]",
        "one peering with each virtual network",
    ),
    (
        "a route table for a network security group",
        IN_VNET | {"networkSecurityGroupId": SUBNET_ID},
        "anf-smb:network.networkSecurityGroupId",
        "networkSecurityGroups/NAME",
    ),
    (
        "an existing subnet with a route table",
        {"subnetId": SUBNET_ID, "routeTableId": ROUTES_ID},
        "anf-smb:network",
        "has subnetId and routeTableId",
    ),
]


@pytest.mark.parametrize(("network", "key", "said"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_an_error_names_the_key_and_what_is_allowed(network: dict[str, Any], key: str, said: str) -> None:
    assert said in errors({"anf-smb:network": network})[key]


def test_errors_of_a_network_come_together() -> None:
    elsewhere = ELSEWHERE
    found = errors({"anf-smb:network": {"virtualNetworkId": elsewhere, "dnsServers": ["10.40.0.4"]}})
    assert set(found) == {
        "anf-smb:network",
        "anf-smb:network.virtualNetworkId",
        "anf-smb:network.subnet",
        "anf-smb:network.subnetPrefix",
    }


@pytest.mark.parametrize(
    "network",
    [
        IN_VNET,
        IN_VNET | {"routeTableId": ROUTES_ID.replace("resourceGroups", "resourcegroups")},
        {"subnetId": SUBNET_ID.replace("resourceGroups", "resourcegroups")},
        OWN_NETWORK,
        OWN_NETWORK | {"dnsServers": ["10.40.0.4"], "peerings": [ELSEWHERE]},
    ],
)
def test_a_network_has_one_of_three_shapes(network: dict[str, Any]) -> None:
    assert load({"anf-smb:network": network}).network.given == network


def test_a_sign_in_of_the_stack_file_does_not_count_for_another_subscription() -> None:
    peered = OWN_NETWORK | {"peerings": [VNET_ID, ELSEWHERE]}
    found = errors({"anf-smb:network": peered, "azure-native:clientId": "1", "azure-native:useOidc": "true"})
    assert set(found) == {"azure-native:clientId", "azure-native:useOidc"}
    assert "network of subscription 10000000-" in found["azure-native:clientId"]
    load({"anf-smb:network": OWN_NETWORK | {"peerings": [VNET_ID]}, "azure-native:clientId": "1"})
