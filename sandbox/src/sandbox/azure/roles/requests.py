"""Requests about roles and role assignments, and what they need to be allowed themselves."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sandbox.azure.api_versions import ROLE_ASSIGNMENT_VERSIONS, ROLE_DEFINITION_VERSIONS
from sandbox.azure.errors import ArmError
from sandbox.azure.http.replies import Reply
from sandbox.azure.roles import role_assignments, role_definitions, scopes
from sandbox.azure.roles.access import Access
from sandbox.azure.roles.role_assignments import Assignment, InDirectory
from sandbox.azure.roles.scopes import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, AuthorizationPath

if TYPE_CHECKING:
    from sandbox.azure.model import Model

_VERSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    ROLE_ASSIGNMENTS: ROLE_ASSIGNMENT_VERSIONS,
    ROLE_DEFINITIONS: ROLE_DEFINITION_VERSIONS,
}
_VERBS: Final = {"GET": "read", "PUT": "write", "DELETE": "delete"}
_FAULTS: Final = {"GET": "read", "PUT": "create", "DELETE": "delete"}
_EQUALS: Final = re.compile(r"(\w+)(?:\(\s*| eq )'([^']*)'\s*\)?", re.IGNORECASE)


class AuthorizationRequests:
    """Answers requests to Microsoft.Authorization."""

    def __init__(self, model: "Model", in_directory: InDirectory) -> None:
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
        """The answer; a refusal is raised as ArmError."""
        if version not in _VERSIONS[path.type]:
            raise ArmError(
                400,
                "NoRegisteredProviderFound",
                f"No registered resource provider found for location '' and API version '{version}' for type "
                f"'{path.type.partition('/')[2]}'. The supported api-versions are "
                f"'{', '.join(_VERSIONS[path.type])}'. The supported locations are ''.",
            )
        if method not in _VERBS or (method != "GET" and not path.name):
            raise ArmError(
                405, "HttpMethodNotSupported", f"The requested resource does not support http method '{method}'."
            )
        access.check(f"{path.type}/{_VERBS[method]}", str(path) if path.name else path.scope)
        self._model.check_fault(path.type, _FAULTS[method] if path.name else "list")
        if not path.name:
            return Reply(200, {"value": self._list(path, query.get("$filter", ""))})
        with self._model.store.transaction():
            if path.type == ROLE_ASSIGNMENTS:
                return self._assignment(method, path, body, access)
            return self._definition(method, path, body, access)

    def _list(self, path: AuthorizationPath, text: str) -> list[dict[str, Any]]:
        conditions = {name.lower(): value.lower() for name, value in _EQUALS.findall(text)}
        if path.type == ROLE_DEFINITIONS:
            roles = [
                role_definitions.shown(role, path.scope) for role in role_definitions.every(self._model, path.scope)
            ]
            names = {"rolename": "roleName", "type": "type"}
            return [
                role
                for role in roles
                if all(role["properties"][names[n]].lower() == v for n, v in conditions.items() if n in names)
            ]
        principal = conditions.get("principalid") or conditions.get("assignedto")
        reaches = scopes.covers if "atscope()" in text.lower() or "assignedto" in conditions else scopes.related
        return [
            role_assignments.shown(each)
            for each in role_assignments.every(self._model.store)
            if reaches(each.scope, path.scope) and principal in {None, each.principal}
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
        if found is not None and scopes.key(found.scope) != scopes.key(path.scope):
            found = None
        if method == "DELETE":
            return self._deleted(found)
        if found is None:
            scopes.check_scope(self._model, path.scope)
            raise ArmError(404, "RoleAssignmentNotFound", f"The role assignment '{path.name}' is not found.")
        return Reply(200, role_assignments.shown(found))

    def _deleted(self, found: Assignment | None) -> Reply:
        if found is None:
            return Reply(204)
        role_assignments.delete(self._model.store, found)
        return Reply(200, role_assignments.shown(found))

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
            return Reply(
                200, role_definitions.shown(role_definitions.get(self._model, path.scope, path.name), path.scope)
            )
        found = role_definitions.find(self._model, path.name)
        if found is None:
            return Reply(204)
        role_definitions.delete(self._model, found)
        return Reply(200, role_definitions.shown(found, path.scope))
