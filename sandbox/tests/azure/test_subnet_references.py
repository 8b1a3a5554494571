"""Network security groups and route tables: what a subnet refers to is there, and stays."""

import pytest

from tests.azure.names import GROUP, REGION, SUBNET, VNET, Json
from tests.azure.world import World, network_body, subnet_body

_PROVIDER = f"{GROUP}/providers/Microsoft.Network"
GUARD, TABLE = f"{_PROVIDER}/networkSecurityGroups/guard", f"{_PROVIDER}/routeTables/table"
RULE = {"priority": 200, "access": "Allow", "direction": "Inbound", "protocol": "Tcp", "destinationPortRange": "445"}
REFERENCES = {"networkSecurityGroup": GUARD, "routeTable": TABLE}


def guarded(**references: str) -> Json:
    body = subnet_body()
    body["properties"] |= {name: {"id": each} for name, each in references.items()}
    return body


@pytest.fixture
def network(world: World) -> World:
    world.group()
    world.put(VNET, network_body())
    world.put(GUARD, {"location": REGION, "properties": {"securityRules": [{"name": "smb", "properties": RULE}]}})
    routes = [{"name": "out", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}}]
    world.put(TABLE, {"location": REGION, "properties": {"routes": routes}})
    return world


def test_a_subnet_has_its_group_and_its_table_and_they_show_it(network: World) -> None:
    network.put(
        SUBNET, guarded(**{name: each.upper().replace("/SUBSC", "/subsc") for name, each in REFERENCES.items()})
    )
    for name, resource in REFERENCES.items():
        assert network.shown(SUBNET)[name] == {"id": resource}
        assert network.shown(resource)["subnets"] == [{"id": SUBNET}]
    [rule] = network.shown(GUARD)["securityRules"]
    assert (rule["id"], rule["properties"]["priority"]) == (f"{GUARD}/securityRules/smb", 200)
    assert len(network.shown(GUARD)["defaultSecurityRules"]) == 6
    assert network.shown(TABLE)["routes"][0]["properties"]["nextHopType"] == "Internet"

    assert network.kept(GUARD).startswith("InUseNetworkSecurityGroupCannotBeDeleted: ")
    assert network.kept(TABLE) == "InUseRouteTableCannotBeDeleted: Route table table is in use and cannot be deleted."
    network.put(SUBNET, subnet_body())
    assert "networkSecurityGroup" not in network.shown(SUBNET), "a PUT that does not name it takes it away"
    network.delete(GUARD)
    network.delete(TABLE)


@pytest.mark.parametrize("name", REFERENCES)
def test_a_subnet_refers_to_nothing_that_is_not_there_or_is_elsewhere(network: World, name: str) -> None:
    kind = REFERENCES[name].rpartition("/")[0]
    network.put(f"{kind}/far", {"location": "westeurope"})
    for other in (f"{kind}/none", f"{kind}/far"):
        for resource, body in (
            (SUBNET, guarded(**{name: other})),
            (VNET, network_body(subnets=[{"name": "anf", **guarded(**{name: other})}])),
            (f"{_PROVIDER}/virtualNetworks/new", network_body(subnets=[{"name": "a", **guarded(**{name: other})}])),
        ):
            error = network.refusal(resource, body)
            assert (error.status, error.code) == (400, "InvalidResourceReference")
            assert error.message.startswith(f"Resource {other} referenced by resource ")
    assert network.refusal(SUBNET, guarded(**{name: VNET})).code == "LinkedInvalidPropertyId"


def test_rules_have_names_and_priorities_and_dns_servers_are_addresses(network: World) -> None:
    for rule, code in (
        ({"name": "smb", "properties": {**RULE, "priority": 99}}, "SecurityRuleInvalidPriority"),
        ({"properties": RULE}, "InvalidRequestFormat"),
    ):
        assert network.refusal(GUARD, {"location": REGION, "properties": {"securityRules": [rule]}}).code == code
    assert network.refusal(TABLE, {"location": REGION, "properties": {"routes": [{}]}}).code == "InvalidRequestFormat"
    body = network_body()
    body["properties"]["dhcpOptions"] = {"dnsServers": ["dc.contoso.com"]}
    assert network.refusal(VNET, body).code == "InvalidIPAddressFormat"
    body["properties"]["dhcpOptions"] = {"dnsServers": ["10.40.0.4"]}
    network.put(VNET, body)
    assert network.shown(VNET)["dhcpOptions"] == {"dnsServers": ["10.40.0.4"]}
