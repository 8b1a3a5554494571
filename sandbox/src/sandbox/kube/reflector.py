"""A local copy of one collection of the Kubernetes API, kept by list and watch.

After a gap a reflector lists anew and replaces its copy, so that controllers see deletions too and survive restarts of
the API server. kopf signals no deletion that happens while its watch is interrupted, and annotates what it handles.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from sandbox.kube.api import ApiError, ApiUnreachableError, KubeApi
from sandbox.kube.objects import Json, Key, key

logger = logging.getLogger(__name__)

_WATCH_SECONDS = 300
_RETRY_SECONDS = 0.5


class Reflector:
    """Keeps `objects` equal to the collection at `path` and calls `changed` after each change."""

    def __init__(self, api: KubeApi, path: str, changed: Callable[[], None]) -> None:
        self._api = api
        self._path = path
        self._changed = changed
        self._lock = threading.Lock()
        self._objects: dict[Key, Json] = {}
        self.synced = threading.Event()
        """Set once the collection has been listed."""

    def start(self) -> None:
        """Begin in a thread that ends with the process."""
        threading.Thread(target=self._run, name=f"reflector {self._path}", daemon=True).start()

    def objects(self) -> Mapping[Key, Json]:
        """Return the collection as last seen; later changes do not reach it."""
        with self._lock:
            return dict(self._objects)

    def _run(self) -> None:
        reachable = True
        while True:
            try:
                version = self._list()
                if not reachable:
                    logger.info("%s: watching again", self._path)
                reachable = True
                self._watch(version)
                continue
            except (ApiUnreachableError, ApiError) as error:
                if reachable:
                    logger.warning("%s: %s; trying until the API server answers", self._path, error)
                reachable = False
            except Exception:  # an answer that makes no sense must not end the thread: nobody would notice
                logger.exception("%s: trying again", self._path)
            time.sleep(_RETRY_SECONDS)  # a server that is down is asked twice a second, not in a busy loop

    def _list(self) -> str:
        listing = self._api.get(self._path)
        # The items of a list do not say their kind, those of a watch do.
        kind = {"apiVersion": listing["apiVersion"], "kind": listing["kind"].removesuffix("List")}
        fresh = {key(item): {**kind, **item} for item in listing["items"]}
        with self._lock:
            self._objects = fresh
        self.synced.set()
        self._changed()
        return str(listing["metadata"]["resourceVersion"])

    def _watch(self, version: str) -> None:
        """Follow changes until the watch breaks; ends when the server asks for a new listing."""
        while True:
            for event in self._api.watch(self._path, version, _WATCH_SECONDS):
                item: Json = event["object"]
                if event["type"] == "ERROR":
                    return  # 410 Gone: the version is older than what the server keeps
                version = str(item["metadata"]["resourceVersion"])
                if event["type"] == "BOOKMARK":
                    continue
                with self._lock:
                    if event["type"] == "DELETED":
                        self._objects.pop(key(item), None)
                    else:
                        self._objects[key(item)] = item
                self._changed()
