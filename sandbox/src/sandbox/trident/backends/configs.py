"""Trident's controller where backends are concerned: TridentBackendConfigs (short name tbc) to bound backends.

Phases, order and words are those of frontend/crd/controller/trident_backend_config.go and of AddBackend,
UpdateBackend and DeleteBackend in core/orchestrator_core.go, NetApp/trident. It acts only while the controller's Pod
runs; when that Pod is a new one, backends are made again from what the cluster remembers.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import uuid4

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.controller import Controller, Watches
from sandbox.kube.events import EventRecorder
from sandbox.kube.merging import replacing
from sandbox.kube.objects import Json, key, runs, uid
from sandbox.trident.backends.attempts import Attempt
from sandbox.trident.backends.azure_login import ControllerIdentity, controller_identity
from sandbox.trident.backends.backends import Backend, BackendError, Backends, Installation
from sandbox.trident.backends.bookkeeping import Bookkeeping
from sandbox.trident.backends.config_status import LostError, Phase, complete, failure, result
from sandbox.trident.backends.factory import BackendFactory
from sandbox.trident.backends.objects import BackendObject, BackendObjects
from sandbox.trident.backends.settings import deletion_policy
from sandbox.trident.crds import API, FINALIZER
from sandbox.trident.durations import Durations
from sandbox.trident.operator.installation import image_version
from sandbox.trident.operator.workloads import CONTROLLER_APP

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Now:
    """The Trident that runs in this look."""

    installation: Installation
    identity: ControllerIdentity
    objects: BackendObjects


class BackendConfigs(Controller):
    """Brings each TridentBackendConfig of Trident's namespace to Bound."""

    needs = ("pods", "nodes", "secrets", "service_accounts")

    def __init__(
        self,
        api: KubeApi,
        watches: Watches,
        backends: Backends,
        factory: BackendFactory,
        durations: Durations,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(watches)
        self._api = api
        self._backends = backends
        self._factory = factory
        self._durations = durations
        self._clock = clock
        self._events = EventRecorder(api, "trident-crd-controller")
        self._books = Bookkeeping(api)
        self._pod = ""
        self._attempts: dict[str, Attempt] = {}
        self._unmade: dict[str, float] = {}
        backends.on_refresh(self._refreshed)

    def reconcile(self) -> float | None:
        """Look at the controller, at the backends that the cluster remembers, and at every config."""
        now = self._present()
        if now is None:
            self._backends.set_installation(None)
            self._pod = ""
            return None
        namespace = now.installation.namespace
        configs = self._configs(namespace)
        if configs is None:  # the operator has not made the kinds yet
            return None
        self._backends.set_installation(now.installation)
        self._books.keep(now.installation, self.watches["pods"], self.watches["nodes"])
        waits = [self._remember(now), *(self._handle(config, now) for config in configs)]
        present = {uid(config) for config in configs}
        self._attempts = {known: attempt for known, attempt in self._attempts.items() if known in present}
        return min((wait for wait in waits if wait is not None), default=None)

    def _present(self) -> _Now | None:
        for pod in self.watches["pods"].values():
            if pod["metadata"].get("labels", {}).get("app") == CONTROLLER_APP and runs(pod):
                break
        else:
            return None
        if uid(pod) != self._pod:  # a new process: nothing in memory, everything is looked at again
            self._pod = uid(pod)
            self._backends.set_installation(None)
            self._books = Bookkeeping(self._api)
            self._attempts.clear()
            self._unmade.clear()
        namespace = key(pod)[0]
        version = next(filter(None, (image_version(each["image"]) for each in pod["spec"]["containers"])), "26.06.0")
        account = self.watches["service_accounts"].get((namespace, str(pod["spec"].get("serviceAccountName"))))
        identity = controller_identity(pod, account, self.watches["nodes"])
        return _Now(Installation(namespace, version), identity, BackendObjects(self._api, namespace))

    def _configs(self, namespace: str) -> list[Json] | None:
        try:
            return list(self._api.get(f"{API}/namespaces/{namespace}/tridentbackendconfigs")["items"])
        except NotFoundError:
            return None

    def _remember(self, now: _Now) -> float | None:
        """Make the backends again that are in the cluster and not in memory; those being deleted are needed too."""
        waits: list[float] = []
        for known in now.objects.all():
            if known.state == "deleting" and not self._backends.volumes(known.uuid):
                self._forget(known, now)
                continue
            if self._backends.find(known.uuid) is not None:
                continue
            due = self._unmade.get(known.uuid, 0.0) - self._clock()
            if due > 0:
                waits.append(due)
                continue
            try:
                backend = self._factory.create(known.spec, known.name, known.uuid, now.installation, now.identity)
            except BackendError as error:
                logger.warning("backend %s: %s", known.name, error)
                self._unmade[known.uuid] = self._clock() + 30
                if known.state != "deleting" and (known.state, known.reason) != ("failed", str(error)):
                    now.objects.save(replace(known, state="failed", reason=str(error)))
                continue
            self._backends.put(replace(backend, deleting=known.state == "deleting"))
            if known.state == "failed":
                now.objects.save(replace(known, state="online", reason=""))
        return min(waits, default=None)

    def _handle(self, config: Json, now: _Now) -> float | None:
        status: Json = config.get("status") or {}
        deleting = "deletionTimestamp" in config["metadata"]
        if not deleting and FINALIZER not in config["metadata"].get("finalizers", []):
            finalizers = [*config["metadata"].get("finalizers", []), FINALIZER]
            config = self._api.merge(_path(config), {"metadata": {"finalizers": finalizers}})
        if deleting and FINALIZER not in config["metadata"].get("finalizers", []):
            return None
        attempt = self._attempt(config, now)
        if not deleting:
            if attempt.is_done:
                return None
            wait = attempt.wait(self._clock(), self._durations.backend)
            if wait > 0:
                return wait
        spec: Json = config.get("spec") or {}
        try:
            policy = deletion_policy(spec)
        except BackendError as error:
            shown = {
                **complete(status),
                "message": f"Failed to process backend: {error}",
                "lastOperationStatus": "Failed",
            }
            self._say(config, shown)
            attempt.done()  # not tried again until it is changed
            return None
        if deleting or status.get("phase") == "Deleting":
            return self._delete(config, policy, now)
        phase: Phase = status.get("phase") or ""
        try:
            message, backend = self._add(config, now) if phase == "" else self._update(config, now)
        except BackendError as error:
            self._say(config, failure(status, phase, policy, error))
            return attempt.failed(self._clock())
        attempt.done()
        logger.info("backend config %s: %s", key(config)[1], message)
        self._say(config, result("Bound", "Success", message, policy, backend.name, backend.uuid))
        return None

    def _attempt(self, config: Json, now: _Now) -> Attempt:
        """What is known of this config; begun anew where it, its Secret, or the controller's rights have changed."""
        credentials = (config.get("spec") or {}).get("credentials")
        name = str(credentials.get("name", "")) if isinstance(credentials, dict) else ""
        secret = self.watches["secrets"].get((key(config)[0], name))
        version = str(secret["metadata"]["resourceVersion"]) if secret else ""
        seen = (str(config["metadata"].get("generation")), version, repr(now.identity))
        attempt = self._attempts.get(uid(config))
        if attempt is None or attempt.seen != seen:
            attempt = Attempt(seen, begun=self._clock())
            self._attempts[uid(config)] = attempt
        return attempt

    def _add(self, config: Json, now: _Now) -> tuple[str, Backend]:
        spec: Json = config["spec"]
        backend = self._factory.create(spec, key(config)[1], str(uuid4()), now.installation, now.identity)
        known = now.objects.by_name(backend.name)
        if known is not None:  # it is an update then, and bound to the config if it is to none
            self._check_reference(known, config)
            updated = self._replace(known, config, now)
            return f"Backend '{updated.name}' created", updated
        now.objects.save(BackendObject("", backend.name, backend.uuid, _remembered(spec), uid(config)))
        self._backends.put(backend)
        return f"Backend '{backend.name}' created", backend

    def _update(self, config: Json, now: _Now) -> tuple[str, Backend]:
        info: Json = (config.get("status") or {}).get("backendInfo") or {}
        known = now.objects.by_uuid(str(info.get("backendUUID", "")))
        if known is None:
            raise LostError("could not find backend during update")
        self._check_reference(known, config)
        backend = self._replace(known, config, now)
        return f"Backend '{backend.name}' updated", backend

    def _replace(self, known: BackendObject, config: Json, now: _Now) -> Backend:
        spec: Json = config["spec"]
        backend = self._factory.create(spec, key(config)[1], known.uuid, now.installation, now.identity)
        before = self._backends.find(known.uuid)
        if before is not None and before.storage_prefix != backend.storage_prefix:
            raise BackendError("updating the storage prefix isn't currently supported")
        other = now.objects.by_name(backend.name)
        if other is not None and other.uuid != known.uuid:
            raise BackendError(f"backend name {backend.name} is already in use by {other.uuid}")
        changed = replace(known, name=backend.name, spec=_remembered(spec), config_ref=uid(config), state="online")
        now.objects.save(replace(changed, reason=""))
        self._backends.put(backend)
        return backend

    @staticmethod
    def _check_reference(known: BackendObject, config: Json) -> None:
        if known.config_ref not in {"", uid(config)}:
            raise BackendError(
                f"backend '{known.name}' update initiated using an invalid configRef, it is associated with configRef "
                f"'{known.config_ref}' and not '{uid(config)}'"
            )

    def _delete(self, config: Json, policy: str, now: _Now) -> float | None:
        status: Json = config.get("status") or {}
        info: Json = status.get("backendInfo") or {}
        known = now.objects.by_uuid(str(info.get("backendUUID") or "")) if status.get("phase") else None
        if known is not None and policy.lower() == "retain":
            if known.config_ref:
                now.objects.save(replace(known, config_ref=""))
        elif known is not None:
            self._backends.mark_deleting(known.uuid)
            if self._backends.volumes(known.uuid):
                message = "Backend still present after a deletion attempt"
                if known.state == "deleting":
                    message = "Backend is in a deleting state, cannot proceed with the TridentBackendConfig deletion. "
                else:
                    now.objects.save(replace(known, state="deleting"))
                shown = result("Deleting", "Success", message, policy, known.name, known.uuid)
                self._say(config, shown, warns=True)
                return 1.0
            self._forget(known, now)
        finalizers = [name for name in config["metadata"].get("finalizers", []) if name != FINALIZER]
        with suppress(NotFoundError):
            self._api.merge(_path(config), {"metadata": {"finalizers": finalizers or None}})
        logger.info("backend config %s is gone", key(config)[1])
        return None

    def _forget(self, known: BackendObject, now: _Now) -> None:
        now.objects.remove(known)
        self._backends.remove(known.uuid)
        logger.info("backend %s is gone", known.name)

    def _say(self, config: Json, wanted: Json, warns: bool = False) -> None:
        """Write a status, and say it in an event; one that is there already is said again only if it is a warning."""
        warns = warns or wanted["lastOperationStatus"] == "Failed"
        known: Json = config.get("status") or {}
        if known != wanted:
            with suppress(NotFoundError):
                self._api.merge(f"{_path(config)}/status", {"status": replacing(known, wanted)})
        if known != wanted or (warns and wanted["phase"] != "Deleting"):
            self._events.record(
                config, "Warning" if warns else "Normal", wanted["lastOperationStatus"], wanted["message"]
            )

    def _refreshed(self, backend: Backend) -> Backend:
        fresh = self._factory.refreshed(backend)
        if fresh is not backend and self._backends.find(backend.uuid) is not None:
            self._backends.put(fresh)
        return fresh


def _remembered(spec: Json) -> Json:
    """A spec as it is kept: it holds no secret, only the name of one."""
    return {name: value for name, value in spec.items() if name.lower() not in {"clientid", "clientsecret"}}


def _path(config: Json) -> str:
    namespace, name = key(config)
    return f"{API}/namespaces/{namespace}/tridentbackendconfigs/{name}"
