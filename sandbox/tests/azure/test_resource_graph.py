"""Azure Resource Graph: the two queries that Trident makes, their pages, and who sees what."""

from typing import Any

import httpx
import pytest

from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import SUBSCRIPTION
from tests.azure.test_access import Somebody, custom_role
from tests.azure.world import account_body, network_body, pool_body, subnet_body

AT = f"/subscriptions/{SUBSCRIPTION}"
REGION = "swedencentral"
GROUP = f"{AT}/resourceGroups/rg-Graph"
POOLS = "Resources | where type =~ 'Microsoft.NetApp/netAppAccounts/capacityPools' and location =~ 'SwedenCentral'"
SUBNETS = """
    Resources
\t| where type =~ 'Microsoft.Network/virtualNetworks' and location =~ 'swedencentral'
\t| project subnets = (properties.subnets)
\t| mv-expand subnets limit 2000
\t| project subnetID = (subnets.id), delegations = (subnets.properties.delegations)
\t| mv-expand delegations limit 2000
\t| project subnetID, serviceName = (delegations.properties.serviceName)
\t| where serviceName =~ 'Microsoft.NetApp/volumes'"""


@pytest.fixture(scope="module", autouse=True)
def estate(emulator: AzureClients) -> None:
    """A network with one subnet for volumes and one for others, and an account with two pools."""
    emulator.group("rg-Graph", REGION)
    network = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
    account = f"{GROUP}/providers/Microsoft.NetApp/netAppAccounts/files"
    other = subnet_body("10.40.2.0/26", service=None)
    for path, version, body in (
        (network, "2024-05-01", network_body(location=REGION)),
        (f"{network}/subnets/anf", "2024-05-01", subnet_body()),
        (f"{network}/subnets/nodes", "2024-05-01", other),
        (account, "2024-09-01", account_body(location=REGION)),
        (f"{account}/capacityPools/one", "2024-09-01", pool_body(location=REGION)),
        (f"{account}/capacityPools/two", "2024-09-01", pool_body(level="Premium", location=REGION)),
    ):
        made = emulator.http.put(path, params={"api-version": version}, json=body).raise_for_status()
        emulator.follow(made.headers.get("Azure-AsyncOperation") or made.headers["Location"])


@pytest.fixture
def somebody(emulator: AzureClients) -> Somebody:
    return Somebody(emulator)


def asked(client: httpx.Client, query: str, version: str = "2021-06-01-preview", **options: Any) -> httpx.Response:
    body = {"subscriptions": [SUBSCRIPTION], "query": query, "options": {"resultFormat": "objectArray", **options}}
    path = "/providers/Microsoft.ResourceGraph/resources"
    return client.post(path, params={"api-version": version}, json=body)


def answer(client: httpx.Client, query: str, **options: Any) -> dict[str, Any]:
    return asked(client, query, **options).raise_for_status().json()


def test_pools_of_a_region_have_the_columns_of_the_table(emulator: AzureClients) -> None:
    found = answer(emulator.http, POOLS)
    assert (found["totalRecords"], found["count"], found["resultTruncated"], found["facets"]) == (2, 2, "false", [])
    [one] = [row for row in found["data"] if row["name"] == "files/one"]
    assert one["id"] == f"{GROUP}/providers/Microsoft.NetApp/netAppAccounts/files/capacityPools/one"
    assert one["type"] == "microsoft.netapp/netappaccounts/capacitypools"
    assert (one["resourceGroup"], one["subscriptionId"]) == ("rg-graph", SUBSCRIPTION)
    assert one["properties"]["serviceLevel"] == "Standard"
    assert {"poolId", "qosType", "provisioningState"} <= one["properties"].keys()


def test_subnets_that_are_delegated_to_volumes(emulator: AzureClients) -> None:
    rows = answer(emulator.http, SUBNETS)["data"]
    subnet = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/anf"
    assert [row["subnetID"] for row in rows] == [subnet]
    assert [row["serviceName"].lower() for row in rows] == ["microsoft.netapp/volumes"]


def test_pages(emulator: AzureClients) -> None:
    first = answer(emulator.http, POOLS, **{"$top": 1})
    assert (first["totalRecords"], first["count"], first["resultTruncated"]) == (2, 1, "false")
    second = answer(emulator.http, POOLS, **{"$top": 1, "$skipToken": first["$skipToken"]})
    assert "$skipToken" not in second
    assert {first["data"][0]["name"], second["data"][0]["name"]} == {"files/one", "files/two"}
    limited = answer(emulator.http, f"{POOLS} | limit 2", **{"$top": 1})
    assert (limited["resultTruncated"], "$skipToken" in limited) == ("true", False)


def test_everybody_sees_what_they_may_read_and_is_not_told_of_the_rest(
    emulator: AzureClients, somebody: Somebody
) -> None:
    assert answer(somebody.http, POOLS)["data"] == []
    role = f"{AT}/providers/Microsoft.Authorization/roleDefinitions/6d0f9f1c-0000-4000-8000-000000000001"
    body = custom_role("Reads pools", GROUP, actions=["Microsoft.NetApp/netAppAccounts/capacityPools/read"])
    emulator.http.put(role, params={"api-version": "2022-04-01"}, json=body).raise_for_status()
    somebody.may(role.rpartition("/")[2], GROUP)
    assert answer(somebody.http, POOLS)["count"] == 2
    assert answer(somebody.http, SUBNETS)["count"] == 0


@pytest.mark.parametrize("query", ["Pools", "Resources | summarize count()", "Resources | where type has 'x'"])
def test_what_is_not_played_is_refused(emulator: AzureClients, query: str) -> None:
    refused = asked(emulator.http, query)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "BadRequest")
    assert refused.json()["error"]["details"][0]["code"] == "InvalidQuery"
