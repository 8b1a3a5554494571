"""Trident's controller Pod where volumes are concerned: the sidecars that watch the cluster, and Trident behind them.

Whoever starts Trident's process gives a Provisioner a thread:

    Provisioner(api: KubeApi, backends: Backends, pace: Pace).run(stop: threading.Event, ready: threading.Event)

`ready` is set once the cluster has been looked at. Work is done only while `backends.installation()` names a Trident:
its Pod holds the sidecars too. What they know of failures and of work under way is lost when it ends; what Azure has
begun is kept in the cluster and goes on.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Final

from sandbox.kube.api import ApiError, ApiUnreachableError, KubeApi
from sandbox.kube.objects import Json, Key
from sandbox.kube.reflector import Reflector
from sandbox.trident.backends.backends import PROVISIONER, BackendError, Backends, Installation
from sandbox.trident.volumes.attachments import Attacher, attachment_signature
from sandbox.trident.volumes.claims import ClaimProvisioner
from sandbox.trident.volumes.core import Controller
from sandbox.trident.volumes.deletion import VolumeDeleter
from sandbox.trident.volumes.expansion import ClaimResizer, resize_signature
from sandbox.trident.volumes.pace import REALISTIC, Pace
from sandbox.trident.volumes.queue import Task, TryAgainError, WorkQueue

logger = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.5  # the registry of backends announces nothing
_WORKERS: Final = 8
_COLLECTIONS: Final = {
    "claims": "/api/v1/persistentvolumeclaims",
    "volumes": "/api/v1/persistentvolumes",
    "attachments": "/apis/storage.k8s.io/v1/volumeattachments",
}


def _version(item: Json) -> object:
    return item["metadata"]["resourceVersion"]


_WATCHED: Final[Mapping[str, tuple[str, Callable[[Json], object]]]] = {
    "provision": ("claims", _version),
    "resize": ("claims", resize_signature),
    "delete": ("volumes", _version),
    "release": ("volumes", _version),
    "attach": ("attachments", attachment_signature),
}
"""Tasks by what they look at, and what of it has to change for another look."""


class Provisioner:
    """Claims to volumes in Azure to PersistentVolumes, and what becomes of them."""

    def __init__(self, api: KubeApi, backends: Backends, pace: Pace = REALISTIC) -> None:
        self._api = api
        self._backends = backends
        self._pace = pace
        self._wake = threading.Event()
        self._reflectors = {name: Reflector(api, path, self._wake.set) for name, path in _COLLECTIONS.items()}
        self._queue = WorkQueue(self._handle, pace, _WORKERS)
        self._handlers: Mapping[str, Callable[[Key], None]] = {}
        self._installation: Installation | None = None
        self._seen: dict[Task, object] = {}
        self._attached: set[tuple[Key, str]] = set()

    def run(self, stop: threading.Event, ready: threading.Event) -> None:
        """Work until `stop`; `ready` is set once the cluster has been looked at."""
        for reflector in self._reflectors.values():
            reflector.start()
        self._queue.start()
        while not stop.is_set():
            self._wake.wait(_POLL_SECONDS)
            self._wake.clear()
            if not all(reflector.synced.is_set() for reflector in self._reflectors.values()):
                continue
            try:
                self._follow_installation()
            except (ApiError, ApiUnreachableError) as error:
                logger.warning("interrupted: %s; trying again", error)
                continue
            if self._handlers:
                self._enqueue_changes()
            ready.set()
        self._end()

    @property
    def serving(self) -> Installation | None:
        """The Trident that it works for now."""
        return self._installation

    def interrupt(self) -> None:
        """Let `run` notice at once that it is to stop."""
        self._wake.set()

    def _follow_installation(self) -> None:
        """Begin with an installation that runs now, and end with one that does not."""
        installation = self._backends.installation()
        if installation == self._installation:
            return
        self._end()
        if installation is not None:
            self._begin(installation)
        self._installation = installation

    def _begin(self, installation: Installation) -> None:
        controller = Controller(self._api, self._backends, installation, self._pace.poll)
        claims = ClaimProvisioner(self._api, controller, installation.version, self._pace.last_retry)
        attacher = Attacher(self._api, controller)
        attachments = self._reflectors["attachments"]
        self._handlers = {
            "provision": claims.sync,
            "resize": ClaimResizer(self._api, controller, self._pace.last_retry).sync,
            "delete": VolumeDeleter(self._api, controller, lambda: attachments.objects().values()).sync,
            "release": attacher.release,
            "attach": attacher.sync,
        }
        logger.info("Trident %s in namespace %s: serving claims", installation.version, installation.namespace)

    def _end(self) -> None:
        self._handlers = {}
        self._installation = None
        self._queue.clear()
        self._seen.clear()
        self._attached.clear()

    def _handle(self, task: Task) -> None:
        what, item = task
        handler = self._handlers.get(what)
        if handler is None:
            return
        try:
            handler(item)
        except BackendError as error:  # Trident's controller ends just now
            raise TryAgainError(error) from error

    def _enqueue_changes(self) -> None:
        """Have everything looked at that has changed since the last time."""
        cluster = {name: reflector.objects() for name, reflector in self._reflectors.items()}
        current = {
            (what, item_key): signature(item)
            for what, (collection, signature) in _WATCHED.items()
            for item_key, item in cluster[collection].items()
        }
        for task, signature in current.items():
            if self._seen.get(task) != signature:
                self._queue.add(task)
        self._seen = current
        attached = {
            (item_key, str(item["spec"]["source"].get("persistentVolumeName", "")))
            for item_key, item in cluster["attachments"].items()
            if item["spec"]["attacher"] == PROVISIONER
        }
        for _, volume in self._attached - attached:  # what waits for the end of its last attachment
            for what in ("delete", "release"):
                self._queue.add((what, ("", volume)))
        self._attached = attached
