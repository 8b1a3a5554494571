"""Events: what scheduler, kubelet and provisioner say of an object, in their own words."""

from verify.cluster import Cluster, Json


def said_of(item: Json, cluster: Cluster, *reasons: str) -> Json | None:
    """The latest event of one of these reasons about an object; never cached, since it is asked for in a pinch."""
    metadata = item["metadata"]
    listed = cluster.select(
        f"/api/v1/namespaces/{metadata['namespace']}/events",
        fresh=True,
        fieldSelector=f"involvedObject.uid={metadata['uid']}",
    )
    fitting = [event for event in listed if event.get("reason") in reasons]
    return max(fitting, key=_when, default=None)


def message_of(event: Json | None) -> str:
    """An event's words on one line."""
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
