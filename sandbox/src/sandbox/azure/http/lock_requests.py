"""Requests about locks."""

from typing import Final

from sandbox.azure.errors import ArmError, method_not_supported
from sandbox.azure.extension_path import ExtensionPath
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.replies import Reply
from sandbox.azure.locks import locks
from sandbox.azure.model import Model
from sandbox.azure.registry import check_type_version
from sandbox.azure.roles.access import Access
from sandbox.azure.roles.scopes import check_scope, covers

_VERBS: Final = {"GET": "read", "PUT": "write", "DELETE": "delete"}


class LockRequests:
    """Answers requests to Microsoft.Authorization/locks."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def handle(self, request: ArmRequest, path: ExtensionPath, access: Access) -> Reply:
        check_type_version(path.type, request.version)
        if request.method not in _VERBS or (request.method != "GET" and not path.name):
            raise method_not_supported(request.method)
        access.check(f"{path.type}/{_VERBS[request.method]}", path.scope)
        check_scope(self._model, path.scope)
        store = self._model.store
        if not path.name:
            found = [each for each in locks.every(store) if self._listed(request, path.scope, each.scope)]
            return Reply(200, {"value": [each.shown() for each in found]})
        with store.transaction():
            if request.method == "PUT":
                lock, new = locks.put(store, path.scope, path.name, request.content())
                return Reply(201 if new else 200, lock.shown())
            lock = locks.find(store, path.scope, path.name)
            if request.method == "DELETE":
                if lock is None:
                    return Reply(204)
                locks.delete(store, lock)
                return Reply(200)
            if lock is None:
                raise ArmError(404, "LockNotFound", f"The lock '{path.name}' could not be found.")
            return Reply(200, lock.shown())

    def _listed(self, request: ArmRequest, scope: str, locked: str) -> bool:
        """Return True for locks at a scope and below; with `atScope()` for those that hold there."""
        return covers(locked, scope) if "atscope()" in request.filter.lower() else covers(scope, locked)
