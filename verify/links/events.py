"""Events of an object from scheduler, kubelet and provisioner."""

from verify.clients.cluster import Cluster, Json
from verify.links.event_order import is_general, when


def events_of(item: Json, cluster: Cluster) -> list[Json]:
    """Return the events of an object, not of an earlier one of its name, the newest first; without the cache."""
    metadata = item["metadata"]
    listed = cluster.select(
        f"/api/v1/namespaces/{metadata['namespace']}/events",
        fresh=True,
        fieldSelector=f"involvedObject.uid={metadata['uid']}",
    )
    return sorted(listed, key=when, reverse=True)


def telling_event(item: Json, cluster: Cluster, *reasons: str) -> Json | None:
    """Return the newest event with one of these reasons that names a cause, else the newest one."""
    found = [event for event in events_of(item, cluster) if event.get("reason") in reasons]
    return min(found, key=lambda event: is_general(event_message(event)), default=None)


def event_message(event: Json | None) -> str:
    """Return an event's message on one line, empty without an event."""
    return " ".join(str(event.get("message", "")).split()) if event else ""
