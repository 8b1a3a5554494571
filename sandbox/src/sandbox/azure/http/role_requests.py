"""Requests about roles and role assignments, and the actions that they need to be allowed themselves."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.azure import api_versions
from sandbox.azure.errors import ArmError, method_not_supported
from sandbox.azure.http.replies import Reply
from sandbox.azure.model import Model
from sandbox.azure.registry import check_supported
from sandbox.azure.roles import role_assignments, role_definitions, scopes
from sandbox.azure.roles.access import Access
from sandbox.azure.roles.role_assignments import InDirectory
from sandbox.azure.roles.scopes import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, AuthorizationPath

_VERSIONS: Final = {ROLE_ASSIGNMENTS: api_versions.ROLE_ASSIGNMENT, ROLE_DEFINITIONS: api_versions.ROLE_DEFINITION}
_VERBS: Final = {"GET": "read", "PUT": "write", "DELETE": "delete"}
_FAULTS: Final = {"GET": "read", "PUT": "create", "DELETE": "delete"}
_EQUALS: Final = re.compile(r"(\w+)(?:\(\s*| eq )'([^']*)'\s*\)?", re.IGNORECASE)


class RoleRequests:
    """Answers requests to Microsoft.Authorization."""

    def __init__(self, model: Model, in_directory: InDirectory) -> None:
        self._model = model
        self._in_directory = in_directory

    def handle(
        self,
        method: str,
        path: AuthorizationPath,
        version: str,
        query: Mapping[str, str],
        body: Callable[[], dict[str, Any]],
        access: Access,
    ) -> Reply:
        check_supported(path.type.partition("/")[2], version, _VERSIONS[path.type])
        if method not in _VERBS or (method != "GET" and not path.name):
            raise method_not_supported(method)
        access.check(f"{path.type}/{_VERBS[method]}", str(path) if path.name else path.scope)
        self._model.check_fault(path.type, _FAULTS[method] if path.name else "list")
        assignments = path.type == ROLE_ASSIGNMENTS
        if not path.name:
            listed = self._assignments if assignments else self._definitions
            return Reply(200, {"value": listed(path.scope, query.get("$filter", ""))})
        answer = self._assignment if assignments else self._definition
        with self._model.store.transaction():
            return answer(method, path, body, access)

    def _definitions(self, scope: str, text: str) -> list[dict[str, Any]]:
        conditions = {"rolename": "roleName", "type": "type"}
        wanted = [(conditions[n.lower()], v.lower()) for n, v in _EQUALS.findall(text) if n.lower() in conditions]
        roles = [role_definitions.shown(role, scope) for role in role_definitions.every(self._model, scope)]
        return [role for role in roles if all(role["properties"][name].lower() == value for name, value in wanted)]

    def _assignments(self, scope: str, text: str) -> list[dict[str, Any]]:
        conditions = {name.lower(): value.lower() for name, value in _EQUALS.findall(text)}
        principal = conditions.get("principalid") or conditions.get("assignedto")
        reaches = scopes.covers if "atscope()" in text.lower() or "assignedto" in conditions else scopes.related
        return [
            role_assignments.shown(each)
            for each in role_assignments.every(self._model.store)
            if reaches(each.scope, scope) and principal in {None, each.principal}
        ]

    def _assignment(
        self, method: str, path: AuthorizationPath, body: Callable[[], dict[str, Any]], access: Access
    ) -> Reply:
        if method == "PUT":
            made, is_new = role_assignments.put(
                self._model, path.scope, path.name, body(), access.caller.object_id, self._in_directory
            )
            return Reply(201 if is_new else 200, role_assignments.shown(made))
        found = role_assignments.find(self._model.store, path.name)
        if found is not None and scopes.key(found.scope) == scopes.key(path.scope):
            if method == "DELETE":
                role_assignments.delete(self._model.store, found)
            return Reply(200, role_assignments.shown(found))
        if method == "DELETE":
            return Reply(204)
        scopes.check_scope(self._model, path.scope)
        raise ArmError(404, "RoleAssignmentNotFound", f"The role assignment '{path.name}' is not found.")

    def _definition(
        self, method: str, path: AuthorizationPath, body: Callable[[], dict[str, Any]], access: Access
    ) -> Reply:
        if method == "PUT":
            role = role_definitions.read_body(self._model, path.name, body())
            for scope in role.assignable_scopes:
                access.check(f"{ROLE_DEFINITIONS}/write", scope.rstrip("/"))
            saved = role_definitions.put(self._model, role, access.caller.object_id)
            return Reply(201, role_definitions.shown(saved, path.scope))  # an update is answered like a creation
        if method == "GET":
            role = role_definitions.get(self._model, path.scope, path.name)
            return Reply(200, role_definitions.shown(role, path.scope))
        found = role_definitions.find(self._model, path.name)
        if found is None:
            return Reply(204)
        role_definitions.delete(self._model, found)
        return Reply(200, role_definitions.shown(found, path.scope))
