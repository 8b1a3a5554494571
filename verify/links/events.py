"""Events of an object from scheduler, kubelet and provisioner."""

from collections import defaultdict

from verify.clients.cluster import Cluster, Json
from verify.links.event_order import is_general, when


def events_of(item: Json, cluster: Cluster) -> list[Json]:
    """Return the events of an object at this moment, not of an earlier one of its name, the newest first."""
    metadata = item["metadata"]
    listed = cluster.select(
        f"/api/v1/namespaces/{metadata['namespace']}/events",
        fresh=True,
        fieldSelector=f"involvedObject.uid={metadata['uid']}",
    )
    return sorted(listed, key=when, reverse=True)


def read_events_of(item: Json, cluster: Cluster) -> list[Json]:
    """Return the events of an object, as `events_of`, from the events of its namespace, which are read once.

    For a whole stack whose objects have failed: the API server reads all of them to find those of one object.
    """
    namespace = str(item["metadata"]["namespace"])
    read = cluster.once(f"events in {namespace} by uid", lambda: _by_uid(cluster, namespace))
    return sorted(read.get(str(item["metadata"]["uid"]), []), key=when, reverse=True)


def _by_uid(cluster: Cluster, namespace: str) -> dict[str, list[Json]]:
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for event in cluster.select(f"/api/v1/namespaces/{namespace}/events"):
        found[str(event["involvedObject"].get("uid"))].append(event)
    return dict(found)


def telling_event(item: Json, cluster: Cluster, *reasons: str) -> Json | None:
    """Return the newest event with one of these reasons that names a cause, else the newest one."""
    found = [event for event in read_events_of(item, cluster) if event.get("reason") in reasons]
    return min(found, key=lambda event: is_general(event_message(event)), default=None)


def event_message(event: Json | None) -> str:
    """Return an event's message on one line, empty without an event."""
    return " ".join(str(event.get("message", "")).split()) if event else ""
