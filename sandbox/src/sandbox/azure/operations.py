"""Asynchronous operations: when they started, when they end, how they ended."""

import json
import sqlite3
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.azure.errors import ArmError
from sandbox.azure.store import Store

Kind = Literal["create", "update", "patch", "delete"]
"""What started an operation: `patch` is an update by PATCH, which Azure NetApp Files tells from one by PUT."""

Status = Literal["InProgress", "Succeeded", "Failed", "Canceled"]


@dataclass(frozen=True)
class Operation:
    """One operation on one resource. While it is InProgress, `error` is the failure that a fault holds ready."""

    id: str
    resource: str
    """The id of its resource, in its own case."""
    kind: Kind
    status: Status
    started: float
    due: float
    error: ArmError | None
    previous: dict[str, Any] | None
    """For an update: the properties to go back to if it fails."""

    @property
    def target(self) -> str:
        """The key of its resource."""
        return self.resource.lower()


def plain_kind(kind: Kind) -> Kind:
    """Return the kind by which durations, faults and the rules of types know it: a PATCH is an update."""
    return "update" if kind == "patch" else kind


class Operations:
    """The operations of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(
        self,
        resource: str,
        kind: Kind,
        now: float,
        seconds: float,
        *,
        failure: ArmError | None = None,
        previous: dict[str, Any] | None = None,
    ) -> Operation:
        operation = Operation(str(uuid.uuid4()), resource, kind, "InProgress", now, now + seconds, failure, previous)
        error, before = _json(failure and failure.stored()), _json(previous)
        row = vars(operation) | {"error": error, "previous": before}
        self._store.query("INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *row.values())
        return operation

    def end(self, operation: Operation, status: Status, error: ArmError | None = None) -> None:
        sql = "UPDATE operations SET status = ?, error = ?, previous = NULL WHERE id = ?"
        self._store.query(sql, status, _json(error and error.stored()), operation.id)

    def forget(self, before: float) -> None:
        """Forget the operations that ended before a time."""
        sql = "DELETE FROM operations WHERE status IN ('Succeeded', 'Failed', 'Canceled') AND due < ?"
        self._store.query(sql, before)

    def find(self, operation_id: str) -> Operation | None:
        rows = self._store.query("SELECT * FROM operations WHERE id = ?", operation_id.lower())
        return _operation(rows[0]) if rows else None

    def due(self, now: float) -> list[Operation]:
        sql = "SELECT * FROM operations WHERE status = 'InProgress' AND due <= ? ORDER BY due, started"
        return [_operation(row) for row in self._store.query(sql, now)]

    def pending(self, target: str | None = None) -> list[Operation]:
        sql, values = "SELECT * FROM operations WHERE status = 'InProgress'", []
        if target is not None:
            sql, values = f"{sql} AND lower(target) = ?", [target]
        return [_operation(row) for row in self._store.query(f"{sql} ORDER BY due", *values)]


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value)


def _operation(row: sqlite3.Row) -> Operation:
    kept = dict(row)
    kept["resource"] = kept.pop("target")
    kept["error"] = ArmError.restored(json.loads(row["error"])) if row["error"] else None
    kept["previous"] = json.loads(row["previous"]) if row["previous"] else None
    return Operation(**kept)
