"""Trident's controller of TridentBackendConfigs (short name tbc): binds each to a backend, updates and deletes it.

Phases, order and words are those of frontend/crd/controller/trident_backend_config.go and of AddBackend,
UpdateBackend and DeleteBackend in core/orchestrator_core.go, NetApp/trident. It acts only while the controller's Pod
runs; when that Pod is a new one, backends are created again from what the cluster remembers.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from sandbox.kube.api import ConflictError, KubeApi, NotFoundError
from sandbox.kube.controller import Controller, Watches
from sandbox.kube.events import EventRecorder
from sandbox.kube.merging import replacing
from sandbox.kube.objects import Json, key, runs, uid
from sandbox.trident.backends.backend import Backend, Installation
from sandbox.trident.backends.config_status import LostError, failure, result
from sandbox.trident.backends.factory import BackendFactory
from sandbox.trident.backends.login import ControllerIdentity, controller_identity
from sandbox.trident.backends.registry import MANAGER, BackendObject, BackendObjects, Backends
from sandbox.trident.backends.spec import BackendError, deletion_policy
from sandbox.trident.crds import API, FINALIZER, GROUP_VERSION
from sandbox.trident.durations import Durations
from sandbox.trident.names import CONTROLLER_APP
from sandbox.trident.retries import Retries
from sandbox.trident.versions import NEWEST, image_version

logger = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS: Final = 0.005
_CONFLICTS: Final = 5
"""How often a change is tried that others get ahead of."""
_LOST_BACKEND_SECONDS: Final = 30.0
_DELETING: Final = "Backend is in a deleting state, cannot proceed with the TridentBackendConfig deletion. "


@dataclass(frozen=True)
class _Running:
    installation: Installation
    identity: ControllerIdentity
    objects: BackendObjects


class BackendConfigs(Controller):
    """Brings each TridentBackendConfig of Trident's namespace to Bound."""

    needs = ("pods", "nodes", "secrets")

    def __init__(
        self, api: KubeApi, watches: Watches, backends: Backends, factory: BackendFactory, durations: Durations
    ) -> None:
        super().__init__(watches)
        self._api = api
        self._backends = backends
        self._factory = factory
        self._durations = durations
        self._events = EventRecorder(api, "trident-crd-controller")
        self._pod = ""
        self._identity: ControllerIdentity | None = None
        """What the Pod got when it was created: a ServiceAccount that changes later changes nothing."""
        self._retries = Retries[str](_FIRST_RETRY_SECONDS, durations.last_backend_retry)
        backends.refresh = self._refreshed

    def reconcile(self) -> float | None:
        running = self._running()
        if running is None:
            self._backends.installation = None
            self._pod = ""
            return None
        try:
            path = f"{API}/namespaces/{running.installation.namespace}/tridentbackendconfigs"
            configs: list[Json] = self._api.get(path)["items"]
            remembered = running.objects.all()
        except NotFoundError:  # the operator has not created the kinds yet
            return None
        if self._backends.installation != running.installation:
            self._begin(running.installation)
        waits = [
            *(self._remember(backend, running) for backend in remembered),
            *(self._handle(config, running) for config in configs),
        ]
        self._retries.keep({uid(config) for config in configs} | {backend.uuid for backend in remembered})
        return min((wait for wait in waits if wait is not None), default=None)

    def _running(self) -> _Running | None:
        for pod in self.watches["pods"].values():
            if pod["metadata"].get("labels", {}).get("app") == CONTROLLER_APP and runs(pod):
                break
        else:
            return None
        if uid(pod) != self._pod:  # a new process: nothing in memory, everything is looked at again
            self._pod = uid(pod)
            self._backends.installation = None
            self._retries.clear()
            self._identity = None
        namespace = key(pod)[0]
        version = next(filter(None, (image_version(each["image"]) for each in pod["spec"]["containers"])), NEWEST)
        if self._identity is None:
            account = f"/api/v1/namespaces/{namespace}/serviceaccounts/{pod['spec'].get('serviceAccountName')}"
            self._identity = controller_identity(pod, self._api.find(account), self.watches["nodes"])
        return _Running(Installation(namespace, version), self._identity, BackendObjects(self._api, namespace))

    def _begin(self, installation: Installation) -> None:
        """Serve, and keep the TridentVersion, whose finalizer holds a namespace that is deleted before a wipeout."""
        body: Json = {
            "apiVersion": GROUP_VERSION,
            "kind": "TridentVersion",
            "metadata": {"name": "trident", "finalizers": [FINALIZER]},
            "trident_version": installation.version,
            "trident_store_version": "crdv1",
            "trident_api_version": "1",
            "publications_synced": True,
        }
        self._api.apply(f"{API}/namespaces/{installation.namespace}/tridentversions/trident", body, MANAGER)
        self._backends.installation = installation

    def _remember(self, known: BackendObject, running: _Running) -> float | None:
        """Create a backend again that is in the cluster and not in memory; one being deleted is needed too."""
        if known.state == "deleting" and not self._backends.has_volumes(known.uuid):
            self._forget(known, running)
            return None
        if self._backends.find(known.uuid) is not None:
            return None
        if (wait := self._retries.wait(known.uuid, "") or 0.0) > 0:
            return wait
        try:
            backend = self._factory.create(known.spec, known.name, known.uuid, running.installation, running.identity)
        except BackendError as error:
            logger.warning("backend %s: %s", known.name, error)
            if known.state != "deleting" and (known.state, known.reason) != ("failed", str(error)):
                running.objects.save(replace(known, state="failed", reason=str(error)))
            return self._retries.failed(known.uuid, _LOST_BACKEND_SECONDS)
        kept = {"user_state": known.user_state, "config_ref": known.config_ref}
        self._backends.put(replace(backend, deleting=known.state == "deleting", **kept))
        if known.state == "failed":
            running.objects.save(replace(known, state="online", reason=""))
        return None

    def _handle(self, config: Json, running: _Running) -> float | None:
        status: Json = config.get("status") or {}
        deleting = "deletionTimestamp" in config["metadata"]
        finalizers: list[str] = config["metadata"].get("finalizers", [])
        if deleting and FINALIZER not in finalizers:
            return None
        if FINALIZER not in finalizers:
            config = self._api.merge(_path(config), {"metadata": {"finalizers": [*finalizers, FINALIZER]}})
        wait = self._retries.wait(uid(config), self._depends_on(config, running), self._durations.backend)
        if not deleting and (wait is None or wait > 0):
            return wait
        spec: Json = config.get("spec") or {}
        try:
            policy = deletion_policy(spec)
        except BackendError as error:
            refused = {"message": f"Failed to process backend: {error}", "lastOperationStatus": "Failed"}
            self._write(config, {**result("", "", "", ""), **status, **refused})
            self._retries.done(uid(config))  # not tried again until it is changed
            return None
        phase = str(status.get("phase") or "")
        if deleting or phase == "Deleting":
            return self._delete(config, policy, running)
        try:
            message, backend = self._add(config, running) if phase == "" else self._update(config, running)
        except BackendError as error:
            self._write(config, failure(status, policy, error))
            return self._retries.failed(uid(config))
        self._retries.done(uid(config))
        logger.info("backend config %s: %s", key(config)[1], message)
        self._write(config, result("Bound", "Success", message, policy, backend.name, backend.uuid))
        return None

    def _depends_on(self, config: Json, running: _Running) -> object:
        credentials = (config.get("spec") or {}).get("credentials")
        name = str(credentials.get("name", "")) if isinstance(credentials, dict) else ""
        secret = self.watches["secrets"].get((key(config)[0], name))
        version = str(secret["metadata"]["resourceVersion"]) if secret else ""
        return config["metadata"].get("generation"), version, running.identity

    def _add(self, config: Json, running: _Running) -> tuple[str, Backend]:
        spec: Json = config["spec"]
        backend = self._factory.create(spec, key(config)[1], str(uuid4()), running.installation, running.identity)
        known = running.objects.by_name(backend.name)
        if known is not None:  # it is an update then, and bound to the config if it is to none
            updated = self._replace(known, config, running)
            return f"Backend '{updated.name}' created", updated
        state = backend.user_state or "normal"
        running.objects.save(BackendObject("", backend.name, backend.uuid, spec, uid(config), user_state=state))
        self._backends.put(replace(backend, config_ref=uid(config), user_state=state))
        return f"Backend '{backend.name}' created", backend

    def _update(self, config: Json, running: _Running) -> tuple[str, Backend]:
        info: Json = (config.get("status") or {}).get("backendInfo") or {}
        known = running.objects.by_uuid(str(info.get("backendUUID", "")))
        if known is None:
            raise LostError("could not find backend during update")
        backend = self._replace(known, config, running)
        return f"Backend '{backend.name}' updated", backend

    def _replace(self, known: BackendObject, config: Json, running: _Running) -> Backend:
        before = self._backends.find(known.uuid)
        owner = (before or known).config_ref
        if owner not in {"", uid(config)}:
            raise BackendError(
                f"backend '{known.name}' update initiated using an invalid configRef, it is associated with configRef "
                f"'{owner}' and not '{uid(config)}'"
            )
        spec: Json = config["spec"]
        backend = self._factory.create(spec, key(config)[1], known.uuid, running.installation, running.identity)
        if before is not None and before.spec.storage_prefix != backend.spec.storage_prefix:
            raise BackendError("updating the storage prefix isn't currently supported")
        other = running.objects.by_name(backend.name)
        if other is not None and other.uuid != known.uuid:
            raise BackendError(f"backend name {backend.name} is already in use by {other.uuid}")
        state = backend.user_state or known.user_state
        saved = BackendObject(known.object_name, backend.name, known.uuid, spec, uid(config), user_state=state)
        running.objects.save(saved)
        self._backends.put(replace(backend, config_ref=uid(config), user_state=state))
        return backend

    def _delete(self, config: Json, policy: str, running: _Running) -> float | None:
        status: Json = config.get("status") or {}
        info: Json = status.get("backendInfo") or {}
        known = running.objects.by_uuid(str(info.get("backendUUID") or "")) if status.get("phase") else None
        # In another case, which creation allows, a policy is none at all: the backend stays with its reference.
        if known is not None and policy == "retain":
            if known.config_ref:
                running.objects.save(replace(known, config_ref=""))
            if present := self._backends.find(known.uuid):
                self._backends.put(replace(present, config_ref=""))
        elif known is not None and policy == "delete":
            self._backends.mark_deleting(known.uuid)
            if self._backends.has_volumes(known.uuid):
                message = _DELETING if known.state == "deleting" else "Backend still present after a deletion attempt"
                if known.state != "deleting":
                    running.objects.save(replace(known, state="deleting"))
                self._write(config, result("Deleting", "Success", message, policy, known.name, known.uuid), warns=True)
                return 1.0
            self._forget(known, running)
        finalizers = [name for name in config["metadata"].get("finalizers", []) if name != FINALIZER]
        self._merge(config, {"metadata": {"finalizers": finalizers or None}})
        logger.info("backend config %s is gone", key(config)[1])
        return None

    def _forget(self, known: BackendObject, running: _Running) -> None:
        running.objects.delete(known)
        self._backends.remove(known.uuid)
        logger.info("backend %s is gone", known.name)

    def _write(self, config: Json, wanted: Json, warns: bool = False) -> None:
        """Write a status and record it as an event; an unchanged one is recorded again only if it is a warning."""
        warns = warns or wanted["lastOperationStatus"] == "Failed"
        known: Json = config.get("status") or {}
        if known != wanted:
            self._merge(config, {"status": replacing(known, wanted)}, "/status")
        if known != wanted or (warns and wanted["phase"] != "Deleting"):
            outcome = wanted["lastOperationStatus"]
            self._events.record(config, "Warning" if warns else "Normal", outcome, wanted["message"])

    def _merge(self, config: Json, body: Json, subresource: str = "") -> None:
        """Change a config, unless it is deleted, or another one of its name by now."""
        for _ in range(_CONFLICTS):
            present = self._api.find(_path(config))
            if present is None or uid(present) != uid(config):
                return
            version = {"resourceVersion": present["metadata"]["resourceVersion"]}
            with suppress(ConflictError, NotFoundError):  # somebody changed or deleted it meanwhile
                metadata: Json = body.get("metadata", {}) | version
                self._api.merge(f"{_path(config)}{subresource}", {**body, "metadata": metadata})
                return

    def _refreshed(self, backend: Backend) -> Backend:
        fresh = self._factory.refreshed(backend)
        if fresh is not backend and self._backends.find(backend.uuid) is not None:
            self._backends.put(fresh)
        return fresh


def _path(config: Json) -> str:
    namespace, name = key(config)
    return f"{API}/namespaces/{namespace}/tridentbackendconfigs/{name}"
