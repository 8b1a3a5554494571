"""Faults to order: what the sandbox makes go wrong, and how often. They act at once on a running sandbox.

Azure's are matched by resource type and operation, in the order in which they were set. Phase `request` answers the
request itself; phase `operation` lets the request be accepted and the asynchronous operation fail. Those of the nodes
and of Trident stand by their names until they are cleared.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Final, Literal

from sandbox.azure.errors import ArmError
from sandbox.azure.store import Store

FaultOperation = Literal["create", "update", "delete", "read", "list", "action", "token", "*"]
Phase = Literal["request", "operation"]

_OPERATIONS: Final = ("create", "update", "delete", "read", "list", "action", "token", "*")


@dataclass(frozen=True)
class Fault:
    """A fault. `code` None with a `delay` only makes matching operations slower (seconds)."""

    type: str = "*"
    operation: FaultOperation = "*"
    phase: Phase = "request"
    status: int = 500
    code: str | None = "InternalServerError"
    message: str = "An error occurred while processing the request."
    times: int | None = 1
    """How many matching operations it hits; None: all, until cleared."""
    delay: float = 0.0
    retry_after: float | None = None
    name: str = ""
    """Of a fault of the nodes or of Trident: no operation of Azure's matches it."""

    def __post_init__(self) -> None:
        if self.operation not in _OPERATIONS:
            raise ValueError(f"operation {self.operation!r} is not one of {', '.join(_OPERATIONS)}")
        if self.phase not in {"request", "operation"}:
            raise ValueError(f"phase {self.phase!r} is neither request nor operation")
        if self.times is not None and self.times < 1:
            raise ValueError(f"times is {self.times}: it must be at least 1, or None for all")
        if not 400 <= self.status <= 599:
            raise ValueError(f"status {self.status} is not that of an error (400 to 599)")
        if self.delay < 0:
            raise ValueError(f"delay is {self.delay} s: it must not be negative")

    def matches(self, type_name: str, operation: str) -> bool:
        """Return True for an operation, on a resource of a type, that it is meant for."""
        return not self.name and self.type.lower() in {"*", type_name.lower()} and self.operation in {"*", operation}

    def error(self) -> ArmError | None:
        """The error it answers with, if it is more than a delay."""
        if self.code is None:
            return None
        return ArmError(self.status, self.code, self.message, retry_after=self.retry_after)


VOLUMES: Final = "Microsoft.NetApp/netAppAccounts/capacityPools/volumes"

PRESETS: Final = {
    "dns": Fault(
        VOLUMES,
        "create",
        "operation",
        500,
        "InternalServerError",
        "Error when creating - Could not query DNS server. Verify that the network configuration is correct and that "
        "DNS servers are available.",
    ),
    "throttle": Fault(
        status=429,
        code="TooManyRequests",
        message="The request is being throttled as the limit has been reached for operation type.",
        retry_after=1.0,
    ),
    "server-error": Fault(),
    "conflict": Fault(
        VOLUMES,
        "create",
        status=409,
        code="Conflict",
        message="Unable to create volume. Another volume creation is in progress. Please try again in a few minutes.",
    ),
    "late-conflict": Fault(
        VOLUMES,
        "create",
        "operation",
        409,
        "Conflict",
        "Unable to create volume. Another volume creation is in progress. Please try again in a few minutes.",
    ),
    "no-capacity": Fault(
        VOLUMES,
        "create",
        "operation",
        500,
        "InternalServerError",
        "There are currently insufficient resources available to create a volume in this region. Please retry the "
        "operation. If the problem persists, contact Support.",
    ),
    "role-spread": Fault(
        "Microsoft.Authorization/roleAssignments",
        "create",
        status=404,
        code="RoleDefinitionDoesNotExist",
        message="The specified role definition with ID does not exist.",
    ),
    "principal-spread": Fault(
        "Microsoft.Authorization/roleAssignments",
        "create",
        status=400,
        code="PrincipalNotFound",
        message="Principal does not exist in the directory. Check that you have the correct principal ID. If you are "
        "creating this principal and then immediately assigning a role, this error might be related to a replication "
        "delay.",
    ),
    "slow": Fault(operation="create", phase="operation", code=None, delay=90.0),
}
"""Azure's faults by the names that `python -m sandbox faults` knows."""

NODES_DNS: Final = "nodes-dns"
"""The nodes resolve no name of the directory's domain, as in a virtual network with other DNS servers."""
TRIDENT_CRDS_LATE: Final = "trident-crds-late"
"""The operator creates its CustomResourceDefinitions only some time after it has begun."""
TRIDENT_NEVER_INSTALLED: Final = "trident-never-installed"
"""The controller's Pod is held back, so that the orchestrator never becomes Installed."""

DIRECTORY_WITHOUT_RC4: Final = "directory-without-rc4"
"""The domain controllers take no RC4, as Windows does not since 2026: an SMB server joins with AES alone."""

STANDING: Final = {
    NODES_DNS: 0.0,
    TRIDENT_CRDS_LATE: 90.0,
    TRIDENT_NEVER_INSTALLED: 0.0,
    DIRECTORY_WITHOUT_RC4: 0.0,
}
"""The faults of the nodes, of Trident and of the directory, each with its seconds unless others are asked for."""


def set_fault(store: Store, fault: Fault) -> int:
    """Order a fault; returns the number by which it can be cleared."""
    with store.transaction():
        store.query("INSERT INTO faults (document, remaining) VALUES (?, ?)", json.dumps(asdict(fault)), fault.times)
        return int(store.query("SELECT last_insert_rowid() AS number")[0]["number"])


class StandingFaults:
    """The faults of the nodes and of Trident in one sandbox. Setting and reading may happen in different processes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def set(self, name: str, seconds: float | None = None) -> None:
        """Order a fault until it is cleared; KeyError where there is none of that name."""
        delay = STANDING[name] if seconds is None else seconds
        with self._store.transaction():
            self._clear({name})
            set_fault(self._store, Fault(type="", code=None, times=None, delay=delay, name=name))

    def all(self) -> dict[str, float]:
        """Return the faults in force, with their seconds."""
        return {fault.name: fault.delay for fault, _ in list_faults(self._store).values() if fault.name}

    def clear(self) -> None:
        """Withdraw them all."""
        self._clear(STANDING)

    def _clear(self, names: Collection[str]) -> None:
        for number, (fault, _) in list_faults(self._store).items():
            if fault.name in names:
                clear_faults(self._store, number)


def list_faults(store: Store) -> dict[int, tuple[Fault, int | None]]:
    """Faults in force, by number, each with how many times it will still act (None: until cleared)."""
    rows = store.query("SELECT * FROM faults ORDER BY number")
    return {row["number"]: (Fault(**json.loads(row["document"])), row["remaining"]) for row in rows}


def clear_faults(store: Store, number: int | None = None) -> int:
    """Withdraw one fault, or all; returns how many there were."""
    with store.transaction():
        found = [n for n in list_faults(store) if number is None or n == number]
        for each in found:
            store.query("DELETE FROM faults WHERE number = ?", each)
        return len(found)


def take_fault(store: Store, type_name: str, operation: str, phase: Phase) -> Fault | None:
    """The first fault meant for this operation, if any; counts it as used."""
    if not store.query("SELECT 1 FROM faults LIMIT 1"):  # the usual case, which need not wait for those who write
        return None
    with store.transaction():
        for number, (fault, remaining) in list_faults(store).items():
            if fault.phase != phase or not fault.matches(type_name, operation):
                continue
            if remaining == 1:
                store.query("DELETE FROM faults WHERE number = ?", number)
            elif remaining is not None:
                store.query("UPDATE faults SET remaining = remaining - 1 WHERE number = ?", number)
            return fault
    return None
