"""Trident's controller Pod where volumes are concerned: the sidecars that watch the cluster, and Trident behind them.

It works only while `backends.installation` names a Trident, whose Pod holds the sidecars too. What they know of
failures and of work under way is lost when it ends; what Azure has begun goes on.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Final

from sandbox.kube.api import ApiError, ApiUnreachableError, KubeApi
from sandbox.kube.controller import Controller, Watches
from sandbox.kube.objects import Json, Key
from sandbox.trident.backends.backend import Installation
from sandbox.trident.backends.registry import Backends
from sandbox.trident.backends.spec import BackendError
from sandbox.trident.durations import Durations
from sandbox.trident.retries import Retries, TryAgainError
from sandbox.trident.volumes.attachments import Attacher, attachment_signature
from sandbox.trident.volumes.csi_controller import CsiController
from sandbox.trident.volumes.expansion import ClaimResizer, resize_signature
from sandbox.trident.volumes.provisioning import ClaimProvisioner, VolumeDeleter

logger = logging.getLogger(__name__)

COLLECTIONS: Final = {
    "claims": "/api/v1/persistentvolumeclaims",
    "persistent_volumes": "/api/v1/persistentvolumes",
    "attachments": "/apis/storage.k8s.io/v1/volumeattachments",
}

_POLL_SECONDS: Final = 0.5  # the registry of backends announces nothing


Handler = Callable[[Key], None]


class VolumeController(Controller):
    """Turns claims into volumes in Azure and PersistentVolumes; attaches, expands and deletes them."""

    needs = tuple(COLLECTIONS)

    def __init__(self, api: KubeApi, watches: Watches, backends: Backends, durations: Durations) -> None:
        super().__init__(watches)
        self._api = api
        self._backends = backends
        self._durations = durations
        self._retries = Retries[tuple[str, Key]](durations.first_retry, durations.last_retry)
        self._handlers: dict[str, Handler] = {}
        self.serving: Installation | None = None
        """The Trident for which it works now."""

    def reconcile(self) -> float | None:
        """Handle every object that has changed, or whose time for another attempt has come."""
        installation = self._backends.installation
        if installation != self.serving:
            self._retries.clear()
            self.serving = None
            if installation is not None:
                self._handlers = self._sidecars(installation)
                logger.info("Trident %s in namespace %s: serving claims", installation.version, installation.namespace)
            self.serving = installation
        waits = [_POLL_SECONDS]
        tasks = dict(self._tasks()) if installation else {}
        self._retries.keep(tasks.keys())
        for task, signature in tasks.items():
            if self._backends.installation != installation:  # the controller's Pod has ended meanwhile
                return 0.0
            wait = self._retries.wait(task, signature)
            if wait is not None:
                waits.append(wait if wait > 0 else self._attempt(task))
        return min(waits)

    def _tasks(self) -> Iterator[tuple[tuple[str, Key], object]]:
        """Yield each kind of work on each object, with all that makes it due again when it changes."""
        attachments = self.watches["attachments"]
        nodes: dict[str, set[str]] = {}
        for attachment in attachments.values():
            volume = str(attachment["spec"]["source"].get("persistentVolumeName"))
            nodes.setdefault(volume, set()).add(attachment["spec"]["nodeName"])
        for key, attachment in attachments.items():
            yield ("attach", key), attachment_signature(attachment)
        for key, claim in self.watches["claims"].items():
            yield ("provision", key), _version(claim)
            yield ("resize", key), resize_signature(claim)
        for key, volume in self.watches["persistent_volumes"].items():
            for work in ("delete", "release"):
                yield (work, key), (_version(volume), nodes.get(key[1]))

    def _attempt(self, task: tuple[str, Key]) -> float:
        """Do a piece of work; return the seconds until it is due again."""
        work, (namespace, name) = task
        try:
            self._handlers[work]((namespace, name))
        except (TryAgainError, ApiError, ApiUnreachableError, BackendError) as error:
            wait = self._retries.failed(task, error.seconds if isinstance(error, TryAgainError) else None)
            logger.warning("%s %s: %s; again in %.1f s", work, f"{namespace}/{name}".strip("/"), error, wait)
            return wait
        except Exception:  # a bug in one task must not keep the others from being done
            logger.exception("%s %s/%s", work, namespace, name)
            return self._retries.failed(task)
        self._retries.done(task)
        return _POLL_SECONDS

    def _sidecars(self, installation: Installation) -> dict[str, Handler]:
        controller = CsiController(self._api, self._backends, installation, self._durations.poll)
        claims = ClaimProvisioner(self._api, controller, installation.release, self._durations.last_retry)
        attacher = Attacher(self._api, controller)
        deleter = VolumeDeleter(self._api, controller, self.watches)
        return {
            "attach": attacher.sync,
            "provision": claims.sync,
            "resize": ClaimResizer(self._api, controller).sync,
            "delete": deleter.sync,
            "release": attacher.release,
        }


def _version(item: Json) -> str:
    return str(item["metadata"]["resourceVersion"])
