"""The judgement of a Pod's mount events: the newest event that names a cause decides."""

import re
from collections.abc import Sequence
from typing import Final

from verify.clients.cluster import Json
from verify.links import claims, credentials, csi_driver
from verify.links.events import event_message
from verify.links.mounting import logon, network, node
from verify.links.mounting.message import on_one_line, shortened
from verify.trouble import Trouble, matching_trouble

REASONS: Final = ("FailedMount", "FailedAttachVolume", "FailedMapVolume")
# "Network access is denied" contains "Access is denied", so the network's troubles come first.
CAUSES: Final = (
    node.CSI_PROXY_MISSING,
    node.POWERSHELL_FAILS,
    node.ON_LINUX,
    *network.TROUBLES,
    *logon.TROUBLES,
    node.OBJECT_MISSING,
)
"""The troubles that an event can name."""
JUDGED_BEFORE: Final = (
    csi_driver.PLUGIN_NOT_ON_NODE,
    credentials.SECRET_MISSING,
    credentials.SECRET_INCOMPLETE,
    claims.SOURCE_FORM,
    claims.CLAIM_MISSING,
)
"""The troubles of links that precede the mount in both walks: they hold by then, so the event is older than the fix."""
_RANK: Final = {node.RETRIED_LATER: 1, node.TIMED_OUT: 2}
"""An event that names a cause, or has a text of its own, comes before these."""
_VOLUME: Final = re.compile(r"for volume \"([^\"]+)\"")


def judged(events: Sequence[Json], volume: str) -> tuple[Trouble, str] | None:
    """Return the trouble of a Pod's mount events and what it says, or None without such an event.

    Args:
        events: all events of the Pod, the newest first.
        volume: the PersistentVolume of the claim that is examined; empty if it is unknown.

    """
    messages = [event_message(event) for event in events if event.get("reason") in REASONS]
    found = [(_trouble(message, volume), shortened(message)) for message in messages]
    return min(found, key=lambda each: _RANK.get(each[0], 0), default=None)


def volume_of(message: str) -> str:
    """Return the volume that an event's message names, or an empty string."""
    found = _VOLUME.search(message)
    return found[1] if found else ""


def _trouble(message: str, volume: str) -> Trouble:
    """Return the trouble that one message names."""
    told = on_one_line(message)
    named = matching_trouble((*CAUSES, node.TIMED_OUT), told, node.FAILED)
    if named not in {node.OBJECT_MISSING, node.TIMED_OUT} and volume and volume_of(message) not in {"", volume}:
        return node.OTHER_VOLUME
    return node.RETRIED_LATER if any(each.matches(told) for each in JUDGED_BEFORE) else named
