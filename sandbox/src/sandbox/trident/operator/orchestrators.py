"""Trident's operator: brings a TridentOrchestrator to Installed, keeps it there, uninstalls it.

The order of its checks, its statuses and its words are those of operator/controllers/orchestrator/controller.go in
NetApp/trident. It acts only while its own Pod runs, and has the version of that Pod's image.
"""

import json
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from sandbox.faults import TRIDENT_CRDS_LATE, TRIDENT_NEVER_INSTALLED, StandingFaults
from sandbox.kube.api import ApiError, ConflictError, KubeApi, NotFoundError
from sandbox.kube.controller import Controller, Watches
from sandbox.kube.events import EventRecorder
from sandbox.kube.merging import replacing
from sandbox.kube.objects import Json, key, runs, uid
from sandbox.trident.crds import BUSY, CRDS, ORCHESTRATORS, kinds, obliviate
from sandbox.trident.durations import Durations
from sandbox.trident.names import CONTROLLER_APP
from sandbox.trident.operator.installation import InstallationError, Plan, plan
from sandbox.trident.operator.objects import put
from sandbox.trident.operator.workloads import KUBERNETES_LABEL, VERSION_LABEL, objects, uninstall
from sandbox.trident.versions import NEWEST, image_version, kubernetes_warning, minor_version, release

logger = logging.getLogger(__name__)

_OPERATOR_APP: Final = "operator.trident.netapp.io"
_MANAGER: Final = "trident-operator"
_POLL_SECONDS: Final = 0.5
_LAST_RETRY_SECONDS: Final = 60.0
_LOOKS_FOR_A_POD_SINCE: Final = (23, 10)
"""It asks the controller's Pod for the version of ACP before it changes anything, and waits for one (GetACPVersion)."""
_UNINSTALLED_NOTE: Final = ". NOTE: This CR has uninstalled status; delete this CR to allow new Trident installation."


@dataclass(frozen=True)
class _Status:
    """A status to write; `version` is empty until Trident is installed."""

    status: Literal["Installing", "Installed", "Updating", "Failed", "Error", "Uninstalling", "Uninstalled"]
    message: str
    version: str = ""
    namespace: str = ""
    parameters: Json = field(default_factory=dict[str, object])
    warns: bool = False

    def body(self) -> Json:
        shown: Json = {
            "status": self.status,
            "message": self.message,
            "version": self.version,
            "namespace": self.namespace,
            "currentInstallationParams": self.parameters,
        }
        return {**shown, "acpVersion": self.version} if self.version >= "v24.02" else shown


class Operator(Controller):
    """The operator of the one Trident that a cluster has."""

    needs = ("pods", "deployments")

    def __init__(self, api: KubeApi, watches: Watches, faults: StandingFaults, durations: Durations) -> None:
        super().__init__(watches)
        self._api = api
        self._faults = faults
        self._durations = durations
        self._events = EventRecorder(api, "trident-operator.netapp.io")
        self._pod = ""
        self._applied = ""
        self._has_had_identity = False
        """A workload identity was asked for once: the process never forgets it, and labels the controller's Pod."""
        self._since: dict[tuple[str, str], float] = {}
        self._failures: dict[str, int] = {}
        self._kubernetes = ""

    def reconcile(self) -> float | None:
        """Move the orchestrator that counts one step on, and refuse the others."""
        pod = self._running_pod(_OPERATOR_APP)
        if pod is None:
            self._pod = ""
            return None
        if uid(pod) != self._pod:
            self._pod, self._applied, self._has_had_identity = uid(pod), "", False
        self._kubernetes = self._kubernetes or str(self._api.get("/version")["gitVersion"])
        version = image_version(str(pod["spec"]["containers"][0]["image"])) or NEWEST
        orchestrators = self._orchestrators()
        installed = self._deployments()
        controlling = next(
            (each for each in orchestrators if _status(each).get("status", "") not in {"", "Error"}), None
        )
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
        """Choose the orchestrator of a cluster without Trident, and install it."""
        if warning := kubernetes_warning(release(version), self._kubernetes):
            for each in orchestrators:
                self._write(each, _Status("Error", warning, namespace=_namespace(each)))
        candidates = [each for each in orchestrators if not (each.get("spec") or {}).get("uninstall")]
        if not candidates:
            return None
        chosen = next((each for each in candidates if _namespace(each) == own_namespace), candidates[0])
        chosen = self._write(chosen, _Status("Installing", "Installing Trident", namespace=_namespace(chosen)))
        pause = self._install(chosen, version, "", "")
        self._refuse_others(orchestrators, chosen)
        return pause

    def _maintain(self, orchestrator: Json, version: str, installed: list[Json]) -> float | None:
        """Keep what an orchestrator's spec says."""
        status = _status(orchestrator)
        labels: Json = installed[0]["metadata"].get("labels", {}) if installed else {}
        current = str(labels.get(VERSION_LABEL, ""))
        if status.get("status") == "Uninstalled" or (orchestrator.get("spec") or {}).get("uninstall"):
            return self._uninstall(orchestrator, version, current)
        namespace = str(status.get("namespace") or "")
        parameters = status.get("currentInstallationParams") or {}
        if namespace and namespace != _namespace(orchestrator):
            message = (
                f"Operator cannot proceed with the installation due to namespace change from `{namespace}` to "
                f"`{_namespace(orchestrator)}`; namespace change is not allowed."
            )
            return self._fail(orchestrator, _Status("Failed", message, current, namespace, parameters))
        warning = kubernetes_warning(release(version), self._kubernetes)
        known = str(labels.get(KUBERNETES_LABEL, ""))
        if not warning and known and minor_version(known) != minor_version(self._kubernetes):
            updating = _Status("Updating", "Updating Trident", current, namespace, parameters)
            orchestrator = self._write(orchestrator, updating)
        return self._install(orchestrator, version, current, warning)

    def _install(self, orchestrator: Json, version: str, current: str, warning: str) -> float | None:
        """Apply all objects; write Installed once the controller's Pod runs."""
        namespace = _namespace(orchestrator)
        try:
            wanted = plan(orchestrator, version)
            pause = self._apply(wanted, current) or self._await_controller(wanted)
        except (InstallationError, ApiError) as error:
            self._applied = ""
            if isinstance(error, ApiError) and error.status == BUSY:
                return _POLL_SECONDS
            message = f"Failed to install Trident; err: {error}" + (f"; {warning}" if warning else "")
            return self._fail(orchestrator, _Status("Failed", message, namespace=namespace))
        if pause is not None:
            return pause
        self._failures.pop(uid(orchestrator), None)
        if current != wanted.version_label:
            logger.info("Trident %s is installed in %s", wanted.version, namespace)
        message = f"Trident installed; {warning}" if warning else "Trident installed"
        label, parameters = wanted.version_label, wanted.parameters()
        self._write(orchestrator, _Status("Installed", message, label, namespace, parameters, bool(warning)))
        return None

    def _apply(self, wanted: Plan, current: str) -> float | None:
        """Put kinds and workloads there, whose Pod is awaited from then on; return the seconds for which they wait."""
        held_back = TRIDENT_NEVER_INSTALLED in self._faults.all()
        signature = json.dumps([wanted.spec, uid(wanted.orchestrator), wanted.version, self._kubernetes, held_back])
        deployments = self._deployments()
        if signature == self._applied and deployments:
            return None
        if (late := max(self._lateness(wanted), self._absence(wanted, deployments))) > 0:
            return min(late, _POLL_SECONDS)
        with suppress(ConflictError):
            self._api.create("/api/v1/namespaces", {"metadata": {"name": wanted.namespace}})
        for kind in kinds(release(wanted.version)):
            self._api.apply(f"{CRDS}/{kind.name}", kind.definition(), _MANAGER)
        self._has_had_identity = self._has_had_identity or bool(wanted.workload_identity)
        known = str(deployments[0]["metadata"]["labels"].get(KUBERNETES_LABEL, "")) if deployments else ""
        renew = (current, known) != (wanted.version_label, self._kubernetes)
        put(
            self._api,
            objects(wanted, self._kubernetes, identity_label=self._has_had_identity, held_back=held_back),
            wanted.version,
            renew=renew,
        )
        self._applied = signature
        self._since.pop((uid(wanted.orchestrator), "controller"), None)
        return None

    def _absence(self, wanted: Plan, deployments: list[Json]) -> float:
        """Return the seconds for which the operator still waits for a Pod of a Deployment that somebody deleted."""
        installed = _status(wanted.orchestrator).get("version")
        if deployments or not installed or release(wanted.version) < _LOOKS_FOR_A_POD_SINCE:
            self._since.pop((uid(wanted.orchestrator), "absence"), None)
            return 0.0
        return self._began(wanted.orchestrator, "absence") + self._durations.pod_timeout - time.monotonic()

    def _lateness(self, wanted: Plan) -> float:
        """Return the seconds for which the fault still holds the kinds back."""
        delay = self._faults.all().get(TRIDENT_CRDS_LATE)
        if delay is None or self._api.find(f"{CRDS}/{kinds(release(wanted.version))[-1].name}"):
            return 0.0
        return self._began(wanted.orchestrator, "kinds") + delay - time.monotonic()

    def _await_controller(self, wanted: Plan) -> float | None:
        """Return the seconds until the next look; None once the controller's Pod runs."""
        waited = time.monotonic() - self._began(wanted.orchestrator, "controller")
        pod = self._running_pod(CONTROLLER_APP, wanted.namespace)
        images = [container["image"] for container in pod["spec"]["containers"]] if pod else []
        runs_now = wanted.image in images and waited >= self._durations.install
        if not runs_now and waited <= self._durations.pod_timeout:
            return _POLL_SECONDS
        self._since.clear()
        if not runs_now:
            raise InstallationError("pod provisioning in progress; containers are still in creating state")
        return None

    def _uninstall(self, orchestrator: Json, version: str, current: str) -> float | None:
        spec: Json = orchestrator.get("spec") or {}
        status = _status(orchestrator)
        namespace = str(status.get("namespace") or _namespace(orchestrator))
        parameters = status.get("currentInstallationParams") or {}
        if status.get("status") != "Uninstalled":
            going = _Status("Uninstalling", "Uninstalling Trident", current, namespace, parameters)
            orchestrator = self._write(orchestrator, going)
        self._applied = ""
        try:
            uninstall(self._api, namespace)
            wiped = "crds" in {str(each).lower() for each in spec.get("wipeout") or []}
            if wiped and obliviate(self._api, spec.get("skipCRDsToObliviate") or [], release(version) >= (25, 6)):
                return _POLL_SECONDS
        except ApiError as error:
            message = f"Failed to uninstall Trident; err: {error}"
            return self._fail(orchestrator, _Status("Failed", message, current, namespace, parameters))
        message = f"Uninstalled Trident{' and removed CRDs' if wiped else ''}{_UNINSTALLED_NOTE}"
        self._write(orchestrator, _Status("Uninstalled", message, namespace=namespace))
        return None

    def _refuse_others(self, orchestrators: list[Json], controlling: Json) -> None:
        name = key(controlling)[1]
        for each in orchestrators:
            if key(each)[1] != name:
                message = f"Trident is bound to another CR '{name}'"
                self._write(each, _Status("Error", message, namespace=_namespace(each)))

    def _fail(self, orchestrator: Json, status: _Status) -> float:
        """Write a failure; return the seconds until the next attempt, twice as many each time."""
        self._write(orchestrator, status)
        failures = self._failures.get(uid(orchestrator), 0)
        self._failures[uid(orchestrator)] = failures + 1
        return min(2.0**failures, _LAST_RETRY_SECONDS)

    def _write(self, orchestrator: Json, status: _Status) -> Json:
        """Write a status that has changed, and record it as an event."""
        name, wanted = key(orchestrator)[1], status.body()
        if orchestrator.get("status") == wanted:
            return orchestrator
        patch: Json = {"metadata": {"uid": uid(orchestrator)}, "status": replacing(_status(orchestrator), wanted)}
        try:
            written = self._api.merge(f"{ORCHESTRATORS}/{name}/status", patch)
        except (NotFoundError, ConflictError):  # deleted, or another one of that name by now
            return orchestrator
        logger.info("orchestrator %s: %s: %s", name, status.status, status.message)
        warns = status.warns or status.status in {"Failed", "Error"}
        self._events.record(orchestrator, "Warning" if warns else "Normal", status.status, status.message)
        return written

    def _orchestrators(self) -> list[Json]:
        """Return the orchestrators as they are now: a decision on a status that is behind would undo what was done."""
        found = self._api.find(ORCHESTRATORS) or {"items": []}
        return [item for item in found["items"] if "deletionTimestamp" not in item["metadata"]]

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

    def _began(self, orchestrator: Json, what: str) -> float:
        return self._since.setdefault((uid(orchestrator), what), time.monotonic())


def _status(orchestrator: Json) -> Json:
    return orchestrator.get("status") or {}


def _namespace(orchestrator: Json) -> str:
    return str((orchestrator.get("spec") or {}).get("namespace") or "default")
