"""The directory as Microsoft Graph shows it, and `az` with roles for names instead of object ids."""

import httpx
import pytest

from sandbox.azure.entra import credentials
from sandbox.azure.entra.people import PEOPLE
from sandbox.testing.azure_cli import AzureCli
from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import SUBSCRIPTION

PERSON = PEOPLE[0]
UNKNOWN = "00000000-0000-0000-0000-00000000ffff"
ROLES = {"Name": "Pool reader", "Actions": ["Microsoft.NetApp/netAppAccounts/capacityPools/read"]}


def test_service_principals_are_found_by_their_names_and_ids(emulator: AzureClients) -> None:
    trident = credentials.ensure_trident(emulator.paths)

    def found(condition: str) -> list[str]:
        answer = emulator.http.get("/v1.0/servicePrincipals", params={"$filter": condition})
        return [each["appId"] for each in answer.json()["value"]]

    client = trident.client_id
    assert found(f"servicePrincipalNames/any(c:c eq '{client}')") == [client]
    assert found(f"appId eq '{client}'") == [client]
    assert client in found("displayName eq 'trident'")
    assert client in found("startswith(displayName,'tri')")
    assert found("displayName eq 'nobody'") == []
    shown = emulator.http.get(f"/v1.0/servicePrincipals/{trident.object_id}").json()
    assert (shown["displayName"], shown["servicePrincipalType"]) == ("trident", "Application")


def test_users_are_found_by_their_sign_in_and_by_id(emulator: AzureClients) -> None:
    for key in (PERSON.sign_in, PERSON.object_id):
        assert emulator.http.get(f"/v1.0/users/{key}").json()["displayName"] == PERSON.name
    body = {"ids": [PERSON.object_id, UNKNOWN], "types": ["user", "servicePrincipal"]}
    [found] = emulator.http.post("/v1.0/directoryObjects/getByIds", json=body).json()["value"]
    assert (found["@odata.type"], found["id"]) == ("#microsoft.graph.user", PERSON.object_id)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/v1.0/servicePrincipals/{UNKNOWN}", 404, "Request_ResourceNotFound"),
        ("/v1.0/me", 400, "BadRequest"),
        ("/v1.0/devices", 400, "BadRequest"),
        ("/v1.0/users?$filter=accountEnabled ne true", 400, "Request_UnsupportedQuery"),
    ],
)
def test_graph_refuses_in_its_own_form(emulator: AzureClients, path: str, status: int, code: str) -> None:
    answer = emulator.http.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_an_application_without_a_right_in_graph_reads_no_directory(emulator: AzureClients) -> None:
    trident = credentials.ensure_trident(emulator.paths)

    def asked(client: httpx.Client) -> int:
        return client.get("/v1.0/servicePrincipals").status_code

    with emulator.as_principal(trident.client_id, trident.object_id) as contributor:
        assert asked(contributor) == 403
    assert asked(emulator.anonymous) == 401


def test_a_user_has_a_role_and_is_no_service_principal(emulator: AzureClients) -> None:
    group = emulator.group("rg-user-roles")
    reader = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
    properties = {
        "roleDefinitionId": f"{reader}/acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "principalId": PERSON.object_id,
    }
    assignment = f"{group}/providers/Microsoft.Authorization/roleAssignments/{UNKNOWN}"

    def granted(**more: str) -> httpx.Response:
        body = {"properties": properties | more}
        return emulator.http.put(assignment, params={"api-version": "2022-04-01"}, json=body)

    refused = granted(principalType="ServicePrincipal")
    assert refused.json()["error"]["code"] == "UnmatchedPrincipalType"
    assert "has type 'User'" in refused.json()["error"]["message"]
    assert granted().json()["properties"]["principalType"] == "User"


def test_az_gives_lists_and_takes_roles_by_name(emulator: AzureClients) -> None:
    az, group = AzureCli(emulator.paths), emulator.group("rg-az-roles")
    trident = credentials.ensure_trident(emulator.paths)
    az("role", "assignment", "create", "--role", "Reader", "--assignee", PERSON.sign_in, "--scope", group)
    az("role", "assignment", "create", "--role", "Reader", "--assignee", trident.client_id, "--scope", group)
    listed = az("role", "assignment", "list", "--scope", group)
    assert sorted((each["principalName"], each["roleDefinitionName"]) for each in listed) == sorted(
        [(PERSON.sign_in, "Reader"), (trident.client_id, "Reader")]
    )
    az("role", "assignment", "delete", "--assignee", PERSON.sign_in, "--role", "Reader", "--scope", group)
    assert len(az("role", "assignment", "list", "--scope", group)) == 1
    assert az("ad", "sp", "show", "--id", trident.client_id)["id"] == trident.object_id
    assert "does not exist" in az.refusal("ad", "sp", "show", "--id", UNKNOWN)
    assert "Cannot find user or service principal" in az.refusal(
        "role", "assignment", "create", "--role", "Reader", "--assignee", UNKNOWN, "--scope", group
    )
