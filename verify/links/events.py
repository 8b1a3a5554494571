"""Events of an object from scheduler, kubelet and provisioner."""

from typing import Final

from verify.clients.cluster import Cluster, Json

GENERAL: Final = (
    "timed out waiting for the condition",
    "context deadline exceeded",
    "timed out waiting for external-attacher",
    "An operation with the given Volume ID",
    '" not registered',
)
"""Texts of events that name no cause: time is up, an attempt is still under way, the kubelet's cache is not filled."""


def events_of(item: Json, cluster: Cluster) -> list[Json]:
    """Return the events of an object, not of an earlier one of its name, the newest first; without the cache."""
    metadata = item["metadata"]
    listed = cluster.select(
        f"/api/v1/namespaces/{metadata['namespace']}/events",
        fresh=True,
        fieldSelector=f"involvedObject.uid={metadata['uid']}",
    )
    return sorted(listed, key=_when, reverse=True)


def telling_event(item: Json, cluster: Cluster, *reasons: str) -> Json | None:
    """Return the newest event with one of these reasons that names a cause, else the newest one."""
    found = [event for event in events_of(item, cluster) if event.get("reason") in reasons]
    return min(found, key=lambda event: any(text in event_message(event) for text in GENERAL), default=None)


def event_message(event: Json | None) -> str:
    """Return an event's message on one line, empty without an event."""
    return " ".join(str(event.get("message", "")).split()) if event else ""


def _when(event: Json) -> str:
    series: Json = event.get("series") or {}
    return str(
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
        or ""
    )
