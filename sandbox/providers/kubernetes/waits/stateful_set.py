"""A StatefulSet: all replicas ready, of the newest revision."""

from typing import Any

from sandbox.providers.kubernetes.waits.condition import POD, READINESS, Condition, StatusLog
from sandbox.providers.kubernetes.waits.pod import owned_by, pod_warnings
from sandbox.providers.kubernetes.waits.watching import Event, Watched

Json = dict[str, Any]


class StatefulSetReady(Condition):
    """Waits for a StatefulSet's rollout."""

    phrases = READINESS

    def __init__(self, live: Json, status: StatusLog) -> None:
        super().__init__(live, status)
        self._pods: dict[str, Json] = {}

    def watched(self) -> list[Watched]:
        """The StatefulSet and its namespace's Pods."""
        return [self.itself, Watched(POD, self.namespace, essential=False)]

    def seen_other(self, event: Event) -> None:
        """Keep the set's Pods, and tell of their troubles."""
        name = event.object["metadata"]["name"]
        if event.type == "DELETED":
            self._pods.pop(name, None)
        elif owned_by(event.object, self.live):
            self._pods[name] = event.object
            for warning in pod_warnings(event.object):
                self.status("warning", warning)

    def met(self) -> bool:
        """Whether the controller has seen the present generation and finished it."""
        if self._replicas_ready and self._revision_ready:
            self.status("info", "StatefulSet initialization complete")
            return True
        counts = f"({self._ready_count}/{self._wanted} Pods ready)"
        if self._generation_now <= 1:
            self.status("info", f"[1/2] Waiting for StatefulSet to create Pods {counts}")
        elif not self._replicas_ready:
            self.status("info", f"[1/3] Waiting for StatefulSet update to roll out {counts}")
        else:
            self.status("info", "[2/3] Waiting for StatefulSet to update .status.currentRevision")
        return False

    def reasons(self) -> list[str]:
        """What is missing, and what the Pods say."""
        reasons: list[str] = []
        if not self._replicas_ready:
            reasons.append(f"{self._ready_count} out of {self._wanted} replicas succeeded readiness checks")
        if not self._revision_ready:
            current, updated = self._status.get("currentRevision", ""), self._status.get("updateRevision", "")
            reasons.append(
                f'StatefulSet controller failed to advance from revision "{current}" to revision "{updated}"'
            )
        return reasons + [warning for pod in self._pods.values() for warning in pod_warnings(pod)]

    @property
    def _status(self) -> Json:
        """The status, once it is about the present generation."""
        status = self.live.get("status") or {}
        return status if status.get("observedGeneration", 0) >= self._generation_now else {}

    @property
    def _generation_now(self) -> int:
        return int(self.live["metadata"].get("generation") or 0)

    @property
    def _wanted(self) -> int:
        return int(self.live["spec"].get("replicas", 1))

    @property
    def _by_hand(self) -> bool:
        """With OnDelete, Pods take up an update only when someone deletes them."""
        strategy = self.live["spec"].get("updateStrategy") or {}
        return self._generation_now > 1 and strategy.get("type") == "OnDelete"

    @property
    def _revision_ready(self) -> bool:
        if self._by_hand:
            return bool(self._status)
        current = self._status.get("currentRevision")
        return bool(current) and current == self._status.get("updateRevision")

    @property
    def _replicas_ready(self) -> bool:
        if not self._status:
            return False
        members = ("replicas", "readyReplicas") + (() if self._by_hand else ("currentReplicas",))
        return all(self._status.get(member, 0) == self._wanted for member in members)

    @property
    def _ready_count(self) -> int:
        ready = int(self._status.get("readyReplicas", 0))
        return ready if self._revision_ready else min(ready, int(self._status.get("updatedReplicas", 0)))
