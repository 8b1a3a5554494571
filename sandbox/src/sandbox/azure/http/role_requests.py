"""Requests about roles and role assignments, and the actions that they need to be allowed themselves."""

from typing import Any, Final

from sandbox.azure import api_versions
from sandbox.azure.errors import ArmError, method_not_supported
from sandbox.azure.extension_path import ExtensionPath
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.replies import Reply
from sandbox.azure.model import Model
from sandbox.azure.registry import check_supported
from sandbox.azure.roles import role_assignments, role_definitions, scopes
from sandbox.azure.roles.access import Access
from sandbox.azure.roles.role_assignments import TypeOf
from sandbox.azure.roles.scopes import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS

_VERSIONS: Final = {ROLE_ASSIGNMENTS: api_versions.ROLE_ASSIGNMENT, ROLE_DEFINITIONS: api_versions.ROLE_DEFINITION}
_VERBS: Final = {"GET": "read", "PUT": "write", "DELETE": "delete"}
_FAULTS: Final = {"GET": "read", "PUT": "create", "DELETE": "delete"}


class RoleRequests:
    """Answers requests to Microsoft.Authorization."""

    def __init__(self, model: Model, type_of: TypeOf) -> None:
        self._model = model
        self._type_of = type_of

    def handle(self, request: ArmRequest, path: ExtensionPath, access: Access) -> Reply:
        check_supported(path.type.partition("/")[2], request.version, _VERSIONS[path.type])
        if request.method not in _VERBS or (request.method != "GET" and not path.name):
            raise method_not_supported(request.method)
        access.check(f"{path.type}/{_VERBS[request.method]}", str(path) if path.name else path.scope)
        self._model.check_fault(path.type, _FAULTS[request.method] if path.name else "list")
        assignments = path.type == ROLE_ASSIGNMENTS
        if not path.name:
            listed = self._assignments if assignments else self._definitions
            return Reply(200, {"value": listed(path.scope, request)})
        answer = self._assignment if assignments else self._definition
        with self._model.store.transaction():
            return answer(request, path, access)

    def _definitions(self, scope: str, request: ArmRequest) -> list[dict[str, Any]]:
        names = {"rolename": "roleName", "type": "type"}
        wanted = [(names[name], value.lower()) for name, value in request.conditions().items() if name in names]
        roles = [role_definitions.shown(role, scope) for role in role_definitions.every(self._model, scope)]
        return [role for role in roles if all(role["properties"][name].lower() == value for name, value in wanted)]

    def _assignments(self, scope: str, request: ArmRequest) -> list[dict[str, Any]]:
        conditions = {name: value.lower() for name, value in request.conditions().items()}
        principal = conditions.get("principalid") or conditions.get("assignedto")
        reaches = (
            scopes.covers if "atscope()" in request.filter.lower() or "assignedto" in conditions else scopes.related
        )
        return [
            role_assignments.shown(each)
            for each in role_assignments.every(self._model.store)
            if reaches(each.scope, scope) and principal in {None, each.principal}
        ]

    def _assignment(self, request: ArmRequest, path: ExtensionPath, access: Access) -> Reply:
        method = request.method
        if method == "PUT":
            made, is_new = role_assignments.put(
                self._model, path.scope, path.name, request.content(), access.caller.object_id, self._type_of
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

    def _definition(self, request: ArmRequest, path: ExtensionPath, access: Access) -> Reply:
        method = request.method
        if method == "PUT":
            role = role_definitions.read_body(self._model, path.name, request.content())
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
