"""Requests about locks."""

from typing import Any

from sandbox.azure.errors import ArmError
from sandbox.azure.extension_path import ExtensionPath
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.attached_requests import AttachedRequests
from sandbox.azure.locks import locks
from sandbox.azure.locks.locks import Lock
from sandbox.azure.roles.scopes import covers
from sandbox.azure.store import Store


class LockRequests(AttachedRequests[Lock]):
    """Answers requests to Microsoft.Authorization/locks."""

    def listed(self, store: Store, scope: str, request: ArmRequest) -> list[Lock]:
        """Return the locks at a scope and below; with `atScope()` those that hold there."""
        if "atscope()" in request.filter.lower():
            return [each for each in locks.every(store) if covers(each.scope, scope)]
        return [each for each in locks.every(store) if covers(scope, each.scope)]

    def put(self, store: Store, path: ExtensionPath, body: dict[str, Any]) -> tuple[Lock, bool]:
        return locks.put(store, path.scope, path.name, body)

    def find(self, store: Store, path: ExtensionPath) -> Lock | None:
        return locks.find(store, path.scope, path.name)

    def delete(self, store: Store, found: Lock) -> None:
        locks.delete(store, found)

    def missing(self, path: ExtensionPath) -> ArmError:
        return ArmError(404, "LockNotFound", f"The lock '{path.name}' could not be found.")
