"""Requests about what is attached to scopes by name, and is there or gone at once: locks, diagnostic settings."""

from abc import ABC, abstractmethod
from typing import Any, Final, Generic, Protocol, TypeVar

from sandbox.azure.errors import ArmError, method_not_supported
from sandbox.azure.extension_path import ExtensionPath
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.replies import Reply
from sandbox.azure.model import Model
from sandbox.azure.registry import check_type_version
from sandbox.azure.roles.access import Access
from sandbox.azure.roles.scopes import check_scope
from sandbox.azure.store import Store

_VERBS: Final = {"GET": "read", "PUT": "write", "DELETE": "delete"}


class Attached(Protocol):
    """What is attached."""

    def shown(self) -> dict[str, Any]:
        """Return it as a GET shows it."""
        ...


T = TypeVar("T", bound=Attached)


class AttachedRequests(ABC, Generic[T]):
    """Answers requests about one type."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @abstractmethod
    def listed(self, store: Store, scope: str, request: ArmRequest) -> list[T]:
        """Return what a list at a scope shows."""

    @abstractmethod
    def put(self, store: Store, path: ExtensionPath, body: dict[str, Any]) -> tuple[T, bool]:
        """Create or replace one; return it, and True if the answer says that it is new."""

    @abstractmethod
    def find(self, store: Store, path: ExtensionPath) -> T | None:
        """Return one; None where it is not there."""

    @abstractmethod
    def delete(self, store: Store, found: T) -> None:
        """Delete one."""

    @abstractmethod
    def missing(self, path: ExtensionPath) -> ArmError:
        """Return the refusal of a GET of one that is not there."""

    def handle(self, request: ArmRequest, path: ExtensionPath, access: Access) -> Reply:
        """Check the version and the right, and answer."""
        check_type_version(path.type, request.version)
        if request.method not in _VERBS or (request.method != "GET" and not path.name):
            raise method_not_supported(request.method)
        access.check(f"{path.type}/{_VERBS[request.method]}", path.scope)
        check_scope(self._model, path.scope)
        store = self._model.store
        if not path.name:
            return Reply(200, {"value": [each.shown() for each in self.listed(store, path.scope, request)]})
        with store.transaction():
            if request.method == "PUT":
                saved, new = self.put(store, path, request.content())
                return Reply(201 if new else 200, saved.shown())
            found = self.find(store, path)
            if request.method == "DELETE":
                if found is None:
                    return Reply(204)
                self.delete(store, found)
                return Reply(200)
            if found is None:
                raise self.missing(path)
            return Reply(200, found.shown())
