"""Trident's operator: brings an orchestrator to Installed, keeps it there, uninstalls it.

The order of its questions, its statuses and its words are those of operator/controllers/orchestrator/controller.go in
NetApp/trident. It acts only while its own Pod runs, and is of the version of that Pod's image.
"""

import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sandbox.faults import TRIDENT_CRDS_LATE, TRIDENT_NEVER_INSTALLED, StandingFaults
from sandbox.kube.api import ApiError, ConflictError, KubeApi, NotFoundError
from sandbox.kube.controller import Controller, Watches
from sandbox.kube.events import EventRecorder
from sandbox.kube.merging import replacing
from sandbox.kube.objects import Json, key, runs, uid
from sandbox.trident.crds import CRDS, ORCHESTRATORS, kinds
from sandbox.trident.durations import Durations
from sandbox.trident.operator import kubernetes_versions
from sandbox.trident.operator.installation import InstallationError, Plan, image_version, plan
from sandbox.trident.operator.kubernetes_versions import minor_version
from sandbox.trident.operator.releases import release
from sandbox.trident.operator.removal import obliviate, uninstall
from sandbox.trident.operator.status import OrchestratorStatus, installation_parameters, status_parameters
from sandbox.trident.operator.workloads import CONTROLLER_APP, KUBERNETES_LABEL, VERSION_LABEL, objects

logger = logging.getLogger(__name__)

_OPERATOR_APP: Final = "operator.trident.netapp.io"
_MANAGER: Final = "trident-operator"
_NEWEST: Final = "26.06.0"
"""What an operator is taken for whose image's tag is no version."""
_POLL_SECONDS: Final = 0.5
_BUSY: Final = 429
_LAST_RETRY_SECONDS: Final = 60.0
_UNINSTALLED_NOTE: Final = ". NOTE: This CR has uninstalled status; delete this CR to allow new Trident installation."


class Operator(Controller):
    """The operator of the one Trident that a cluster has."""

    needs = ("pods", "deployments")

    def __init__(
        self,
        api: KubeApi,
        watches: Watches,
        faults: StandingFaults,
        durations: Durations,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(watches)
        self._api = api
        self._faults = faults
        self._durations = durations
        self._clock = clock
        self._events = EventRecorder(api, "trident-operator.netapp.io")
        self._applied = ""
        self._since: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._kubernetes = ""

    def reconcile(self) -> float | None:
        """Look for orchestrators, and move the one that counts a step on."""
        pod = self._running_pod(_OPERATOR_APP)
        if pod is None:
            self._applied = ""
            return None
        self._kubernetes = self._kubernetes or str(self._api.get("/version")["gitVersion"])
        image = str(pod["spec"]["containers"][0]["image"])
        version = image_version(image) or _NEWEST
        orchestrators = self._orchestrators()
        installed = self._deployments()
        controlling = next((each for each in orchestrators if _status(each) not in {"", "Error"}), None)
        if controlling is None and not installed:
            return self._begin(orchestrators, version, str(pod["metadata"]["namespace"]))
        if controlling is None:
            owners = {owner["uid"] for each in installed for owner in each["metadata"].get("ownerReferences", [])}
            controlling = next((each for each in orchestrators if uid(each) in owners), None)
        if controlling is None:  # its orchestrator was deleted
            for deployment in installed:
                uninstall(self._api, key(deployment)[0])
            return _POLL_SECONDS
        pause = self._maintain(controlling, version, installed)
        self._refuse_others(orchestrators, controlling)
        return pause

    def _begin(self, orchestrators: list[Json], version: str, own_namespace: str) -> float | None:
        """No Trident yet: choose an orchestrator and install it."""
        warning = kubernetes_versions.warning(release(version), self._kubernetes)
        if warning:
            for each in orchestrators:
                self._say(each, OrchestratorStatus("Error", warning, namespace=_namespace(each)))
        candidates = [each for each in orchestrators if not (each.get("spec") or {}).get("uninstall")]
        if not candidates:
            return None
        chosen = next((each for each in candidates if _namespace(each) == own_namespace), candidates[0])
        status = OrchestratorStatus("Installing", "Installing Trident", namespace=_namespace(chosen))
        chosen = self._say(chosen, status)
        self._since.pop(uid(chosen), None)
        pause = self._install(chosen, version, "", "")
        self._refuse_others(orchestrators, chosen)
        return pause

    def _maintain(self, orchestrator: Json, version: str, installed: list[Json]) -> float | None:
        """There is an orchestrator that counts: keep it as its spec says."""
        spec: Json = orchestrator.get("spec") or {}
        status: Json = orchestrator.get("status") or {}
        labels: Json = installed[0]["metadata"].get("labels", {}) if installed else {}
        current = str(labels.get(VERSION_LABEL, ""))
        if status.get("status") == "Uninstalled" or spec.get("uninstall"):
            return self._uninstall(orchestrator, version, current)
        namespace = str(status.get("namespace") or "")
        if namespace and namespace != _namespace(orchestrator):
            message = (
                f"Operator cannot proceed with the installation due to namespace change from `{namespace}` to "
                f"`{_namespace(orchestrator)}`; namespace change is not allowed."
            )
            self._say(
                orchestrator, OrchestratorStatus("Failed", message, current, namespace, status_parameters(status))
            )
            return self._backoff(orchestrator)
        warning = kubernetes_versions.warning(release(version), self._kubernetes)
        known = str(labels.get(KUBERNETES_LABEL, ""))
        if not warning and known and minor_version(known) != minor_version(self._kubernetes):
            updating = OrchestratorStatus("Updating", "Updating Trident", current, namespace, status_parameters(status))
            orchestrator = self._say(orchestrator, updating)
        return self._install(orchestrator, version, current, warning)

    def _install(self, orchestrator: Json, version: str, current: str, warning: str) -> float | None:
        """Apply what is to be there; Installed once the controller's Pod runs."""
        namespace = _namespace(orchestrator)
        try:
            wanted = plan(orchestrator, version)
            pause = self._apply(wanted)
            if pause is None:
                pause = self._await_controller(wanted)
        except (InstallationError, ApiError) as error:
            self._applied = ""
            if isinstance(error, ApiError) and error.status == _BUSY:
                return _POLL_SECONDS
            message = f"Failed to install Trident; err: {error}" + (f"; {warning}" if warning else "")
            self._say(orchestrator, OrchestratorStatus("Failed", message, namespace=namespace))
            return self._backoff(orchestrator)
        if pause is not None:
            return pause
        self._failures.pop(uid(orchestrator), None)
        if current != wanted.version_label:
            logger.info("Trident %s is installed in %s", wanted.version, namespace)
        message = f"Trident installed; {warning}" if warning else "Trident installed"
        parameters = installation_parameters(wanted)
        self._say(
            orchestrator,
            OrchestratorStatus("Installed", message, wanted.version_label, namespace, parameters, bool(warning)),
        )
        return None

    def _apply(self, wanted: Plan) -> float | None:
        """Make kinds and workloads; seconds to wait where they are not to be made yet."""
        held_back = TRIDENT_NEVER_INSTALLED in self._faults.all()
        signature = json.dumps([wanted.orchestrator["spec"], uid(wanted.orchestrator), wanted.version, held_back])
        if signature == self._applied and self._deployments():
            return None
        if (late := self._kinds_late(wanted)) > 0:
            return min(late, _POLL_SECONDS)
        with suppress(ConflictError):
            self._api.create("/api/v1/namespaces", {"metadata": {"name": wanted.namespace}})
        for kind in kinds(wanted.release):
            self._api.apply(f"{CRDS}/{kind.name}", kind.definition(), _MANAGER)
        for item in objects(wanted, self._kubernetes, held_back):
            if item.once:
                with suppress(ConflictError):
                    self._api.create(item.collection, item.body)
            else:
                self._api.apply(item.path, item.body, _MANAGER)
        self._applied = signature
        return None

    def _kinds_late(self, wanted: Plan) -> float:
        """Seconds that the fault still holds the kinds back."""
        delay = self._faults.all().get(TRIDENT_CRDS_LATE)
        if delay is None or any(self._exists(f"{CRDS}/{kind.name}") for kind in kinds(wanted.release)[-1:]):
            return 0.0
        return self._began(wanted.orchestrator, "kinds") + delay - self._clock()

    def _await_controller(self, wanted: Plan) -> float | None:
        """None once the controller's Pod runs, seconds to wait before."""
        waited = self._clock() - self._began(wanted.orchestrator, "controller")
        pod = self._running_pod(CONTROLLER_APP, wanted.namespace)
        images = [container["image"] for container in pod["spec"]["containers"]] if pod else []
        if wanted.image in images and waited >= self._durations.install:
            self._forget(wanted.orchestrator)
            return None
        if waited > self._durations.pod_timeout:
            self._forget(wanted.orchestrator)
            raise InstallationError("pod provisioning in progress; containers are still in creating state")
        return _POLL_SECONDS

    def _uninstall(self, orchestrator: Json, version: str, current: str) -> float | None:
        spec: Json = orchestrator.get("spec") or {}
        status: Json = orchestrator.get("status") or {}
        namespace = str(status.get("namespace") or _namespace(orchestrator))
        parameters = status_parameters(status)
        if status.get("status") != "Uninstalled":
            going = OrchestratorStatus("Uninstalling", "Uninstalling Trident", current, namespace, parameters)
            orchestrator = self._say(orchestrator, going)
        self._applied = ""
        try:
            uninstall(self._api, namespace)
            wiped = "crds" in {str(each).lower() for each in spec.get("wipeout") or []}
            if wiped and obliviate(self._api, spec.get("skipCRDsToObliviate") or [], release(version) >= (25, 6)):
                return _POLL_SECONDS
        except ApiError as error:
            message = f"Failed to uninstall Trident; err: {error}"
            self._say(orchestrator, OrchestratorStatus("Failed", message, current, namespace, parameters))
            return self._backoff(orchestrator)
        message = f"Uninstalled Trident{' and removed CRDs' if wiped else ''}{_UNINSTALLED_NOTE}"
        self._say(orchestrator, OrchestratorStatus("Uninstalled", message, namespace=namespace))
        return None

    def _refuse_others(self, orchestrators: list[Json], controlling: Json) -> None:
        name = key(controlling)[1]
        for each in orchestrators:
            if key(each)[1] != name:
                message = f"Trident is bound to another CR '{name}'"
                self._say(each, OrchestratorStatus("Error", message, namespace=_namespace(each)))

    def _say(self, orchestrator: Json, status: OrchestratorStatus) -> Json:
        """Write a status and say it in an event; one that is there already is said again only if it is a warning."""
        name = key(orchestrator)[1]
        wanted = status.body()
        if orchestrator.get("status") == wanted:
            return orchestrator
        path = f"{ORCHESTRATORS}/{name}/status"
        try:
            patch: Json = {"metadata": {"uid": uid(orchestrator)}}
            patch["status"] = replacing(orchestrator.get("status") or {}, wanted)
            written = self._api.merge(path, patch)
        except (NotFoundError, ConflictError):  # deleted, or another one of that name by now
            return orchestrator
        logger.info("orchestrator %s: %s: %s", name, status.status, status.message)
        self._events.record(orchestrator, "Warning" if status.is_warning else "Normal", status.status, status.message)
        return written

    def _orchestrators(self) -> list[Json]:
        """Asked anew each time: a decision on a status that is behind would undo what was done."""
        try:
            items: list[Json] = self._api.get(ORCHESTRATORS)["items"]
        except NotFoundError:
            return []
        return [item for item in items if "deletionTimestamp" not in item["metadata"]]

    def _deployments(self) -> list[Json]:
        return [
            item
            for item in self.watches["deployments"].values()
            if item["metadata"].get("labels", {}).get("app") == CONTROLLER_APP
            and any(owner["kind"] == "TridentOrchestrator" for owner in item["metadata"].get("ownerReferences", []))
            and "deletionTimestamp" not in item["metadata"]
        ]

    def _running_pod(self, app: str, namespace: str | None = None) -> Json | None:
        for pod in self.watches["pods"].values():
            ours = pod["metadata"].get("labels", {}).get("app") == app and namespace in {None, key(pod)[0]}
            if ours and runs(pod):
                return pod
        return None

    def _exists(self, path: str) -> bool:
        try:
            self._api.get(path)
        except NotFoundError:
            return False
        return True

    def _began(self, orchestrator: Json, what: str) -> float:
        return self._since.setdefault(f"{uid(orchestrator)} {what}", self._clock())

    def _forget(self, orchestrator: Json) -> None:
        for name in [name for name in self._since if name.startswith(uid(orchestrator))]:
            del self._since[name]

    def _backoff(self, orchestrator: Json) -> float:
        failures = self._failures.get(uid(orchestrator), 0)
        self._failures[uid(orchestrator)] = failures + 1
        return min(2.0**failures, _LAST_RETRY_SECONDS)


def _status(orchestrator: Json) -> str:
    return str((orchestrator.get("status") or {}).get("status") or "")


def _namespace(orchestrator: Json) -> str:
    return str((orchestrator.get("spec") or {}).get("namespace") or "default")
