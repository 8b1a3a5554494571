"""FailedMount events as a kubelet records them: one event per Pod and message, its count raised at each retry.

A kubelet retries a failed mount after 0.5 s, then after twice as long each time, up to 2 min 2 s. Here the chain is
looked at whenever an object involved changes, so a repair heals at once; the back-off only paces how often the same
failure is said again. A different failure is said immediately.
"""

import logging
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.kube.api import ApiError, KubeApi, NotFoundError
from sandbox.kube.objects import Json, key, uid
from sandbox.nodes.kubelet.volumes import Failure

logger = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 0.5
_LAST_RETRY_SECONDS = 122.0


@dataclass
class _Reported:
    message: str
    since: float
    due: float
    delay: float = 0
    event: str = ""
    count: int = 0


class FailedMountEvents:
    """Records failures in the API; remembers what it said of which Pod's volume."""

    def __init__(self, api: KubeApi) -> None:
        self._api = api
        self._reported: dict[tuple[str, str], _Reported] = {}

    def report(self, pod: Json, failures: list[Failure]) -> None:
        """Say what is due of a Pod's failures, and forget those that are no more."""
        current = {(uid(pod), failure.volume): failure for failure in failures}
        self.forget({uid(pod)}, keep=set(current))
        now = time.monotonic()
        for identity, failure in current.items():
            said = self._reported.get(identity)
            if said is None or said.message != failure.message:
                said = _Reported(failure.message, since=now, due=now + failure.silent_seconds)
                self._reported[identity] = said
            if said.due <= now:
                self._say(pod, said)
                said.delay = min(said.delay * 2 or _FIRST_RETRY_SECONDS, _LAST_RETRY_SECONDS)
                said.due = now + said.delay

    def forget(self, pod_uids: set[str], keep: set[tuple[str, str]] | None = None) -> None:
        """Drop what was said of these Pods' volumes, but for those to keep."""
        self._reported = {
            identity: said
            for identity, said in self._reported.items()
            if identity[0] not in pod_uids or identity in (keep or set())
        }

    def forget_all_but(self, pod_uids: set[str]) -> None:
        """Drop what was said of all Pods but these."""
        self.forget({identity[0] for identity in self._reported} - pod_uids)

    def next_due(self) -> float | None:
        """Seconds until something is to be said again."""
        due = min((said.due for said in self._reported.values()), default=None)
        return None if due is None else max(0.0, due - time.monotonic())

    def _say(self, pod: Json, said: _Reported) -> None:
        namespace, name = key(pod)
        logger.info("pod %s/%s: %s", namespace, name, said.message)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = f"/api/v1/namespaces/{namespace}/events"
        said.count += 1
        try:
            if said.event:
                try:
                    self._api.merge(f"{path}/{said.event}", {"count": said.count, "lastTimestamp": now})
                except NotFoundError:  # events expire
                    said.event, said.count = "", 1
                else:
                    return
            said.event = f"{name}.{uuid.uuid4().hex[:16]}"
            self._api.create(path, _event(pod, said, now))
        except ApiError as error:  # the namespace is being deleted, for instance
            logger.warning("event for pod %s/%s: %s", namespace, name, error)
            said.event, said.count = "", 0


def _event(pod: Json, said: _Reported, now: str) -> Json:
    namespace, name = key(pod)
    node = str(pod["spec"]["nodeName"])
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": said.event, "namespace": namespace},
        "involvedObject": {
            "apiVersion": "v1",
            "kind": "Pod",
            "namespace": namespace,
            "name": name,
            "uid": uid(pod),
            "resourceVersion": pod["metadata"]["resourceVersion"],
        },
        "type": "Warning",
        "reason": "FailedMount",
        "message": said.message,
        "source": {"component": "kubelet", "host": node},
        "reportingComponent": "kubelet",
        "reportingInstance": node,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": said.count,
    }
