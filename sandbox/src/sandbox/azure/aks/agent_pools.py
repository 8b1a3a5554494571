"""The node pools of the sandbox's control plane, which plays every cluster: all clusters have the same ones.

Shapes: recordings of Azure/azure-cli, command_modules/acs, test_aks_create_scale_with_custom_nodepool_name_msi.
"""

import json
import re
import uuid
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sandbox.azure.errors import ArmError, invalid_content
from sandbox.azure.shapes import mapping, timestamp
from sandbox.azure.store import Store

AGENT_POOLS: Final = "Microsoft.ContainerService/managedClusters/agentPools"
_DELETED: Final = "Deleted"
_MOST_NODES: Final = 1000
_MACHINES: Final = {
    "Linux": {
        "vmSize": "Standard_D4s_v5",
        "osSKU": "Ubuntu",
        "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202510.19.1",
    },
    "Windows": {
        "vmSize": "Standard_D8s_v5",
        "osSKU": "Windows2025",
        "nodeImageVersion": "AKSWindows-2025-gen2-26100.33438.260909",
    },
}
"""What every node of an operating system is: another size or image is not played.

From Kubernetes 1.37 on Windows nodes are of Windows Server 2025 alone (Azure/AKS, release 2026-06-19, and issue 5904).
"""
_NAMES: Final = {"Linux": re.compile(r"[a-z][a-z0-9]{0,11}"), "Windows": re.compile(r"[a-z][a-z0-9]{0,5}")}
_FIXED: Final = ("osType", "vmSize", "vnetSubnetID")


@dataclass(frozen=True)
class AgentPool:
    """One pool. `state` holds until `due`; then it is Succeeded, or gone."""

    name: str
    os_type: str
    mode: str
    count: int
    state: str = "Creating"
    due: float = 0.0
    operation: str = ""
    number: int = 0
    """Its place in the order of creation."""

    def state_at(self, now: float) -> str:
        """Return its provisioning state; `Deleted` for one that is gone."""
        over = _DELETED if self.state == "Deleting" else "Succeeded"
        return over if now >= self.due else self.state

    def shown(self, now: float, version: str | None, subnet: str | None) -> dict[str, Any]:
        """Return its properties, at a version of Kubernetes and in a subnet, where they are known."""
        return {
            "count": self.count,
            **_MACHINES[self.os_type],
            "osDiskSizeGB": 128,
            "osDiskType": "Managed",
            "kubeletDiskType": "OS",
            "maxPods": 110,
            "type": "VirtualMachineScaleSets",
            "enableAutoScaling": False,
            "provisioningState": self.state_at(now),
            "powerState": {"code": "Running"},
            **({"orchestratorVersion": version, "currentOrchestratorVersion": version} if version else {}),
            "enableNodePublicIP": False,
            "mode": self.mode,
            "osType": self.os_type,
            "upgradeSettings": {},
            "enableFIPS": self.os_type == "Windows",  # Windows Server 2025 has no other image
            **({"vnetSubnetID": subnet} if subnet else {}),
        }


FIRST: Final = (
    AgentPool("nodepool1", "Linux", "System", 1, number=0),
    AgentPool("win", "Windows", "User", 2, number=1),
)
"""The pools of a new sandbox."""


class AgentPools:
    """The pools in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        for pool in FIRST:
            sql = "INSERT OR IGNORE INTO agent_pools VALUES (?, ?, ?)"
            store.query(sql, pool.name, pool.number, json.dumps(asdict(pool)))

    def every(self, now: float) -> list[AgentPool]:
        """Return those that are there, in the order of their creation."""
        rows = self._store.query("SELECT document FROM agent_pools ORDER BY number")
        pools = [AgentPool(**json.loads(row["document"])) for row in rows]
        return [pool for pool in pools if pool.state_at(now) != _DELETED]

    def find(self, name: str, now: float) -> AgentPool | None:
        return next((pool for pool in self.every(now) if pool.name == name.lower()), None)

    def put(self, name: str, wanted: dict[str, Any], now: float, seconds: float) -> tuple[AgentPool, bool]:
        """Create a pool, or scale it; return it, and True for a new one."""
        before = self.find(name, now)
        self._check_idle(now)
        if before is None:
            system = str(wanted.get("osType") or "Linux").capitalize()
            _check_new(name, system)
            pool = AgentPool(name, system, "User", 1, number=self._next())
        else:
            pool = replace(before, state="Updating")
            _check_change(before, wanted, before.shown(now, None, None))
        mode, count = wanted.get("mode", pool.mode), wanted.get("count", pool.count)
        if mode not in {"System", "User"} or not isinstance(count, int):
            raise invalid_content("mode must be System or User, and count a number")
        least = 1 if mode == "System" else 0
        if not least <= count <= _MOST_NODES:
            text = f"The value of parameter agentPoolProfile.count is invalid: {least} to {_MOST_NODES} are allowed."
            # Guess: the words for a count out of range.
            raise ArmError(400, "InvalidParameter", text)
        if before is not None and count != before.count:
            pool = replace(pool, state="Scaling")
        saved = replace(pool, mode=mode, count=count, due=now + seconds, operation=str(uuid.uuid4()))
        self._save(saved)
        return saved, before is None

    def delete(self, pool: AgentPool, now: float, seconds: float) -> AgentPool:
        self._check_idle(now)
        if pool.mode == "System" and [each.mode for each in self.every(now)].count("System") == 1:
            # Guess: the words for the deletion of the last system pool.
            text = f"There has to be at least one system agent pool: '{pool.name}' cannot be deleted."
            raise ArmError(400, "OperationNotAllowed", text)
        saved = replace(pool, state="Deleting", due=now + seconds, operation=str(uuid.uuid4()))
        self._save(saved)
        return saved

    def operation(self, operation_id: str, now: float) -> dict[str, Any] | None:
        """Return the state of an operation as AKS shows it; None if it is none of a pool's."""
        rows = self._store.query("SELECT started, due FROM aks_operations WHERE id = ?", operation_id.lower())
        if not rows:
            return None
        started, due = rows[0]["started"], rows[0]["due"]
        shown: dict[str, Any] = {"name": operation_id, "startTime": timestamp(started)}
        over = {"status": "Succeeded", "endTime": timestamp(due)} if now >= due else {"status": "InProgress"}
        return {**shown, **over}

    def start(self, operation_id: str, now: float, seconds: float) -> None:
        """Record an operation of a pool, or of a cluster."""
        self._store.query("INSERT INTO aks_operations VALUES (?, ?, ?)", operation_id, now, now + seconds)

    def _check_idle(self, now: float) -> None:
        """A cluster does one thing at a time. Source: learn.microsoft.com/troubleshoot/azure/azure-kubernetes."""
        for pool in self.every(now):
            if now < pool.due:
                text = (
                    "Operation is not allowed because there's an in progress operation on agent pool "
                    f"'{pool.name}' ({pool.state}). Please wait for it to finish before starting a new operation."
                )
                raise ArmError(409, "OperationNotAllowed", text)

    def _next(self) -> int:
        return self._store.query("SELECT max(number) AS last FROM agent_pools")[0]["last"] + 1

    def _save(self, pool: AgentPool) -> None:
        self._store.query(
            "INSERT OR REPLACE INTO agent_pools VALUES (?, ?, ?)", pool.name, pool.number, json.dumps(asdict(pool))
        )


def properties_in(body: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a PUT of a pool that say something."""
    properties = mapping(body.get("properties"), "properties")
    return {name: value for name, value in properties.items() if value not in (None, "", [], {})}


def _check_new(name: str, system: str) -> None:
    if system not in _NAMES:
        raise invalid_content(f"osType is Linux or Windows, not {system}")
    if not _NAMES[system].fullmatch(name):
        # Guess: the words for a pool's name; the limits are documented.
        text = (
            f"The value of parameter agentPoolProfile.name is invalid: '{name}' is not of the form "
            f"{_NAMES[system].pattern}. Please see https://aka.ms/aks-naming-rules for more details."
        )
        raise ArmError(400, "InvalidParameter", text)


def _check_change(before: AgentPool, wanted: dict[str, Any], shown: dict[str, Any]) -> None:
    """Source: learn.microsoft.com/azure/aks/troubleshooting, PropertyChangeNotAllowed."""
    for name in _FIXED:
        if name in wanted and name in shown and str(wanted[name]).lower() != str(shown[name]).lower():
            text = f"Changing property 'properties.{name}' is not allowed."
            raise ArmError(400, "PropertyChangeNotAllowed", text)
    if wanted.get("enableAutoScaling"):
        raise ArmError(400, "InvalidParameter", f"The sandbox does not play autoscaling (pool '{before.name}').")
