"""Objects as they change: one stream of events from several watches of the API server."""

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Literal, Self

from sandbox.providers.kubernetes.api import Api, WatchStream
from sandbox.providers.kubernetes.errors import ApiError, NoMatchError, UnreachableError
from sandbox.providers.kubernetes.kinds import GroupVersionKind

Json = dict[str, Any]

_WATCH_SECONDS: Final = 240
_RECONNECT_SECONDS: Final = 1.0
_GONE: Final = 410


@dataclass(frozen=True)
class Watched:
    """Some objects of one type."""

    kind: GroupVersionKind
    namespace: str = ""
    selector: str = ""
    """A field selector."""
    essential: bool = True
    """Whether a refusal to watch these ends the wait."""
    expected: Json | None = None
    """An object that was there a moment ago: it has gone if the watch begins without it."""


@dataclass(frozen=True)
class Event:
    """One object has come, changed or gone. What is there at the start has come."""

    watched: Watched
    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Json


class EventStream:
    """The events of several watches, in a `with` block."""

    def __init__(self, api: Api, watched: Sequence[Watched]) -> None:
        self._events: queue.SimpleQueue[Event | Exception | None] = queue.SimpleQueue()
        self._watches = [_Watch(api, one, self._events) for one in watched]

    def __enter__(self) -> Self:
        for watch in self._watches:
            watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for watch in self._watches:
            watch.stop()

    def wake(self) -> None:
        """Make `next` return without an event."""
        self._events.put(None)

    def next(self, seconds: float) -> Event | None:
        """The next event; None if there is none in time, or after `wake`. Raises what made an essential watch end."""
        try:
            event = self._events.get(timeout=max(seconds, 0))
        except queue.Empty:
            return None
        if isinstance(event, Exception):
            raise event
        return event


class _Watch(threading.Thread):
    """Lists, then watches, again and again until it is stopped."""

    def __init__(self, api: Api, watched: Watched, events: "queue.SimpleQueue[Event | Exception | None]") -> None:
        super().__init__(daemon=True, name=f"watch {watched.kind}")
        self._api = api
        self._watched = watched
        self._events = events
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._stream: WatchStream | None = None
        expected = watched.expected
        self._known: dict[tuple[str, str], Json] = {_key(expected): expected} if expected else {}

    def stop(self) -> None:
        self._stopped.set()
        with self._lock:
            if self._stream is not None:
                self._stream.end()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._follow(self._list())
            except UnreachableError:
                self._stopped.wait(_RECONNECT_SECONDS)
            except (ApiError, NoMatchError) as error:
                if isinstance(error, ApiError) and (error.code == _GONE or error.code >= 500):
                    self._stopped.wait(_RECONNECT_SECONDS)
                    continue
                if self._watched.essential and not self._stopped.is_set():
                    self._events.put(error)
                return

    def _list(self) -> str:
        watched = self._watched
        objects, version = self._api.listed(watched.kind, watched.namespace, watched.selector)
        found = {_key(value): value for value in objects}
        for key in self._known.keys() - found.keys():
            self._put("DELETED", self._known[key])
        for key, value in found.items():
            if key not in self._known:
                self._put("ADDED", value)
            elif self._known[key] != value:
                self._put("MODIFIED", value)
        return version

    def _follow(self, version: str) -> None:
        watched = self._watched
        with self._api.watch(watched.kind, watched.namespace, watched.selector, version, _WATCH_SECONDS) as stream:
            with self._lock:
                self._stream = stream
            try:
                if self._stopped.is_set():
                    return
                for change in stream:
                    if change["type"] not in ("ADDED", "MODIFIED", "DELETED"):
                        return  # the version is too old by now, or the server has trouble: list again
                    self._put(change["type"], change["object"])
            finally:
                with self._lock:
                    self._stream = None

    def _put(self, kind: Literal["ADDED", "MODIFIED", "DELETED"], value: Json) -> None:
        if kind == "DELETED":
            self._known.pop(_key(value), None)
        else:
            self._known[_key(value)] = value
        self._events.put(Event(self._watched, kind, value))


def _key(value: Json) -> tuple[str, str]:
    return value["metadata"].get("namespace", ""), value["metadata"]["name"]
