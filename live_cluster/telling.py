"""The choice of the event or container message that tells why an object is not ready: plain data in, one answer out.

A precise message always goes before a general one, which only says that time is up; between two, the newer one goes
first. What the Pod has got past (a mount that failed once, before the share existed) tells nothing any more.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from verify.links.event_order import is_general, when
from verify.links.mounting.message import on_one_line, shortened

Json = dict[str, Any]

_NEXT_TRY: Final = re.compile(
    r"^back-off (?!.*ErrImagePull)|^Error: (ErrImagePull|ImagePullBackOff)$|^$", re.IGNORECASE
)
"""Texts of containers beside which every other one is the cause: another try begins."""
_MOUNTING: Final = ("FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox")
_STARTING: Final = ("Pulling", "Pulled", "Created", "Started")
"""The kubelet's events of a Pod whose volumes are mounted."""
_WAITING: Final = (*_STARTING[:1], "ExternalProvisioning", "Provisioning", "WaitForFirstConsumer")
"""Normal events that say what an object waits for."""
_NOT_BEGUN: Final = ("ContainerCreating", "PodInitializing")
_NOW: Final = "~"
"""Sorts after every time: a status is as new as its reading."""


class Telling(NamedTuple):
    """What tells why an object is not ready."""

    kind: str
    name: str
    reason: str
    message: str
    """On one line."""
    when: str
    """The time in the API's own form, which sorts as text."""
    rank: int
    """2: precise; 1: general; 0: only what is waited for."""

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}" if self.message else self.reason


def telling(events: Sequence[Json], pods: Iterable[Json] = ()) -> Telling | None:
    """Return what tells most among these events and the statuses of these Pods; None if nothing does."""
    known = {str(pod["metadata"]["uid"]): pod for pod in pods}
    mounted = {uid for uid, pod in known.items() if _is_mounted(pod)}
    started: dict[str, str] = {}
    for event in events:
        if event.get("reason") in _STARTING:
            uid = _uid(event)
            started[uid] = max(started.get(uid, ""), when(event))
    found: list[Telling] = [each for pod in known.values() if not _is_ready(pod) for each in _of_containers(pod)]
    for event in events:
        uid, reason = _uid(event), str(event.get("reason", ""))
        pod = known.get(uid)
        is_past = pod is not None and (
            _is_ready(pod)
            or (reason == "FailedScheduling" and pod["spec"].get("nodeName"))
            or (reason in _MOUNTING and (uid in mounted or when(event) < started.get(uid, "")))
        )
        if not is_past and (event.get("type") == "Warning" or reason in _WAITING):
            found.append(_of_event(event))
    return max(found, key=lambda each: (each.rank, each.when), default=None)


def _of_event(event: Json) -> Telling:
    involved: Json = event.get("involvedObject") or {}
    told = str(event.get("message") or "")
    message = shortened(told) if event.get("reason") in _MOUNTING else on_one_line(told)
    rank = 0 if event.get("type") != "Warning" else 2 - _is_general(message)
    return Telling(
        str(involved.get("kind", "")), str(involved.get("name", "")), str(event["reason"]), message, when(event), rank
    )


def _of_containers(pod: Json) -> Iterator[Telling]:
    """Yield what the containers themselves say: why one waits, or how it ended."""
    status: Json = pod.get("status") or {}
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        state: Json = container.get("state") or {}
        waiting: Json = state.get("waiting") or {}
        ended: Json = state.get("terminated") or (container.get("lastState") or {}).get("terminated") or {}
        succeeded = ended.get("exitCode") == 0 and not waiting
        if waiting.get("reason") in _NOT_BEGUN or succeeded or not (waiting or ended):
            continue
        message = on_one_line(str(waiting.get("message") or ""))
        if ended and _is_general(message):
            message = " ".join(
                filter(None, (f"exit code {ended.get('exitCode')}:", on_one_line(str(ended.get("message") or ""))))
            )
            message = message.removesuffix(":")
        reason = waiting.get("reason") or ended.get("reason") or "not ready"
        rank = 2 - _is_general(message)
        yield Telling("Pod", pod["metadata"]["name"], f"container {container['name']}: {reason}", message, _NOW, rank)


def _is_general(message: str) -> bool:
    return is_general(message) or _NEXT_TRY.search(message) is not None


def _is_ready(pod: Json) -> bool:
    return _condition(pod, "Ready")


def _is_mounted(pod: Json) -> bool:
    """Return whether the Pod has its volumes: its own network came after them, and its containers still later."""
    return _condition(pod, "PodReadyToStartContainers")


def _condition(pod: Json, kind: str) -> bool:
    conditions: Sequence[Json] = (pod.get("status") or {}).get("conditions") or []
    return any(each["type"] == kind and each["status"] == "True" for each in conditions)


def _uid(event: Json) -> str:
    return str((event.get("involvedObject") or {}).get("uid", ""))
