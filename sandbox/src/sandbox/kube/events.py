"""Events on objects as client-go's recorder writes them: one per object, reason and message, counted up."""

import logging
import uuid
from datetime import UTC, datetime
from typing import Literal

from sandbox.kube.api import ApiError, KubeApi, NotFoundError
from sandbox.kube.objects import Json, key, uid

logger = logging.getLogger(__name__)


class EventRecorder:
    """Records what one component says; a component on a node names it as `host`."""

    def __init__(self, api: KubeApi, component: str, host: str = "") -> None:
        self._api = api
        self._component = component
        self._host = host
        self._said: dict[tuple[str, str, str], tuple[str, int]] = {}

    def record(self, item: Json, kind: Literal["Normal", "Warning"], reason: str, message: str) -> None:
        """Say it. Failure to do so is logged: no work fails for want of an event."""
        own_namespace, name = key(item)
        namespace = own_namespace or "default"
        path = f"/api/v1/namespaces/{namespace}/events"
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        identity = (uid(item), reason, message)
        event, count = self._said.get(identity, ("", 0))
        try:
            if event:
                try:
                    self._api.merge(f"{path}/{event}", {"count": count + 1, "lastTimestamp": now})
                except NotFoundError:  # events expire
                    event = ""
            if not event:
                event, count = f"{name}.{uuid.uuid4().hex[:16]}", 0
                involved: Json = {
                    "apiVersion": item.get("apiVersion"),
                    "kind": item.get("kind"),
                    "name": name,
                    "uid": uid(item),
                    "resourceVersion": item["metadata"].get("resourceVersion"),
                }
                if own_namespace:
                    involved["namespace"] = own_namespace
                body: Json = {
                    "metadata": {"name": event, "namespace": namespace},
                    "involvedObject": involved,
                    "type": kind,
                    "reason": reason,
                    "message": message,
                    "source": {"component": self._component, **({"host": self._host} if self._host else {})},
                    "reportingComponent": self._component,
                    "reportingInstance": self._host,
                    "firstTimestamp": now,
                    "lastTimestamp": now,
                    "count": 1,
                }
                self._api.create(path, body)
            self._said[identity] = (event, count + 1)
        except ApiError as error:  # the namespace is being deleted, for instance
            logger.warning("event for %s: %s", name, error)
