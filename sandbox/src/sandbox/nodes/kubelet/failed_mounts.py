"""FailedMount events as a kubelet records them: one event per Pod and message, its count raised at each retry.

A kubelet retries a failed mount after 0.5 s, then after twice as long each time, up to 2 min 2 s. Here the chain is
looked at whenever an object involved changes, so a repair heals at once; the back-off only paces how often the same
failure is said again. A different failure is said immediately.

No general "timed out waiting for the condition" stands beside a precise failure: since 1.27 a kubelet records no event
when its two minutes for the volumes of a Pod are over (pkg/kubelet/kubelet.go, SyncPod: `wait.Interrupted`).
"""

import logging
import time
from dataclasses import dataclass

from sandbox.kube.api import KubeApi
from sandbox.kube.events import EventRecorder
from sandbox.kube.objects import Json, key, uid
from sandbox.nodes.kubelet.volumes import Failure

logger = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 0.5
_LAST_RETRY_SECONDS = 122.0


@dataclass
class _Reported:
    message: str
    due: float
    delay: float = 0


class FailedMounts:
    """Records failures in the API, and remembers them by Pod and volume."""

    def __init__(self, api: KubeApi) -> None:
        self._api = api
        self._recorders: dict[str, EventRecorder] = {}
        self._reported: dict[tuple[str, str], _Reported] = {}

    def report(self, pod: Json, failures: list[Failure]) -> None:
        """Record those of a Pod's failures that are due, and forget those that have healed."""
        current = {(uid(pod), failure.volume): failure for failure in failures}
        self._reported = {each: said for each, said in self._reported.items() if each[0] != uid(pod) or each in current}
        now = time.monotonic()
        for identity, failure in current.items():
            said = self._reported.get(identity)
            if said is None or said.message != failure.message:
                said = self._reported[identity] = _Reported(failure.message, due=now + failure.silent_seconds)
            if said.due <= now:
                logger.info("pod %s/%s: %s", *key(pod), said.message)
                node = str(pod["spec"]["nodeName"])
                recorder = self._recorders.setdefault(node, EventRecorder(self._api, "kubelet", node))
                recorder.record(pod, "Warning", "FailedMount", said.message)
                said.delay = min(said.delay * 2 or _FIRST_RETRY_SECONDS, _LAST_RETRY_SECONDS)
                said.due = now + said.delay

    def keep_only(self, pod_uids: set[str]) -> None:
        self._reported = {each: said for each, said in self._reported.items() if each[0] in pod_uids}

    def next_due(self) -> float | None:
        """Return the seconds until a failure is to be recorded again."""
        due = min((said.due for said in self._reported.values()), default=None)
        return None if due is None else max(0.0, due - time.monotonic())
