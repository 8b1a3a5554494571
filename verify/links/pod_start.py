"""The start of a Pod: the failures that waiting does not pass."""

import time
from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.links import pods
from verify.links.events import events_of
from verify.trouble import BrokenError

PATIENCE_SECONDS: Final = 15.0
"""How long a Pod may have no node, or a container that does not start, before its check fails. A cluster autoscaler
looks for such Pods every 10 s, and the kubelet pulls an image for the second time after 10 s."""
_STARTING: Final = frozenset({"ContainerCreating", "PodInitializing"})


class PodStart:
    """The start of one Pod, looked at again and again."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._stuck_since: float | None = None

    def failure(self, pod: Json, *, late: bool) -> BrokenError | None:
        """Return the trouble of a Pod that is not Ready once waiting does not help; `late` is the end of its time."""
        events = events_of(pod, self._cluster)
        # A single FailedMount may only be too early; a second one is a failure.
        remounted = any(event.get("reason") == "FailedMount" and int(event.get("count") or 1) > 1 for event in events)
        failed = (pod.get("status") or {}).get("phase") == "Failed"
        if late or remounted or failed or self._stuck_for(pod, events) > PATIENCE_SECONDS:
            if pod["spec"].get("nodeName"):
                return pods.why_not_ready(self._cluster, pod, events=events)
            return pods.why_unplaced(self._cluster, pod, events)
        return None

    def _stuck_for(self, pod: Json, events: list[Json]) -> float:
        """Return for how many seconds nothing has gone on."""
        if not _is_stuck(pod, events):
            self._stuck_since = None
            return 0
        now = time.monotonic()
        self._stuck_since = now if self._stuck_since is None else self._stuck_since
        return now - self._stuck_since


def _is_stuck(pod: Json, events: list[Json]) -> bool:
    if not pod["spec"].get("nodeName"):
        refused = any(event.get("reason") == "FailedScheduling" for event in events)
        return refused and pods.scale_up(events) is None
    statuses: list[Json] = (pod.get("status") or {}).get("containerStatuses") or []
    waiting = [(status.get("state") or {}).get("waiting") or {} for status in statuses]
    return any(state.get("reason", "ContainerCreating") not in _STARTING for state in waiting)
