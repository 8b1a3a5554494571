"""Role definitions: the built-in ones of Azure, and custom ones, which belong to the tenant.

Rules and error codes: learn.microsoft.com/azure/role-based-access-control/custom-roles and …/troubleshooting.
"""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import GUID
from sandbox.azure.model import Model
from sandbox.azure.roles.known_actions import check_action
from sandbox.azure.roles.role import BUILT_IN, Role, normalized
from sandbox.azure.roles.scopes import ROLE_DEFINITIONS, check_scope, covers, related, subscription_of
from sandbox.azure.shapes import mapping, mappings, texts, timestamp

_LONGEST_NAME: Final = 512
_NOT_CUSTOM: Final = "Built-in roles cannot be created, changed or deleted: the type must be CustomRole."


def find(model: Model, role_id: str) -> Role | None:
    if role_id.lower() in BUILT_IN:
        return BUILT_IN[role_id.lower()]
    rows = model.store.query("SELECT document FROM role_definitions WHERE id = ?", role_id.lower())
    return _role(rows[0]["document"]) if rows else None


def has_spread(model: Model, role: Role) -> bool:
    """Return True once assignments find a role: a new custom one is not known everywhere at once."""
    made = role.audit.get("createdOn")
    delay = model.durations.of(ROLE_DEFINITIONS, "create")
    return made is None or model.now() >= datetime.fromisoformat(made).timestamp() + delay


def get(model: Model, scope: str, role_id: str) -> Role:
    """Return the role as it is seen at a scope, or raise the error that Azure answers."""
    role = find(model, role_id)
    if role is None or not any(related(each, scope) for each in role.assignable_scopes):
        raise does_not_exist(role_id)
    return role


def every(model: Model, scope: str) -> list[Role]:
    return [role for role in _all(model) if any(related(each, scope) for each in role.assignable_scopes)]


def read_body(model: Model, role_id: str, body: dict[str, Any]) -> Role:
    if not GUID.fullmatch(role_id):
        raise id_is_no_guid(role_id)
    properties = mapping(body.get("properties"), "properties")
    name = properties.get("roleName")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
        raise _invalid("The role definition name must have 1 to 512 characters.")
    if role_id.lower() in BUILT_IN or str(properties.get("type") or "CustomRole").lower() != "customrole":
        raise _invalid(_NOT_CUSTOM)
    permissions = [normalized(each) for each in mappings(properties.get("permissions"), "permissions")]
    for permission in permissions:
        for action in (*texts(permission["actions"], "actions"), *texts(permission["notActions"], "notActions")):
            check_action(action)
    if not any(permission["actions"] or permission["dataActions"] for permission in permissions):
        raise _invalid("The role definition must have at least one action or data action.")
    scopes = texts(properties.get("assignableScopes"), "assignableScopes")
    if not scopes or any(not scope.rstrip("/") for scope in scopes):
        text = "A custom role needs assignable scopes: subscriptions, resource groups or resources, not the root scope."
        raise ArmError(400, "InvalidAssignableScopes", text)
    for scope in scopes:
        check_scope(model, scope.rstrip("/"))
    description = str(properties.get("description") or "")
    return Role(role_id.lower(), name, description, permissions, tuple(scopes), built_in=False)


def put(model: Model, role: Role, caller: str) -> Role:
    before = find(model, role.id)
    if any(each.name.lower() == role.name.lower() and each.id != role.id for each in _all(model)):
        text = "A custom role with the same name already exists in this directory. Use a different name."
        raise ArmError(409, "RoleDefinitionWithSameNameExists", text)
    for scope in _assigned_scopes(model, role.id):
        if not any(covers(each, scope) for each in role.assignable_scopes):
            text = (
                f"Role assignments found under scope '{scope}' which is being removed. Removing this scope from the "
                "role will orphan these assignments. Delete these assignments before removing the scope."
            )
            raise ArmError(400, "RoleScopeBeingRemovedContainsAssignments", text)
    now = timestamp(model.now())
    made = before.audit if before else {"createdOn": now, "createdBy": caller}
    saved = replace(role, audit={**made, "updatedOn": now, "updatedBy": caller})
    model.store.query("INSERT OR REPLACE INTO role_definitions VALUES (?, ?)", role.id, json.dumps(asdict(saved)))
    return saved


def delete(model: Model, role: Role) -> None:
    if role.built_in:
        raise _invalid(_NOT_CUSTOM)
    if _assigned_scopes(model, role.id):
        text = "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments)."
        raise ArmError(400, "RoleDefinitionHasAssignments", text)
    model.store.query("DELETE FROM role_definitions WHERE id = ?", role.id)


def shown(role: Role, scope: str) -> dict[str, Any]:
    """Return a role as a GET at a scope shows it; its id names the subscription at most."""
    return {
        "id": f"{subscription_of(scope)}/providers/{ROLE_DEFINITIONS}/{role.id}",
        "type": ROLE_DEFINITIONS,
        "name": role.id,
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole" if role.built_in else "CustomRole",
            "description": role.description,
            "assignableScopes": list(role.assignable_scopes),
            "permissions": role.permissions,
            **role.audit,
        },
    }


def id_is_no_guid(role_id: object) -> ArmError:
    text = f"The role definition ID '{role_id}' is not valid. The role definition ID must be a GUID."
    return ArmError(400, "InvalidRoleDefinitionId", text)


def does_not_exist(role_id: str) -> ArmError:
    text = f"The specified role definition with ID '{role_id}' does not exist."
    return ArmError(404, "RoleDefinitionDoesNotExist", text)


def _all(model: Model) -> list[Role]:
    rows = model.store.query("SELECT document FROM role_definitions ORDER BY id")
    return [*BUILT_IN.values(), *(_role(row["document"]) for row in rows)]


def _assigned_scopes(model: Model, role_id: str) -> list[str]:
    return [row["scope"] for row in model.store.query("SELECT scope FROM role_assignments WHERE role = ?", role_id)]


def _role(document: str) -> Role:
    content: dict[str, Any] = json.loads(document)
    content |= {"assignable_scopes": tuple(content["assignable_scopes"]), "built_in": False}
    return Role(**content)


def _invalid(message: str) -> ArmError:
    return ArmError(400, "InvalidRoleDefinition", message)
