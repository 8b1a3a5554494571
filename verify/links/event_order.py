"""The order of events: when one was last seen, and whether its text names a cause. It imports no package."""

from collections.abc import Mapping
from typing import Any, Final

GENERAL: Final = (
    "timed out waiting for the condition",
    "context deadline exceeded",
    "timed out waiting for external-attacher",
    "An operation with the given Volume ID",
    '" not registered',
)
"""Texts of events that name no cause: time is up, an attempt is still under way, the kubelet's cache is not filled."""


def is_general(message: str) -> bool:
    """Return whether an event's text names no cause."""
    return any(text in message for text in GENERAL)


def when(event: Mapping[str, Any]) -> str:
    """Return the time at which an event was last seen, in the API's own form, which sorts as text."""
    observed = (event.get("series") or {}).get("lastObservedTime")
    times = (observed, event.get("lastTimestamp"), event.get("eventTime"), event["metadata"].get("creationTimestamp"))
    return next((str(time) for time in times if time), "")
