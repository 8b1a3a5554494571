"""Role assignments: a principal has a role at a scope. What they grant counts a moment after their creation.

Rules and error codes: learn.microsoft.com/azure/role-based-access-control/troubleshooting.
"""

import json
import re
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sandbox.azure.entra.credentials import TENANT, ServicePrincipal
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import GUID
from sandbox.azure.model import Model
from sandbox.azure.roles import role_definitions, scopes
from sandbox.azure.roles.role import CONTRIBUTOR, OWNER
from sandbox.azure.roles.scopes import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from sandbox.azure.shapes import mapping, timestamp
from sandbox.azure.store import Store

TypeOf = Callable[[str], str | None]
"""Returns the type of a principal by its object id; None for one that the directory does not know (yet)."""

_ROLE_ID: Final = re.compile(rf"(/.*)?/providers/{re.escape(ROLE_DEFINITIONS)}/([^/]+)", re.IGNORECASE)
_TYPES: Final = ("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")
_OPTIONAL: Final = ("description", "condition", "conditionVersion", "delegatedManagedIdentityResourceId")


@dataclass(frozen=True)
class Assignment:
    """One grant. `role` is the GUID of its definition, `principal` an object id, `since` the time of its creation."""

    name: str
    scope: str
    role: str
    principal: str
    principal_type: str
    since: float
    by: str
    details: dict[str, Any]


def ensure_standing(store: Store, owner: ServicePrincipal, trident: ServicePrincipal) -> None:
    """Grant the roles that the sandbox's app registrations have in all subscriptions, anew at each start."""
    for registered, role in ((owner, OWNER), (trident, CONTRIBUTOR)):
        name = str(uuid.uuid5(uuid.UUID(registered.object_id), role.id))
        if find(store, name) is None:
            identity = registered.object_id
            _save(store, Assignment(name, "", role.id, identity, "ServicePrincipal", 0.0, identity, {}))


def find(store: Store, name: str) -> Assignment | None:
    rows = store.query("SELECT document FROM role_assignments WHERE name = ?", name.lower())
    return _assignment(rows[0]) if rows else None


def every(store: Store) -> list[Assignment]:
    return [_assignment(row) for row in store.query("SELECT document FROM role_assignments ORDER BY rowid")]


def of_principal(store: Store, principal: str) -> list[Assignment]:
    rows = store.query("SELECT document FROM role_assignments WHERE principal = ?", principal.lower())
    return [_assignment(row) for row in rows]


def put(
    model: Model, scope: str, name: str, body: dict[str, Any], caller: str, type_of: TypeOf
) -> tuple[Assignment, bool]:
    """Grant a role; return the assignment, and True for a new one."""
    wanted = _read_body(model, scope, name, body, caller, type_of)
    before = find(model.store, name)
    if before is not None:
        same = (scopes.key(before.scope), before.role, before.principal)
        if same != (scopes.key(scope), wanted.role, wanted.principal):
            text = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
            raise ArmError(400, "RoleAssignmentUpdateNotPermitted", text)
        wanted = replace(before, details=wanted.details)
    else:
        _check_new(model.store, wanted)
        if "principalType" not in mapping(body.get("properties"), "properties"):
            _check_principal(wanted.principal, type_of)
    _save(model.store, wanted)
    return wanted, before is None


def delete(store: Store, assignment: Assignment) -> None:
    store.query("DELETE FROM role_assignments WHERE name = ?", assignment.name)


def forget_scope(store: Store, scope: str) -> None:
    for assignment in every(store):
        if assignment.scope and scopes.covers(scope, assignment.scope):
            delete(store, assignment)


def shown(assignment: Assignment) -> dict[str, Any]:
    made = timestamp(assignment.since)
    subscription = scopes.subscription_of(assignment.scope)
    return {
        "id": f"{assignment.scope}/providers/{ROLE_ASSIGNMENTS}/{assignment.name}",
        "type": ROLE_ASSIGNMENTS,
        "name": assignment.name,
        "properties": {
            "roleDefinitionId": f"{subscription}/providers/{ROLE_DEFINITIONS}/{assignment.role}",
            "principalId": assignment.principal,
            "principalType": assignment.principal_type,
            "scope": assignment.scope or "/",
            "createdOn": made,
            "updatedOn": made,
            "createdBy": assignment.by,
            "updatedBy": assignment.by,
            **assignment.details,
        },
    }


def _read_body(model: Model, scope: str, name: str, body: dict[str, Any], caller: str, type_of: TypeOf) -> Assignment:
    if not GUID.fullmatch(name):
        text = f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
        raise ArmError(400, "InvalidRoleAssignmentId", text)
    scopes.check_scope(model, scope)
    properties = mapping(body.get("properties"), "properties")
    principal = properties.get("principalId")
    if not isinstance(principal, str) or not GUID.fullmatch(principal):
        raise ArmError(400, "InvalidPrincipalId", "A valid principal ID must be provided for role assignment.")
    actual = type_of(principal) or "ServicePrincipal"
    kind = properties.get("principalType", actual)
    if kind not in _TYPES:
        raise ArmError(400, "InvalidPrincipalType", f"The principal type '{kind}' is not one of {', '.join(_TYPES)}.")
    if kind != actual:
        text = (
            f"The PrincipalId '{principal.replace('-', '')}' has type '{actual}' , which is different from "
            f"specified PrincipaltType '{kind}'."
        )
        raise ArmError(400, "UnmatchedPrincipalType", text)
    wanted = _ROLE_ID.fullmatch(str(properties.get("roleDefinitionId") or ""))
    if wanted is None or not GUID.fullmatch(wanted.group(2)):
        raise role_definitions.id_is_no_guid(properties.get("roleDefinitionId"))
    role = role_definitions.find(model, wanted.group(2))
    if role is None or not role_definitions.has_spread(model, role):
        raise role_definitions.does_not_exist(wanted.group(2))
    if not any(scopes.covers(each, scope) for each in role.assignable_scopes):
        text = f"The role assignment scope '{scope or '/'}' is not assignable to role definition '{role.id}'."
        raise ArmError(400, "RoleAssignmentScopeNotAssignableToRoleDefinition", text)
    details = {each: properties[each] for each in _OPTIONAL if properties.get(each) is not None}
    return Assignment(name.lower(), scope, role.id, principal.lower(), kind, model.now(), caller, details)


def _check_new(store: Store, wanted: Assignment) -> None:
    for other in of_principal(store, wanted.principal):
        if (scopes.key(other.scope), other.role) == (scopes.key(wanted.scope), wanted.role):
            text = (
                "The role assignment already exists. The ID of the existing role assignment is "
                f"{other.name.replace('-', '')}."
            )
            raise ArmError(409, "RoleAssignmentExists", text)


def _check_principal(principal: str, type_of: TypeOf) -> None:
    """Without principalType Azure looks the principal up, and does not find one that was made just now."""
    if type_of(principal) is None:
        text = (
            f"Principal {principal.replace('-', '')} does not exist in the directory {TENANT}. Check that you have "
            "the correct principal ID. If you are creating this principal and then immediately assigning a role, "
            "this error might be related to a replication delay. In this case, set the role assignment principalType "
            "property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype"
        )
        raise ArmError(400, "PrincipalNotFound", text)


def _save(store: Store, assignment: Assignment) -> None:
    inserted = "INSERT INTO role_assignments VALUES (?, ?, ?, ?, ?)"
    sql = f"{inserted} ON CONFLICT (name) DO UPDATE SET document = excluded.document"
    values = (assignment.name, assignment.scope, assignment.principal, assignment.role)
    store.query(sql, *values, json.dumps(asdict(assignment)))


def _assignment(row: sqlite3.Row) -> Assignment:
    return Assignment(**json.loads(row["document"]))
