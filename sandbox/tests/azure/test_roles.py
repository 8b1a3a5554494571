"""Role definitions and assignments, by the genuine client: what they are, and what Azure refuses of them."""

import time
import uuid
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.authorization import AuthorizationManagementClient

from sandbox.azure.durations import REALISTIC
from sandbox.azure.entra import credentials
from sandbox.azure.entra.principals import KUBELET
from sandbox.azure.errors import ArmError
from sandbox.azure.roles import role_assignments, role_definitions
from sandbox.azure.roles.access import Access, Caller
from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import ACCOUNT, GROUP, SUBSCRIPTION
from tests.azure.world import World, account_body, directory

AT = f"/subscriptions/{SUBSCRIPTION}"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


@pytest.fixture(scope="module")
def roles(emulator: AzureClients) -> Any:
    """The genuine client, untyped: its operations take plain bodies, and its models show what its types leave out."""
    return AuthorizationManagementClient(emulator.credential(), SUBSCRIPTION, **emulator.options)


@pytest.fixture
def group(emulator: AzureClients) -> str:
    return emulator.group(f"rg-roles-{uuid.uuid4().hex[:8]}")


def role_id(guid: str) -> str:
    return f"{AT}/providers/Microsoft.Authorization/roleDefinitions/{guid}"


def custom(*scopes: str, **changes: Any) -> Any:
    wanted: dict[str, Any] = {
        "roleName": f"Trident {uuid.uuid4()}",
        "type": "CustomRole",
        "assignableScopes": [*scopes],
    }
    permissions = [{"actions": ["Microsoft.NetApp/netAppAccounts/capacityPools/read"]}]
    return {"properties": wanted | {"permissions": permissions} | changes}


def grant(role: str = READER, principal: str = KUBELET.object_id, **changes: Any) -> Any:
    wanted = {"principalId": principal, "roleDefinitionId": role_id(role), "principalType": "ServicePrincipal"}
    return {"properties": {name: value for name, value in (wanted | changes).items() if value is not None}}


def test_the_life_of_a_custom_role_and_its_assignment(emulator: AzureClients, roles: Any, group: str) -> None:
    guid, name = str(uuid.uuid4()), str(uuid.uuid4())
    made = roles.role_definitions.create_or_update(group, guid, custom(group))
    assert (made.id, made.role_type, made.assignable_scopes) == (role_id(guid), "CustomRole", [group])
    assert roles.role_definitions.get(AT, guid).role_name == made.role_name
    assert [r.name for r in roles.role_definitions.list(group, filter=f"roleName eq '{made.role_name}'")] == [guid]

    with pytest.raises(HttpResponseError, match="is not assignable to role definition"):
        roles.role_assignments.create(AT, name, grant(guid))
    assigned = roles.role_assignments.create(group, name, grant(guid))
    assert assigned.id == f"{group}/providers/Microsoft.Authorization/roleAssignments/{name}"
    assert (assigned.scope, assigned.role_definition_id) == (group, made.id)
    roles.role_assignments.create(group, name, grant(guid))  # the same again changes nothing
    with pytest.raises(HttpResponseError, match="There are existing role assignments referencing role"):
        roles.role_definitions.delete(group, guid)
    with pytest.raises(HttpResponseError, match="Delete these assignments before removing the scope"):
        roles.role_definitions.create_or_update(group, guid, custom(emulator.group("rg-roles-other")))
    described = roles.role_definitions.create_or_update(group, guid, custom(group, description="for Trident"))
    assert described.description == "for Trident"
    roles.role_assignments.delete(group, name)
    roles.role_assignments.delete(group, name)  # being gone already is success
    with pytest.raises(ResourceNotFoundError):
        roles.role_assignments.get(group, name)
    roles.role_definitions.delete(group, guid)
    with pytest.raises(ResourceNotFoundError, match="does not exist"):
        roles.role_definitions.get(group, guid)


@pytest.mark.parametrize(
    ("guid", "changes", "code"),
    [
        ("trident", {}, "InvalidRoleDefinitionId"),
        (None, {"roleName": ""}, "InvalidRoleDefinition"),
        (None, {"roleName": "Contributor"}, "RoleDefinitionWithSameNameExists"),
        (None, {"assignableScopes": ["/"]}, "InvalidAssignableScopes"),
        (None, {"assignableScopes": []}, "InvalidAssignableScopes"),
        (None, {"assignableScopes": [f"{AT}/resourceGroups/nowhere"]}, "ResourceGroupNotFound"),
        (None, {"permissions": []}, "InvalidRoleDefinition"),
        (None, {"permissions": [{"actions": ["Microsoft.NetApp/pools/read"]}]}, "InvalidActionOrNotAction"),
        (None, {"permissions": [{"actions": ["Microsoft.Nonesuch/*"]}]}, "InvalidActionOrNotAction"),
        (READER, {}, "InvalidRoleDefinition"),
    ],
)
def test_a_role_that_azure_would_refuse(roles: Any, guid: str | None, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(HttpResponseError, match=rf"\({code}\)"):
        roles.role_definitions.create_or_update(AT, guid or str(uuid.uuid4()), custom(AT, **changes))


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("trident", {}, "InvalidRoleAssignmentId"),
        (None, {"principalId": "trident"}, "InvalidPrincipalId"),
        (None, {"principalType": "User"}, "UnmatchedPrincipalType"),
        (None, {"roleDefinitionId": "Contributor"}, "InvalidRoleDefinitionId"),
        (None, {"roleDefinitionId": role_id(str(uuid.UUID(int=1)))}, "RoleDefinitionDoesNotExist"),
        (None, {"principalType": None, "principalId": str(uuid.UUID(int=1))}, "PrincipalNotFound"),
    ],
)
def test_an_assignment_that_azure_would_refuse(
    roles: Any, group: str, name: str | None, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(HttpResponseError, match=rf"\({code}\)"):
        roles.role_assignments.create(group, name or str(uuid.uuid4()), grant(**changes))


def test_an_assignment_is_unique_and_only_its_description_changes(roles: Any, group: str) -> None:
    name = str(uuid.uuid4())
    roles.role_assignments.create(group, name, grant())
    with pytest.raises(HttpResponseError, match=f"existing role assignment is {name.replace('-', '')}"):
        roles.role_assignments.create(group, str(uuid.uuid4()), grant())
    with pytest.raises(HttpResponseError, match=r"\(RoleAssignmentUpdateNotPermitted\)"):
        roles.role_assignments.create(group, name, grant(CONTRIBUTOR))
    assert roles.role_assignments.create(group, name, grant(description="nodes")).description == "nodes"


def test_lists_are_of_a_scope_and_what_is_above_it(emulator: AzureClients, roles: Any, group: str) -> None:
    name = str(uuid.uuid4())
    roles.role_assignments.create(group, name, grant())

    def names(scope: str, text: str) -> set[str]:
        return {str(each.name) for each in roles.role_assignments.list_for_scope(scope, filter=text)}

    assert name in names(AT, f"principalId eq '{KUBELET.object_id}'")
    assert name not in names(AT, "atScope()")
    assert name in names(group, f"assignedTo('{KUBELET.object_id}')")
    trident = credentials.ensure_trident(emulator.paths)
    [standing] = roles.role_assignments.list_for_scope(group, filter=f"principalId eq '{trident.object_id}'")
    assert str(standing.role_definition_id).endswith(CONTRIBUTOR)
    assert {"Owner", "Contributor", "Reader", "Network Contributor", "Managed Identity Operator"} <= {
        str(role.role_name) for role in roles.role_definitions.list(AT)
    }


def test_what_was_granted_goes_with_the_resource(world: World) -> None:
    world.group()
    world.put(ACCOUNT, account_body(directory()))
    for scope in (GROUP, ACCOUNT):
        name = str(uuid.uuid4())
        role_assignments.put(world.model, scope, name, grant(), "somebody", lambda _: "ServicePrincipal")
    world.delete(ACCOUNT)
    assert [each.scope for each in role_assignments.every(world.model.store)] == [GROUP]
    world.delete(GROUP)
    assert role_assignments.every(world.model.store) == []


def test_what_is_granted_counts_a_moment_later_as_in_azure(world: World) -> None:
    slow = World(world.folder / "slow", REALISTIC)
    slow.group()
    caller = Caller(KUBELET.client_id, KUBELET.object_id)
    role_assignments.put(slow.model, GROUP, str(uuid.uuid4()), grant(), "somebody", lambda _: "ServicePrincipal")
    assert not Access(slow.model, caller).sees(GROUP)
    slow.time += 10
    assert Access(slow.model, caller).allows("Microsoft.NetApp/netAppAccounts/read", ACCOUNT)


def test_a_role_made_just_now_is_not_found_by_assignments_as_in_azure(world: World) -> None:
    slow = World(world.folder / "slow", REALISTIC)
    slow.group()
    guid = str(uuid.uuid4())
    role_definitions.put(slow.model, role_definitions.read_body(slow.model, guid, custom(GROUP)), "somebody")

    def assign() -> None:
        role_assignments.put(
            slow.model, GROUP, str(uuid.uuid4()), grant(guid), "somebody", lambda _: "ServicePrincipal"
        )

    with pytest.raises(ArmError, match="does not exist") as refused:
        assign()
    assert (refused.value.status, refused.value.code) == (404, "RoleDefinitionDoesNotExist")
    slow.time += 15
    assign()


def test_a_principal_made_just_now_is_not_found_without_its_type(emulator: AzureClients, group: str) -> None:
    """The directory is replicated first; in the profile `instant` that takes some milliseconds."""
    path = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/new"
    made = emulator.http.put(path, params={"api-version": "2023-01-31"}, json={"location": "koreacentral"})
    time.sleep(0.05)
    body = grant(principal=made.json()["properties"]["principalId"], principalType=None)
    at = f"{group}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    answer = emulator.http.put(at, params={"api-version": "2022-04-01"}, json=body)
    assert answer.status_code == 201
    assert answer.json()["properties"]["principalType"] == "ServicePrincipal"


def test_custom_roles_outlive_a_restart(world: World) -> None:
    world.group()
    guid = str(uuid.uuid4())
    role = role_definitions.read_body(world.model, guid, custom(GROUP))
    role_definitions.put(world.model, role, "somebody")
    world.reopen()
    kept = role_definitions.get(world.model, GROUP, guid)
    assert (kept.name, kept.permissions, kept.assignable_scopes) == (role.name, role.permissions, (GROUP,))
