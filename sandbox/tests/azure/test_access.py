"""Who may do what: a request is answered only where a role of its sender has the action at that scope."""

import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.netapp import NetAppManagementClient

from sandbox.azure.entra import credentials
from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import REGION, SUBSCRIPTION
from tests.azure.world import account_body, directory, network_body, pool_body, subnet_body, volume_body

AT = f"/subscriptions/{SUBSCRIPTION}"
ELSEWHERE = "westus3"
"""Not the region of other tests: one account of a region has a directory."""
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ROLES = {"api-version": "2022-05-01-preview"}
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"

_ANF = "Microsoft.NetApp/netAppAccounts/capacityPools"
LEAST_PRIVILEGE = [
    *(f"{_ANF}/{verb}" for verb in ("read", "write")),
    *(f"{_ANF}/volumes/{verb}" for verb in ("read", "write", "delete")),
    *(f"{_ANF}/volumes/snapshots/{verb}" for verb in ("read", "write", "delete")),
    f"{_ANF}/volumes/MountTargets/read",
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
    *(f"Microsoft.Features/featureProviders/subscriptionFeatureRegistrations/{v}" for v in ("read", "write", "delete")),
    "Microsoft.Features/features/read",
    "Microsoft.Features/operations/read",
    "Microsoft.Features/providers/features/read",
    "Microsoft.Features/providers/features/register/action",
    "Microsoft.Features/providers/features/unregister/action",
    "Microsoft.Features/subscriptionFeatureRegistrations/read",
]
"""NetApp's own list for Trident."""


class Somebody:
    """A principal of its own, with the roles that a test gives it."""

    def __init__(self, emulator: AzureClients) -> None:
        self.client_id, self.object_id = str(uuid.uuid4()), str(uuid.uuid4())
        self.http = emulator.as_principal(self.client_id, self.object_id)
        self._owner = emulator.http

    def may(self, role: str, scope: str) -> None:
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        role_id = f"{AT}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        properties = {"principalId": self.object_id, "principalType": "ServicePrincipal", "roleDefinitionId": role_id}
        self._owner.put(path, params={"api-version": "2022-04-01"}, json={"properties": properties}).raise_for_status()
        time.sleep(0.05)  # until it counts, in the profile `instant`

    def ask(self, path: str, version: str = "2024-03-01", method: str = "GET", **more: Any) -> httpx.Response:
        return self.http.request(method, path, params={"api-version": version}, **more)


@pytest.fixture
def somebody(emulator: AzureClients) -> Iterator[Somebody]:
    made = Somebody(emulator)
    yield made
    made.http.close()


@pytest.fixture(scope="module")
def groups(emulator: AzureClients) -> tuple[str, str]:
    return emulator.group("rg-access-one"), emulator.group("rg-access-two")


@pytest.fixture(scope="module")
def pool(emulator: AzureClients) -> str:
    """A pool and a delegated subnet that reaches the directory, made by the owner; returns the pool's id."""
    group = emulator.group("rg-access-anf", ELSEWHERE)
    vnet = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet"
    account = f"{group}/providers/Microsoft.NetApp/netAppAccounts/access"
    for path, version, body in (
        (vnet, "2024-05-01", network_body(location=ELSEWHERE)),
        (f"{vnet}/subnets/anf", "2024-05-01", subnet_body()),
        (account, "2024-09-01", account_body(directory(), location=ELSEWHERE)),
        (f"{account}/capacityPools/pool", "2024-09-01", pool_body(location=ELSEWHERE)),
    ):
        made = emulator.http.put(path, params={"api-version": version}, json=body).raise_for_status()
        emulator.follow(made.headers.get("Azure-AsyncOperation") or made.headers["Location"])
    emulator.estate.domain_controllers("contoso.com", ["10.40.0.4"], vnet)
    return f"{account}/capacityPools/pool"


def custom_role(name: str, *scopes: str, actions: Sequence[str] = ("*/read",)) -> dict[str, Any]:
    return {"properties": {"roleName": name, "permissions": [{"actions": [*actions]}], "assignableScopes": [*scopes]}}


def refusal(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "AuthorizationFailed")
    return str(answer.json()["error"]["message"])


def test_without_a_role_nothing_is_answered_and_nothing_is_listed(somebody: Somebody, groups: tuple[str, str]) -> None:
    assert refusal(somebody.ask(groups[0])) == (
        f"The client '{somebody.client_id}' with object id '{somebody.object_id}' does not have authorization to "
        f"perform action 'Microsoft.Resources/subscriptions/resourceGroups/read' over scope '{groups[0]}' or the scope "
        "is invalid. If access was recently granted, please refresh your credentials."
    )
    assert somebody.ask("/subscriptions").json() == {"value": []}
    assert somebody.ask(f"{AT}/resourceGroups").json() == {"value": []}
    accounts = somebody.ask(f"{AT}/providers/Microsoft.NetApp/netAppAccounts", "2024-09-01")
    assert "'Microsoft.NetApp/netAppAccounts/read'" in refusal(accounts)
    for path in (AT, f"{AT}/locations", f"{AT}/providers/Microsoft.NetApp"):
        refusal(somebody.ask(path))


def test_a_reader_of_a_group_reads_that_group_and_writes_nothing(
    somebody: Somebody, groups: tuple[str, str], pool: str
) -> None:
    one, two = groups
    somebody.may(READER, one)
    assert somebody.ask(one).status_code == 200
    refusal(somebody.ask(two))
    assert [each["name"] for each in somebody.ask(f"{AT}/resourceGroups").json()["value"]] == ["rg-access-one"]
    assert len(somebody.ask("/subscriptions").json()["value"]) == 1
    assert somebody.ask(f"{AT}/resources").json() == {"value": []}
    assert somebody.ask(f"{AT}/providers/Microsoft.NetApp/netAppAccounts", "2024-09-01").json() == {"value": []}
    for method in ("PUT", "PATCH", "DELETE"):
        refusal(somebody.ask(one, method=method, json={"location": REGION}))
    cluster = f"{one}/providers/Microsoft.ContainerService/managedClusters/aks"
    refused = refusal(somebody.ask(f"{cluster}/listClusterUserCredential", "2025-09-01", "POST"))
    assert "managedClusters/listClusterUserCredential/action" in refused


def test_a_role_on_one_resource_reaches_what_is_nested_in_it_alone(somebody: Somebody, pool: str) -> None:
    account = pool.partition("/capacityPools")[0]
    somebody.may(READER, account)
    assert somebody.ask(pool, "2024-09-01").status_code == 200
    assert somebody.ask(f"{account}/capacityPools", "2024-09-01").status_code == 200
    listed = somebody.ask(f"{AT}/providers/Microsoft.NetApp/netAppAccounts", "2024-09-01").json()["value"]
    assert [each["name"] for each in listed] == ["access"]
    refusal(somebody.ask(account.partition("/providers")[0]))


def test_a_network_contributor_has_no_business_with_volumes(somebody: Somebody, pool: str) -> None:
    group = pool.partition("/providers")[0]
    somebody.may(NETWORK_CONTRIBUTOR, group)
    assert somebody.ask(f"{group}/providers/Microsoft.Network/virtualNetworks", "2024-05-01").status_code == 200
    assert "capacityPools/read'" in refusal(somebody.ask(pool, "2024-09-01"))


def test_netapps_least_privileges_are_enough_for_volumes_and_for_no_more(
    emulator: AzureClients, somebody: Somebody, pool: str
) -> None:
    group, account = pool.partition("/providers")[0], pool.partition("/capacityPools")[0]
    role = str(uuid.uuid4())
    path = f"{group}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    body = custom_role(role, group, actions=LEAST_PRIVILEGE)
    emulator.http.put(path, params=ROLES, json=body).raise_for_status()
    somebody.may(role, group)
    subnet = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/anf"
    volume = f"{pool}/volumes/{(name := f'pvc-{uuid.uuid4().hex[:8]}')}"
    assert somebody.ask(subnet, "2024-05-01").status_code == 200
    body = volume_body(token=name, location=ELSEWHERE, subnetId=subnet)
    made = somebody.ask(volume, "2024-09-01", "PUT", json=body)
    assert made.status_code == 201
    emulator.follow(made.headers["Azure-AsyncOperation"])
    assert somebody.ask(volume, "2024-09-01").json()["properties"]["provisioningState"] == "Succeeded"
    deleted = somebody.ask(volume, "2024-09-01", "DELETE")
    assert deleted.status_code == 202
    assert somebody.http.get(deleted.headers["Azure-AsyncOperation"]).status_code == 200
    refusal(somebody.ask(account, "2024-09-01"))
    refusal(somebody.ask(subnet, "2024-05-01", "PUT", json=subnet_body()))


def test_who_links_a_network_or_a_subnet_needs_a_right_at_the_other_end(
    somebody: Somebody, emulator: AzureClients, groups: tuple[str, str]
) -> None:
    mine, theirs = (f"{group}/providers/Microsoft.Network" for group in groups)
    hub, spoke = f"{theirs}/virtualNetworks/vnet-hub", f"{mine}/virtualNetworks/vnet-spoke"
    emulator.estate.network(hub, ["10.40.0.0/16"])
    emulator.estate.network(spoke, ["10.60.0.0/16"])
    emulator.estate.create(f"{theirs}/networkSecurityGroups/guard", {}, REGION)
    emulator.estate.create(f"{theirs}/routeTables/table", {}, REGION)
    somebody.may(NETWORK_CONTRIBUTOR, groups[0])
    peering, subnet = {"remoteVirtualNetwork": {"id": hub}}, subnet_body("10.60.1.0/26")
    guarded, routed = (
        {"properties": {**subnet["properties"], name: {"id": f"{theirs}/{kind}"}}}
        for name, kind in (("networkSecurityGroup", "networkSecurityGroups/guard"), ("routeTable", "routeTables/table"))
    )
    whole = network_body("10.60.0.0/16", subnets=[{"name": "anf", **guarded}])
    for path, body, action in (
        (f"{spoke}/virtualNetworkPeerings/to-hub", {"properties": peering}, "virtualNetworks/peer/action"),
        (f"{spoke}/subnets/anf", guarded, "networkSecurityGroups/join/action"),
        (f"{spoke}/subnets/anf", routed, "routeTables/join/action"),
        (spoke, whole, "networkSecurityGroups/join/action"),
    ):
        refused = somebody.ask(path, "2024-05-01", "PUT", json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "LinkedAuthorizationFailed")
        assert f"perform action(s) 'Microsoft.Network/{action}' on the linked scope(s)" in refused.text
    somebody.may(NETWORK_CONTRIBUTOR, groups[1])
    made = somebody.ask(f"{spoke}/virtualNetworkPeerings/to-hub", "2024-05-01", "PUT", json={"properties": peering})
    assert made.status_code == 201


def test_tridents_app_registration_makes_resources_and_grants_nothing(
    emulator: AzureClients, groups: tuple[str, str]
) -> None:
    trident = credentials.ensure_trident(emulator.paths)
    assert trident.client_id == credentials.TRIDENT_CLIENT
    credential = emulator.credential(client_id=trident.client_id, client_secret=trident.client_secret)
    netapp = NetAppManagementClient(credential, SUBSCRIPTION, **emulator.options)
    body: Any = account_body(location=ELSEWHERE)
    made = netapp.accounts.begin_create_or_update("rg-access-two", "of-trident", body).result()
    assert made.properties
    assert made.properties.provisioning_state == "Succeeded"
    http = emulator.as_principal(trident.client_id, trident.object_id)
    path = f"{groups[0]}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    answer = http.put(path, params={"api-version": "2022-04-01"}, json={"properties": {}})
    assert f"'Microsoft.Authorization/roleAssignments/write' over scope '{path}'" in refusal(answer)
    with pytest.raises(HttpResponseError, match="AADSTS7000215"):
        emulator.credential(client_id=trident.client_id, client_secret="x").get_token(f"{emulator.base}/.default")


def test_who_grants_a_custom_role_needs_the_right_at_each_of_its_scopes(
    somebody: Somebody, groups: tuple[str, str]
) -> None:
    one, two = groups
    somebody.may("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", one)
    role = str(uuid.uuid4())
    path = f"{one}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    both = somebody.http.put(path, params=ROLES, json=custom_role(role, one, two))
    assert f"'Microsoft.Authorization/roleDefinitions/write' over scope '{two}'" in refusal(both)
    assert somebody.http.put(path, params=ROLES, json=custom_role(role, one)).status_code == 201
