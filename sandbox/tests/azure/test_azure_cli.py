"""The genuine `az` against the emulator."""

import json

import pytest

from sandbox.azure.entra.credentials import SUBSCRIPTION, TENANT
from sandbox.testing.azure_cli import AzureCli
from sandbox.testing.azure_clients import AzureClients


@pytest.fixture(scope="module")
def az(emulator: AzureClients) -> AzureCli:
    return AzureCli(emulator.paths)


def test_it_is_signed_in_to_a_cloud_of_its_own(az: AzureCli, emulator: AzureClients) -> None:
    account = az("account", "show")
    assert (account["id"], account["tenantId"], account["environmentName"]) == (SUBSCRIPTION, TENANT, "sandbox")
    assert account["user"] == {"name": emulator.environment["AZURE_CLIENT_ID"], "type": "servicePrincipal"}
    az("account", "set", "--subscription", SUBSCRIPTION)
    assert az("account", "list", "--query", "[?isDefault].id") == [SUBSCRIPTION]


def test_who_signs_out_stays_so_until_the_documented_sign_in(az: AzureCli, emulator: AzureClients) -> None:
    secrets = emulator.environment
    az("logout")
    assert "Please run 'az login' to setup account." in az.refusal("account", "show")
    login = ["login", "--service-principal", "-u", secrets["AZURE_CLIENT_ID"], "--tenant", TENANT]
    assert "AADSTS7000215" in az.refusal(*login, "-p", "wrong")
    assert az(*login, "-p", secrets["AZURE_CLIENT_SECRET"])[0]["id"] == SUBSCRIPTION


def test_networks_and_their_subnets_and_peerings_are_created_changed_and_deleted(
    az: AzureCli, emulator: AzureClients
) -> None:
    emulator.group("rg-az-network")
    at, inside = ("-g", "rg-az-network"), ("-g", "rg-az-network", "--vnet-name", "vnet")
    az("network", "vnet", "create", *at, "-n", "vnet", "--address-prefixes", "10.60.0.0/16")
    delegated = ("--address-prefixes", "10.60.1.0/26", "--delegations", "Microsoft.NetApp/volumes")
    subnet = az("network", "vnet", "subnet", "create", *inside, "-n", "anf", *delegated)
    assert [each["serviceName"] for each in subnet["delegations"]] == ["Microsoft.NetApp/volumes"]
    assert az("network", "vnet", "update", *at, "-n", "vnet", "--dns-servers", "10.60.0.4")["dhcpOptions"] == {
        "dnsServers": ["10.60.0.4"]
    }
    hub = az("network", "vnet", "create", *at, "-n", "hub", "--address-prefixes", "10.70.0.0/16")["newVNet"]["id"]
    peering = ("-n", "to-hub", "--remote-vnet", hub, "--allow-vnet-access")
    assert az("network", "vnet", "peering", "create", *inside, *peering)["peeringState"] == "Initiated"
    az("network", "vnet", "peering", "delete", *inside, "-n", "to-hub")
    az("network", "vnet", "subnet", "delete", *inside, "-n", "anf")
    assert az("network", "vnet", "show", *at, "-n", "vnet", "--query", "subnets") == []


def test_an_identity_trusts_a_service_account_by_name(az: AzureCli, emulator: AzureClients) -> None:
    emulator.group("rg-az-identity")
    at = ("-g", "rg-az-identity")
    identity = az("identity", "create", *at, "-n", "trident")
    assert az("ad", "sp", "show", "--id", identity["clientId"])["id"] == identity["principalId"]
    trust = ("--issuer", "https://issuer.example", "--subject", "system:serviceaccount:trident:trident-controller")
    federated = ("identity", "federated-credential")
    az(*federated, "create", *at, "--identity-name", "trident", "-n", "cluster", *trust)
    assert [each["name"] for each in az(*federated, "list", *at, "--identity-name", "trident")] == ["cluster"]
    az(*federated, "delete", *at, "--identity-name", "trident", "-n", "cluster", "--yes")
    az("identity", "delete", *at, "-n", "trident")
    assert az("identity", "list", *at) == []


def test_a_role_is_defined_changed_and_deleted_by_its_name(az: AzureCli) -> None:
    name = "Reader of pools"
    role = {
        "Name": name,
        "Description": "first",
        "Actions": ["Microsoft.NetApp/netAppAccounts/capacityPools/read"],
        "AssignableScopes": [f"/subscriptions/{SUBSCRIPTION}"],
    }
    definition = ("role", "definition")
    az(*definition, "create", "--role-definition", json.dumps(role))
    az(*definition, "update", "--role-definition", json.dumps(role | {"Description": "second"}))
    assert [each["description"] for each in az(*definition, "list", "--name", name)] == ["second"]
    az(*definition, "delete", "--name", name)
    assert az(*definition, "list", "--name", name) == []


def test_a_group_is_waited_for_and_gone(az: AzureCli) -> None:
    group = ("-n", "rg-az-group")
    az("group", "create", *group, "-l", "koreacentral", "--tags", "team=a")
    az("group", "update", *group, "--set", "tags.team=b")
    assert az("group", "list", "--tag", "team=b", "--query", "[].name") == ["rg-az-group"]
    az("provider", "register", "--namespace", "Microsoft.NetApp", "--wait")
    assert az("provider", "show", "-n", "Microsoft.NetApp", "--query", "registrationState") == "Registered"
    az("group", "delete", *group, "--yes", "--no-wait")
    az("group", "wait", *group, "--deleted")
    assert az("group", "exists", *group) is False
    assert "(ResourceGroupNotFound)" in az.refusal("group", "delete", *group, "--yes")
