"""State of the emulator in one SQLite file: resources, operations, faults, roles, locks, the directory's users.

Every change is a transaction in write-ahead mode, and an operation is stored with the time it ends rather than awaited
by a timer, so a SIGKILL at any moment loses nothing. Other processes may open the same file.
"""

import json
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sandbox.azure.criteria import EVERYTHING, Criteria, property_text, property_value
from sandbox.azure.ids import ResourceId

_BUSY_SECONDS: Final = 30.0
_COLUMNS: Final = ("location", "state", "etag", "ready", "vanishes")
_DOCUMENT: Final = ("properties", "tags", "private", "envelope")
_OF_CHILDREN: Final = ("usageThreshold", "throughputMibps", "networkFeatures")
"""Properties that an index has of all children of a resource: what volumes take of their pool is asked often."""

_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS resources (
    key TEXT PRIMARY KEY, parent TEXT NOT NULL, type TEXT NOT NULL, subscription TEXT NOT NULL, id TEXT NOT NULL,
    location TEXT NOT NULL, state TEXT NOT NULL, etag TEXT NOT NULL, ready INTEGER NOT NULL, vanishes REAL,
    document TEXT NOT NULL, number INTEGER NOT NULL
);
DROP INDEX IF EXISTS resources_by_parent;  -- an earlier version's; the next one has its place
CREATE INDEX IF NOT EXISTS resources_of_parent ON resources (
    parent, number, key, {", ".join(map(property_value, _OF_CHILDREN))}
);
CREATE INDEX IF NOT EXISTS resources_below ON resources (type, key, {property_text("protocolTypes")});
CREATE INDEX IF NOT EXISTS resources_by_type ON resources (type, subscription);
CREATE INDEX IF NOT EXISTS resources_by_subnet ON resources (type, {property_text("subnetId")});
CREATE INDEX IF NOT EXISTS resources_by_share ON resources (type, {property_text("creationToken")});
CREATE INDEX IF NOT EXISTS resources_by_number ON resources (number);
CREATE TABLE IF NOT EXISTS operations (
    id TEXT PRIMARY KEY, target TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, started REAL NOT NULL,
    due REAL NOT NULL, error TEXT, previous TEXT
);
CREATE INDEX IF NOT EXISTS operations_by_status ON operations (status, due);
CREATE TABLE IF NOT EXISTS faults (
    number INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, remaining INTEGER
);
CREATE TABLE IF NOT EXISTS directory_users (
    domain TEXT NOT NULL, user TEXT NOT NULL, salt BLOB NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (domain, user)
);
CREATE TABLE IF NOT EXISTS directory_states (
    domain TEXT NOT NULL, user TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (domain, user)
);
CREATE TABLE IF NOT EXISTS domain_controllers (
    domain TEXT NOT NULL, address TEXT NOT NULL, network TEXT NOT NULL, PRIMARY KEY (address, network)
);
CREATE TABLE IF NOT EXISTS node_pools (cluster TEXT PRIMARY KEY, id TEXT NOT NULL, subnet TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS clusters (key TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS agent_pools (name TEXT PRIMARY KEY, number INTEGER NOT NULL, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS aks_operations (id TEXT PRIMARY KEY, started REAL NOT NULL, due REAL NOT NULL);
CREATE TABLE IF NOT EXISTS estate (number INTEGER PRIMARY KEY CHECK (number = 1));
CREATE TABLE IF NOT EXISTS locks (
    scope TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (scope, name)
);
CREATE TABLE IF NOT EXISTS diagnostic_settings (
    scope TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (scope, name)
);
CREATE TABLE IF NOT EXISTS role_definitions (id TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS role_assignments (
    name TEXT PRIMARY KEY, scope TEXT NOT NULL, principal TEXT NOT NULL, role TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS role_assignments_by_principal ON role_assignments (principal);
"""


@dataclass
class Resource:
    """A resource as it is kept. No response shows `private` (digests of passwords)."""

    id: ResourceId
    location: str
    properties: dict[str, Any]
    tags: dict[str, str] | None = None
    state: str = "Succeeded"
    etag: str = ""
    ready: bool = False
    """Its creation has succeeded once."""
    vanishes: float | None = None
    """While it is being deleted: when a GET starts to answer 404, some time before its parent may go."""
    private: dict[str, Any] = field(default_factory=dict[str, Any])
    envelope: dict[str, Any] = field(default_factory=dict[str, Any])
    """The fields beside the properties: zones, identity, managedBy."""


class Store:
    """The database file. `transaction` makes several statements one change."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._seen = threading.local()
        # Digests of passwords are in it, so it is nobody else's to read; SQLite gives its other files the same mode.
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Commit all or nothing, alone among the writers of all processes. May be nested."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            end = "ROLLBACK"
            try:
                yield
                end = "COMMIT"
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute(end)

    @contextmanager
    def reading(self) -> Generator[None]:
        """Find each resource once, for a long answer of which many parts need the same one; nothing is changed then."""
        self._seen.by_key = {}
        try:
            yield
        finally:
            del self._seen.by_key

    def query(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def save(self, resource: Resource) -> None:
        """Insert or replace a resource; its place in listings stays that of its first appearance."""
        key, subscription = resource.id.key, resource.id.subscription.lower()
        parent = resource.id.parent.key if resource.id.types else f"/subscriptions/{subscription}"
        columns = [getattr(resource, name) for name in _COLUMNS]
        document = json.dumps({name: getattr(resource, name) for name in _DOCUMENT})
        row = [key, parent, resource.id.type.lower(), subscription, str(resource.id), *columns, document, key]
        sql = (
            "INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce("
            "(SELECT number FROM resources WHERE key = ?), (SELECT coalesce(max(number), 0) + 1 FROM resources)))"
        )
        self.query(sql, *row)

    def find(self, key: str) -> Resource | None:
        """Return the resource of that key (`ResourceId.key`), also one that is being deleted."""
        seen: dict[str, Resource | None] | None = getattr(self._seen, "by_key", None)
        if seen is not None and key in seen:
            return seen[key]
        rows = self.query("SELECT * FROM resources WHERE key = ?", key)
        found = _resource(rows[0]) if rows else None
        if seen is not None:
            seen[key] = found
        return found

    def existing(self, key: str) -> Resource:
        """Return the resource of a key that must be there."""
        if found := self.find(key):
            return found
        raise LookupError(f"{key} was there a moment ago")

    def remove(self, key: str) -> None:
        self.query("DELETE FROM resources WHERE key = ?", key)

    def children(self, key: str) -> list[Resource]:
        return [_resource(r) for r in self.query("SELECT * FROM resources WHERE parent = ? ORDER BY number", key)]

    def count_children(self, key: str) -> int:
        return int(self.query("SELECT count(*) AS number FROM resources WHERE parent = ?", key)[0]["number"])

    def children_with(self, key: str, *names: str, but: str = "") -> list[dict[str, Any]]:
        """Return some of the properties of each child of a resource but one, without those that it does not have."""
        values = ", ".join(map(property_value, names))
        sql = f"SELECT {values} FROM resources WHERE parent = ? AND key <> ? ORDER BY number"  # noqa: S608
        every = [zip(names, row, strict=True) for row in self.query(sql, key, but)]
        return [{name: value for name, value in some if value is not None} for some in every]

    def of_type(self, type_name: str, criteria: Criteria = EVERYTHING) -> list[Resource]:
        condition, values = criteria.condition(type_name)
        sql = f"SELECT * FROM resources WHERE {condition} ORDER BY number"  # noqa: S608  the values are no part of it
        return [_resource(row) for row in self.query(sql, *values)]

    def first_of_type(self, type_name: str, criteria: Criteria = EVERYTHING) -> Resource | None:
        """Return the one of them that appeared first."""
        condition, values = criteria.condition(type_name)
        sql = f"SELECT * FROM resources WHERE {condition} ORDER BY number LIMIT 1"  # noqa: S608
        rows = self.query(sql, *values)
        return _resource(rows[0]) if rows else None

    def texts_of_type(self, type_name: str, name: str, criteria: Criteria = EVERYTHING) -> list[str]:
        """Return the different texts of a property, in lower case."""
        condition, values = criteria.condition(type_name)
        sql = f"SELECT DISTINCT {property_text(name)} AS text FROM resources WHERE {condition}"  # noqa: S608
        return [row["text"] for row in self.query(sql, *values) if row["text"] is not None]

    def subscriptions(self) -> list[str]:
        return [row["subscription"] for row in self.query("SELECT DISTINCT subscription FROM resources ORDER BY 1")]


def _resource(row: sqlite3.Row) -> Resource:
    columns = {name: row[name] for name in _COLUMNS} | {"ready": bool(row["ready"])}
    return Resource(id=ResourceId.parse(row["id"]), **columns, **json.loads(row["document"]))
