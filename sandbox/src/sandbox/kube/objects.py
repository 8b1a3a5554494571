"""Kubernetes objects as JSON, and the few fields that all rooms read of them."""

from typing import Any

Json = dict[str, Any]

Key = tuple[str, str]
"""Namespace (empty for cluster-scoped kinds) and name."""


def key(item: Json) -> Key:
    """Return the object's identity within its kind."""
    metadata = item["metadata"]
    return str(metadata.get("namespace", "")), str(metadata["name"])


def uid(item: Json) -> str:
    """Return the object's identity among all that ever had its name."""
    return str(item["metadata"]["uid"])


def condition(item: Json, kind: str) -> bool:
    conditions: list[Json] = item.get("status", {}).get("conditions", [])
    return any(entry["type"] == kind and entry["status"] == "True" for entry in conditions)


def runs(pod: Json) -> bool:
    """Return True for a Pod that is Running and Ready, and not being deleted."""
    phase = pod.get("status", {}).get("phase")
    return phase == "Running" and condition(pod, "Ready") and "deletionTimestamp" not in pod["metadata"]
