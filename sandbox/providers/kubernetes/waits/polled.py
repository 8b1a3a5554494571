"""Objects whose readiness one look at them decides. Their time limits are fixed, whatever the program's timeout."""

from typing import Any

from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.errors import ApiError
from sandbox.providers.kubernetes.kinds import GroupVersionKind
from sandbox.providers.kubernetes.waits.condition import POLLING, Condition, NotReadyError, StatusLog
from sandbox.providers.kubernetes.waits.watching import Event

Json = dict[str, Any]

_STORAGE_CLASS = GroupVersionKind("storage.k8s.io", "v1", "StorageClass")


class _Polled(Condition):
    """An object that the genuine plugin polls: its end is the end of the wait."""

    phrases = POLLING

    def seen(self, event: Event) -> None:
        """Give up on an object that is deleted meanwhile."""
        if event.type == "DELETED":
            raise NotReadyError(f'{self.kind.kind.lower()}s "{self.name}" not found', (), self.live)


class VolumeAvailable(_Polled):
    """A PersistentVolume that a claim can have, or has."""

    def met(self) -> bool:
        """Whether it is available or bound."""
        phase = (self.live.get("status") or {}).get("phase")
        if phase == "Available":
            self.status("info", "✅ PV marked available")
        elif phase == "Bound":
            self.status("info", "✅ PV has been bound")
        return phase in ("Available", "Bound")


class ClaimReady(_Polled):
    """A PersistentVolumeClaim that is bound, or that waits for its first consumer as its class says."""

    def __init__(self, live: Json, status: StatusLog, cluster: Cluster) -> None:
        super().__init__(live, status)
        self._cluster = cluster
        self._binding = ""

    def met(self) -> bool:
        """Whether a Pod may use it."""
        self._binding = self._binding or self._binding_mode()
        phase = (self.live.get("status") or {}).get("phase")
        return phase == "Bound" or (phase == "Pending" and self._binding == "WaitForFirstConsumer")

    def _binding_mode(self) -> str:
        storage_class = self.live["spec"].get("storageClassName")
        if not storage_class:
            self.status("warning", f'no storage class found for "{self.name}"')
            return ""
        try:
            found = self._cluster.api.get(_STORAGE_CLASS, "", storage_class)
        except ApiError as error:
            self.status("warning", f'getting storageclass "{storage_class}": {error}')
            return ""
        return str(found.get("volumeBindingMode") or "")


class QuotaCounted(_Polled):
    """A ResourceQuota that its controller has taken up."""

    def met(self) -> bool:
        """Whether the status repeats the limits."""
        hard = (self.live.get("spec") or {}).get("hard")
        return hard is not None and (self.live.get("status") or {}).get("hard") == hard


class TokenIssued(_Polled):
    """A Secret of a service account's token."""

    def met(self) -> bool:
        """Whether there is any data."""
        return bool(self.live.get("data"))


class ReplicasAvailable(_Polled):
    """A ReplicationController with all its Pods."""

    def met(self) -> bool:
        """Whether as many are available as wanted."""
        available = (self.live.get("status") or {}).get("availableReplicas")
        return available is not None and available == (self.live.get("spec") or {}).get("replicas")
