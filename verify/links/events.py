"""Events of an object from scheduler, kubelet and provisioner."""

from verify.clients.cluster import Cluster, Json


def events_of(item: Json, cluster: Cluster) -> list[Json]:
    """Return the events of an object, not of an earlier one of its name, the newest first; without the cache."""
    metadata = item["metadata"]
    listed = cluster.select(
        f"/api/v1/namespaces/{metadata['namespace']}/events",
        fresh=True,
        fieldSelector=f"involvedObject.uid={metadata['uid']}",
    )
    return sorted(listed, key=_when, reverse=True)


def latest_event(item: Json, cluster: Cluster, *reasons: str) -> Json | None:
    """Return the latest event of an object with one of these reasons, without the cache."""
    return next((event for event in events_of(item, cluster) if event.get("reason") in reasons), None)


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
