"""What is waited for, and the waiting."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.kinds import GroupVersionKind, of_object
from sandbox.providers.kubernetes.naming import name_of, namespace_of
from sandbox.providers.kubernetes.waits.watching import Event, EventStream, Watched
from sandbox.providers.plugin import Severity

Json = dict[str, Any]

POD: Final = GroupVersionKind("", "v1", "Pod")
_EVENT: Final = GroupVersionKind("", "v1", "Event")


class NotReadyError(Exception):
    """The wait has ended and the object is not as it should be."""

    def __init__(self, message: str, reasons: Sequence[str] = (), live: Json | None = None) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)
        self.live = live
        """The object as it was seen last."""


@dataclass(frozen=True)
class Phrases:
    """How a wait of some kind tells of its end, with `{name}` for the object's."""

    timed_out: str = "timed out waiting for the condition"
    cancelled: str = "context canceled"


READINESS: Final = Phrases("'{name}' timed out waiting to be Ready", 'Resource operation was cancelled for "{name}"')
POLLING: Final = Phrases("Timeout occurred polling for '{name}'", "Resource operation was cancelled for '{name}'")


class StatusLog:
    """Says each thing once."""

    def __init__(self, write: Callable[[Severity, str], None]) -> None:
        self._write = write
        self._said: set[tuple[Severity, str]] = set()

    def __call__(self, severity: Severity, message: str) -> None:
        """Show a line while the operation runs."""
        if message and (severity, message) not in self._said:
            self._said.add((severity, message))
            self._write(severity, message)

    def clear(self) -> None:
        """Take the last line away."""
        self._write("info", "")


class Condition(ABC):
    """A condition on one object, which may depend on others that belong to it."""

    phrases: Phrases = Phrases()

    def __init__(self, live: Json, status: StatusLog) -> None:
        self.live = live
        self.status = status
        self.kind = of_object(live)
        self.name = name_of(live)
        self.namespace = namespace_of(live)
        self._generation: int = live["metadata"].get("generation") or 0

    @property
    def itself(self) -> Watched:
        """The watch of the object alone."""
        return Watched(self.kind, self.namespace, f"metadata.name={self.name}", expected=self.live)

    def watched(self) -> list[Watched]:
        """What has to be seen to decide."""
        return [self.itself]

    def observe(self, event: Event) -> None:
        """Take in a change. An event that is older than what the operation has made is passed over."""
        if event.watched.kind == self.kind and event.object["metadata"]["name"] == self.name:
            if (event.object["metadata"].get("generation") or 0) >= self._generation:
                self.live = event.object
                self.seen(event)
        else:
            self.seen_other(event)

    def seen(self, event: Event) -> None:
        """The object itself has changed. Most need only `live`."""
        return

    def seen_other(self, event: Event) -> None:
        """Something that belongs to the object has changed. Most watch nothing of the kind."""
        return

    @abstractmethod
    def met(self) -> bool:
        """Whether it holds now. Raises NotReadyError when it never will."""

    def reasons(self) -> list[str]:
        """Why it does not hold, in words for people."""
        return []

    def due(self) -> float | None:
        """When, by the monotonic clock, it may come to hold without any event."""
        return None

    def not_initialized(self) -> NotReadyError:
        """The failure of an object that is there but not well."""
        return NotReadyError(f"Resource '{self.name}' was created but failed to initialize", self.reasons(), self.live)


class Immediate(Condition):
    """Nothing to wait for."""

    def watched(self) -> list[Watched]:
        """Nothing."""
        return []

    def met(self) -> bool:
        """Always."""
        return True


def wait(cluster: Cluster, condition: Condition, seconds: float) -> Json:
    """Wait until a condition holds, telling of the object's warnings meanwhile. Returns the object as it then is."""
    if condition.met():
        condition.status.clear()
        return condition.live
    uid = condition.live["metadata"].get("uid", "")
    warnings = Watched(_EVENT, condition.namespace, f"involvedObject.uid={uid}", essential=False)
    deadline = time.monotonic() + seconds
    with (
        EventStream(cluster.api, [*condition.watched(), warnings]) as events,
        cluster.cancellation.calling(events.wake),
    ):
        while True:
            if condition.met():
                condition.status.clear()
                return condition.live
            now = time.monotonic()
            if cluster.cancellation.requested:
                raise _ended(condition, condition.phrases.cancelled)
            if now >= deadline:
                raise _ended(condition, condition.phrases.timed_out)
            due = condition.due()
            event = events.next(min(deadline, due or deadline) - now)
            if event is None:
                continue
            if event.watched is warnings:
                severity = "warning" if event.object.get("type") == "Warning" else "debug"
                condition.status(severity, f"{event.object.get('reason', '')}: {event.object.get('message', '')}")
            else:
                condition.observe(event)


def check_now(cluster: Cluster, condition: Condition) -> None:
    """Raise NotReadyError unless a condition holds at this moment."""
    for watched in condition.watched():
        objects, _ = cluster.api.listed(watched.kind, watched.namespace, watched.selector)
        for value in objects:
            condition.observe(Event(watched, "ADDED", value))
    if not condition.met():
        raise condition.not_initialized()


def _ended(condition: Condition, phrase: str) -> NotReadyError:
    return NotReadyError(phrase.format(name=condition.name), condition.reasons(), condition.live)
