"""A Service: its endpoints are settled, and it has its address."""

import time
from typing import Any

from sandbox.providers.kubernetes.kinds import GroupVersionKind
from sandbox.providers.kubernetes.waits.condition import READINESS, Condition, StatusLog
from sandbox.providers.kubernetes.waits.watching import Event, Watched

_ENDPOINTS = GroupVersionKind("", "v1", "Endpoints")


class ServiceReady(Condition):
    """Waits for a Service's Pods and address. Headless, external and selectorless ones have no Pods to wait for."""

    phrases = READINESS

    def __init__(self, live: dict[str, Any], status: StatusLog, settle: float) -> None:
        super().__init__(live, status)
        self._settle = settle
        self._settled_at: float | None = None
        self._ready = False
        self._pending = False
        self.status("info", "[1/3] Finding Pods to direct traffic to")

    def watched(self) -> list[Watched]:
        """The Service and the Endpoints of its name."""
        return [self.itself, Watched(_ENDPOINTS, self.namespace, f"metadata.name={self.name}")]

    def seen_other(self, event: Event) -> None:
        """Count addresses anew; after each change stragglers get some time."""
        subsets: list[dict[str, Any]] = [] if event.type == "DELETED" else event.object.get("subsets") or []
        self._ready = any(subset.get("addresses") for subset in subsets)
        self._pending = any(subset.get("notReadyAddresses") for subset in subsets)
        self._settled_at = time.monotonic() + self._settle

    def due(self) -> float | None:
        """When the endpoints have settled."""
        return self._settled_at if self._settled_at and self._settled_at > time.monotonic() else None

    def met(self) -> bool:
        """Whether traffic can come and go."""
        if not self._needs_pods:
            return self._has_address
        settled = self._settled_at is not None and time.monotonic() >= self._settled_at
        if self._has_address and settled and not self._pending:
            self.status("info", "Service initialization complete")
            return True
        if settled and self._ready:
            self.status("info", "[2/3] Attempting to allocate IP address to Service")
        return False

    def reasons(self) -> list[str]:
        """What is missing."""
        spec = self.live["spec"]
        if spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName":
            return []
        reasons: list[str] = []
        if not self._ready:
            reasons.append(
                "Service does not target any Pods. Selected Pods may not be ready, or "
                "field '.spec.selector' may not match labels on any Pods"
            )
        if not self._has_address:
            reasons.append("Service was not allocated an IP address; does your cloud provider support this?")
        return reasons

    @property
    def _has_address(self) -> bool:
        if self.live["spec"].get("type") != "LoadBalancer":
            return True
        return bool(((self.live.get("status") or {}).get("loadBalancer") or {}).get("ingress"))

    @property
    def _needs_pods(self) -> bool:
        spec = self.live["spec"]
        return not (spec.get("type") == "ExternalName" or spec.get("clusterIP") == "None" or not spec.get("selector"))
