"""Lists of groups and resources with their filters, and tags of a resource alone."""

import pytest

from sandbox.testing.azure_cli import AzureCli
from sandbox.testing.azure_clients import AzureClients

VNET, IDENTITY = "Microsoft.Network/virtualNetworks", "Microsoft.ManagedIdentity/userAssignedIdentities"
SUBSCRIPTION = "00000000-0000-0000-0000-00000000eeee"
GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
ARM = {"api-version": "2024-03-01"}


@pytest.fixture(scope="module")
def shop(emulator: AzureClients) -> AzureClients:
    """A subscription with two groups, a network in each and an identity in the first."""
    http, network = emulator.http, {"properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    for group, location in (("rg-one", "koreacentral"), ("rg-two", "koreasouth")):
        tags = {"location": location, "tags": {"team": group, "costCenter": "1"}}
        assert http.put(f"{GROUPS}/{group}", params=ARM, json=tags).is_success
        vnet = f"{GROUPS}/{group}/providers/{VNET}/vnet-{group}"
        assert http.put(vnet, params={"api-version": "2024-05-01"}, json={**network, **tags}).is_success
    identity = f"{GROUPS}/rg-one/providers/{IDENTITY}/identity"
    assert http.put(identity, params={"api-version": "2023-01-31"}, json={"location": "koreacentral"}).is_success
    return emulator


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("", ["vnet-rg-one", "vnet-rg-two", "identity"]),
        ("resourceGroup eq 'RG-ONE'", ["vnet-rg-one", "identity"]),
        (f"resourceType eq '{VNET}'", ["vnet-rg-one", "vnet-rg-two"]),
        (f"resourceGroup eq 'rg-two' and resourceType eq '{VNET.lower()}'", ["vnet-rg-two"]),
        ("name eq 'identity'", ["identity"]),
        ("location eq 'Korea South'", ["vnet-rg-two"]),
        ("tagname eq 'costcenter'", ["vnet-rg-one", "vnet-rg-two"]),
        ("tagname eq 'team' and tagvalue eq 'rg-two'", ["vnet-rg-two"]),
        ("tagname eq 'team' and tagvalue eq '1'", []),
        ("startswith(tagname, 'cost')", ["vnet-rg-one", "vnet-rg-two"]),
    ],
)
def test_a_list_of_resources_is_filtered(shop: AzureClients, condition: str, names: list[str]) -> None:
    query = ARM | ({"$filter": condition} if condition else {})
    answer = shop.http.get(f"/subscriptions/{SUBSCRIPTION}/resources", params=query).json()["value"]
    assert sorted(each["name"] for each in answer) == sorted(names)
    assert not any({"properties", "etag", "provisioningState"} & each.keys() for each in answer)


def test_a_filter_that_is_not_known_is_refused_and_never_ignored(shop: AzureClients) -> None:
    query = ARM | {"$filter": "sku eq 'x'"}
    answer = shop.http.get(f"/subscriptions/{SUBSCRIPTION}/resources", params=query)
    assert answer.json()["error"]["code"] == "InvalidFilterInQueryString"


def test_groups_are_listed_by_their_tags(shop: AzureClients) -> None:
    query = ARM | {"$filter": "tagName eq 'team' and tagValue eq 'rg-one'"}
    answer = shop.http.get(f"/subscriptions/{SUBSCRIPTION}/resourcegroups", params=query).json()["value"]
    assert [each["name"] for each in answer] == ["rg-one"]


def test_az_lists_shows_and_tags_resources(shop: AzureClients) -> None:
    az, subscription = AzureCli(shop.paths), ("--subscription", SUBSCRIPTION)
    az("account", "list", "--refresh")  # the subscription is newer than the sign-in
    vnet = f"{GROUPS}/rg-one/providers/{VNET}/vnet-rg-one"
    listed = az("resource", "list", "--resource-group", "rg-one", "--resource-type", VNET, *subscription)
    assert [(each["id"], each["resourceGroup"], each["provisioningState"]) for each in listed] == [
        (vnet, "rg-one", "Succeeded")
    ]
    assert az("resource", "list", "--tag", "team=rg-two", "--query", "[].name", *subscription) == ["vnet-rg-two"]
    assert az("resource", "show", "--ids", vnet)["properties"]["addressSpace"] == {"addressPrefixes": ["10.0.0.0/16"]}
    assert az("resource", "tag", "--ids", vnet, "--tags", "a=b")["tags"] == {"a": "b"}
    assert az("tag", "update", "--resource-id", vnet, "--operation", "merge", "--tags", "c=d")["properties"] == {
        "tags": {"a": "b", "c": "d"}
    }
    assert az("tag", "list", "--resource-id", vnet)["properties"]["tags"] == {"a": "b", "c": "d"}
    az("resource", "delete", "--ids", vnet)
    assert "(ResourceNotFound)" in az.refusal("resource", "show", "--ids", vnet)


@pytest.mark.parametrize(
    ("kind", "before", "first"),
    [
        (f"{GROUPS}/rg-one/providers/{VNET}/vnet-rg-two/virtualNetworkPeerings", "2016-05-31", "2016-06-01"),
        (
            f"{GROUPS}/rg-one/providers/{IDENTITY}/identity/federatedIdentityCredentials",
            "2018-11-30",
            "2022-01-31-preview",
        ),
        (f"{GROUPS}/rg-one/providers/Microsoft.Authorization/locks", "2014-12-31", "2015-01-01"),
    ],
)
def test_a_type_answers_to_versions_from_its_own_first_one_on(
    shop: AzureClients, kind: str, before: str, first: str
) -> None:
    refused = shop.http.get(kind, params={"api-version": before}).json()["error"]
    assert refused["code"] == "NoRegisteredProviderFound"
    assert first in refused["message"]
    assert shop.http.get(kind, params={"api-version": first}).json().get("error", {}).get("code") in {
        None,
        "ParentResourceNotFound",
    }
