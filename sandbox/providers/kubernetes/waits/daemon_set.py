"""A DaemonSet: its Pods run on every node that it wants."""

from typing import Any, Final

from sandbox.providers.kubernetes.waits.condition import POD, Condition
from sandbox.providers.kubernetes.waits.pod import owned_by, pod_warnings
from sandbox.providers.kubernetes.waits.watching import Event, Watched

_COUNTS: Final = (
    ("Current", "currentNumberScheduled"),
    ("Updated", "updatedNumberScheduled"),
    ("Available", "numberAvailable"),
    ("Ready", "numberReady"),
)


class DaemonSetRolledOut(Condition):
    """Waits for a DaemonSet's rollout."""

    def watched(self) -> list[Watched]:
        """The DaemonSet and its namespace's Pods."""
        return [self.itself, Watched(POD, self.namespace, essential=False)]

    def seen_other(self, event: Event) -> None:
        """Tell of a Pod's trouble."""
        if event.type != "DELETED" and owned_by(event.object, self.live):
            for warning in pod_warnings(event.object):
                self.status("warning", warning)

    def met(self) -> bool:
        """Whether the status, of the present generation, counts every Pod."""
        lacking = _lacking(self.live)
        wanted = (self.live.get("status") or {}).get("desiredNumberScheduled", 0)
        self.status("info", lacking or f"All replicas scheduled as expected. Replicas: {wanted}")
        return not lacking


def _lacking(daemon_set: dict[str, Any]) -> str:
    status = daemon_set.get("status") or {}
    generation, observed = daemon_set["metadata"].get("generation"), status.get("observedGeneration")
    if observed is None:
        return "Missing .status.observedGeneration"
    if observed != generation:
        return f"DaemonSet generation is {generation}, but latest observed generation is {observed}"
    wanted = status.get("desiredNumberScheduled")
    if wanted is None:
        return "Missing .status.desiredNumberScheduled"
    for word, member in _COUNTS:
        count = status.get(member, 0)
        if count < wanted:
            return f"{word}: {count}/{wanted}"
    return ""
