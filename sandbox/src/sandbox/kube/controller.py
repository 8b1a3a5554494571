"""Copies of the cluster's collections, shared by the controllers of a process, and the loop of a controller."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sandbox.kube.api import ApiError, ApiUnreachableError, KubeApi
from sandbox.kube.objects import Json, Key
from sandbox.kube.reflector import Reflector

logger = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 1.0
_IDLE_SECONDS: Final = 30.0


class Watches:
    """Copies of collections. One of a kind that does not exist (yet) is empty."""

    def __init__(self, api: KubeApi, paths: Mapping[str, str]) -> None:
        self._subscribers: list[Callable[[], None]] = []
        self._reflectors = {name: Reflector(api, path, self._changed) for name, path in paths.items()}

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Call `changed` after every change."""
        self._subscribers.append(changed)

    def start(self) -> None:
        for reflector in self._reflectors.values():
            reflector.start()

    def __getitem__(self, name: str) -> Mapping[Key, Json]:
        return self._reflectors[name].objects()

    def synced(self, names: Sequence[str]) -> bool:
        return all(self._reflectors[name].synced.is_set() for name in names)

    def _changed(self) -> None:
        for changed in self._subscribers:
            changed()


class Controller(ABC):
    """Brings the cluster to its wanted state, after each change and when its own reconciliation asks for it."""

    needs: Sequence[str] = ()
    """Collections without which it does not begin."""

    def __init__(self, watches: Watches) -> None:
        self.watches = watches
        self._wake = threading.Event()
        watches.subscribe(self._wake.set)

    @abstractmethod
    def reconcile(self) -> float | None:
        """Look at everything once; return the seconds until the next look, or None: at the next change."""

    def run(self, stop: threading.Event, ready: threading.Event) -> None:
        """Work until `stop`; `ready` is set after the first look."""
        pause: float | None = 0.0
        while not stop.is_set():
            self._wake.wait(_IDLE_SECONDS if pause is None else min(pause, _IDLE_SECONDS))
            self._wake.clear()
            if stop.is_set():
                return
            if not self.watches.synced(self.needs):
                pause = None
                continue
            try:
                pause = self.reconcile()
            except (ApiUnreachableError, ApiError) as error:
                logger.warning("interrupted: %s; trying again", error)
            except Exception:  # a bug in one look must not end all later ones unnoticed
                logger.exception("interrupted; trying again")
            else:
                ready.set()
                continue
            stop.wait(_RETRY_SECONDS)
            pause = 0.0

    def interrupt(self) -> None:
        """Make `run` look at once: it is to stop, or something has changed that no watch announces."""
        self._wake.set()
