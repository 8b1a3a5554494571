"""Locks at a subscription, resource group or resource; they hold for all that is below.

Rules: learn.microsoft.com/azure/azure-resource-manager/management/lock-resources. Bodies: recordings of
Azure/azure-cli, command_modules/resource, test_cannotdelete_resource_group_lock.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.roles.scopes import covers, key
from sandbox.azure.shapes import mapping
from sandbox.azure.store import Store

LOCKS: Final = "Microsoft.Authorization/locks"
_CAN_NOT_DELETE: Final = "CanNotDelete"
_READ_ONLY: Final = "ReadOnly"
_LONGEST_NAME: Final = 260
_LONGEST_NOTES: Final = 512


@dataclass(frozen=True)
class Lock:
    """One lock. `properties` are its level and notes, `scope` is what it locks."""

    name: str
    scope: str
    properties: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.scope}/providers/{LOCKS}/{self.name}"

    def shown(self) -> dict[str, Any]:
        return {"properties": self.properties, "id": self.id, "type": LOCKS, "name": self.name}


def every(store: Store) -> list[Lock]:
    return [Lock(**json.loads(row["document"])) for row in store.query("SELECT document FROM locks ORDER BY rowid")]


def find(store: Store, scope: str, name: str) -> Lock | None:
    rows = store.query("SELECT document FROM locks WHERE scope = ? AND name = ?", key(scope), name.lower())
    return Lock(**json.loads(rows[0]["document"])) if rows else None


def put(store: Store, scope: str, name: str, body: dict[str, Any]) -> tuple[Lock, bool]:
    """Lock a scope; return the lock, and True for a new one."""
    properties = mapping(body.get("properties"), "properties")
    level, notes = properties.get("level"), properties.get("notes")
    spelled = next((each for each in (_CAN_NOT_DELETE, _READ_ONLY) if each.lower() == str(level).lower()), None)
    if spelled is None or len(name) > _LONGEST_NAME or (notes is not None and len(str(notes)) > _LONGEST_NOTES):
        # Guess: the code and words of a lock that is not valid.
        text = (
            f"The lock '{name}' is invalid: its level must be {_CAN_NOT_DELETE} or {_READ_ONLY} and is '{level}', its "
            f"name has at most {_LONGEST_NAME} characters, its notes {_LONGEST_NOTES}."
        )
        raise ArmError(400, "InvalidLock", text)
    new = find(store, scope, name) is None
    lock = Lock(name, scope, {"level": spelled, **({} if notes is None else {"notes": notes})})
    store.query("INSERT OR REPLACE INTO locks VALUES (?, ?, ?)", key(scope), name.lower(), json.dumps(asdict(lock)))
    return lock, new


def delete(store: Store, lock: Lock) -> None:
    store.query("DELETE FROM locks WHERE scope = ? AND name = ?", key(lock.scope), lock.name.lower())


def forget_scope(store: Store, scope: str) -> None:
    store.query("DELETE FROM locks WHERE scope = ?", key(scope))


def check(store: Store, method: str, scope: str) -> None:
    """Refuse a request that a lock forbids: a deletion, also of what is above a lock; with ReadOnly any change.

    Raises:
        ArmError: ScopeLocked.

    """
    if method in {"GET", "HEAD"}:
        return
    deleting = method == "DELETE"
    # Guess: a lock inside a resource keeps the resource as it keeps a resource group.
    standing = [
        lock.scope
        for lock in every(store)
        if (covers(lock.scope, scope) and (deleting or lock.properties["level"] == _READ_ONLY))
        or (deleting and covers(scope, lock.scope))
    ]
    if standing:
        verb, scopes = "delete" if deleting else "write", ",".join(dict.fromkeys(standing))
        text = (
            f"The scope '{scope}' cannot perform {verb} operation because following scope(s) are locked: '{scopes}'. "
            "Please remove the lock and try again."
        )
        raise ArmError(409, "ScopeLocked", text)
