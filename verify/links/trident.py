"""Checks of Trident: its orchestrator, TridentBackendConfig and TridentBackend."""

import re
from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.links.trident_troubles import BACKEND, ORPHAN
from verify.stack.parts import Trident
from verify.trouble import BrokenError, Trouble, matching_trouble

API: Final = "/apis/trident.netapp.io/v1"

ORCHESTRATOR_MISSING: Final = Trouble(
    "orchestrator-missing",
    "`kubectl get torc` shows no TridentOrchestrator",
    "it was deleted, or Trident was never installed",
    "`helm get manifest trident -n {namespace} | kubectl apply -n {namespace} -f -`",
)
ORCHESTRATOR_FAILED: Final = Trouble(
    "orchestrator-not-installed",
    "the TridentOrchestrator is not Installed",
    "the operator failed to install Trident; it retries, and its message gives the reason",
    "`kubectl describe torc`; `kubectl logs deployment/trident-operator -n {namespace}`",
)
OTHER_VERSION: Final = Trouble(
    "trident-other-version",
    "the TridentOrchestrator reports another version than the stack's",
    "an upgrade is in progress, or Trident was changed outside the stack",
    "`kubectl describe torc`; `pulumi up --refresh --stack {stack}`",
)
CONFIG_MISSING: Final = Trouble(
    "backend-config-missing",
    "`kubectl get tbc -n trident` does not show the TridentBackendConfig",
    "it was deleted",
    "`pulumi up --refresh --stack {stack}`",
)
CONFIG_NOT_BOUND: Final = Trouble(
    "backend-config-not-bound",
    "the TridentBackendConfig is not Bound, or its last operation Failed",
    "Trident failed to create the backend; its message gives the reason",
    "`kubectl describe tbc {config} -n {namespace}`",
)
CONFIG_LOST: Final = Trouble(
    "backend-config-lost",
    "the TridentBackendConfig is Lost",
    "its TridentBackend was deleted directly",
    "`kubectl delete tbc {config} -n {namespace}`, `pulumi up --refresh --stack {stack}`",
)
FINALIZERS: Final = Trouble(
    "finalizers-stuck",
    "TridentBackendConfig, TridentBackend or the namespace trident stay Terminating",
    "the deletion waits for the backend's volumes, or for a Trident that is not running",
    "while Trident runs: delete the claims of its volumes; to keep the volumes, remove the finalizer, and the "
    "backend's reference to the old config, which Trident keeps in memory: "
    '`kubectl patch {kind} {name} -n {namespace} --type merge -p \'{{"metadata":{{"finalizers":null}}}}\'`, '
    '`kubectl patch tridentbackend {backend} -n {namespace} --type merge -p \'{{"configRef":""}}\'`, '
    "`kubectl rollout restart deployment/trident-controller -n {namespace}`, `pulumi up --refresh --stack {stack}`",
)
BACKEND_OFFLINE: Final = Trouble(
    "backend-offline",
    "`kubectl get tbe` shows no such backend, or its state is not online",
    "Trident cannot reach Azure, or the backend was deleted",
    "`kubectl describe tridentbackend -n {namespace}`; `kubectl rollout restart deployment/trident-controller "
    "-n {namespace}`",
)
TROUBLES: Final = (
    ORCHESTRATOR_MISSING,
    ORCHESTRATOR_FAILED,
    OTHER_VERSION,
    CONFIG_MISSING,
    CONFIG_NOT_BOUND,
    CONFIG_LOST,
    FINALIZERS,
    BACKEND_OFFLINE,
)


def orchestrator(cluster: Cluster, trident: Trident) -> str:
    """Check that the orchestrator is Installed with the stack's version."""
    found = cluster.select(f"{API}/tridentorchestrators")
    if not found:
        raise BrokenError(ORCHESTRATOR_MISSING, "no TridentOrchestrator", namespace=trident.namespace)
    status: Json = found[0].get("status") or {}
    state, version = str(status.get("status") or "no status yet"), str(status.get("version") or "")
    if "deletionTimestamp" in found[0]["metadata"]:
        state = "being deleted"
    if state != "Installed":
        message = " ".join(str(status.get("message") or "").split())
        raise BrokenError(
            ORCHESTRATOR_FAILED, f"{state}{': ' if message else ''}{message}", namespace=trident.namespace
        )
    wanted = product_version(trident.version) if trident.version else version
    if version.removeprefix("v") != wanted.removeprefix("v"):
        raise BrokenError(OTHER_VERSION, f"Installed is {version}, the stack has {wanted}")
    return f"Installed, {version}"


def product_version(chart: str) -> str:
    """Return Trident's version for a chart's: 26.06.0 for 100.2606.0; before 24.02 they are equal."""
    parts = re.fullmatch(r"100\.(\d\d)(\d\d)\.(\d+)", chart)
    return f"{parts[1]}.{parts[2]}.{parts[3]}" if parts else chart


def backend_config(cluster: Cluster, trident: Trident) -> str:
    """Check that the TridentBackendConfig is Bound, and its last operation was a Success."""
    name, namespace = trident.backend_config, trident.namespace
    found = cluster.find(f"{API}/namespaces/{namespace}/tridentbackendconfigs/{name}")
    values = {"config": name, "namespace": namespace, "kind": "tridentbackendconfig", "name": name}
    if found is None:
        raise BrokenError(CONFIG_MISSING, f"no TridentBackendConfig {namespace}/{name}", **values)
    status: Json = found.get("status") or {}
    phase, outcome = str(status.get("phase") or "no phase yet"), str(status.get("lastOperationStatus") or "")
    message = " ".join(str(status.get("message") or "").split())
    if "deletionTimestamp" in found["metadata"]:
        held = ", ".join(found["metadata"].get("finalizers") or [])
        values["backend"] = _object_of(cluster, trident)
        raise BrokenError(FINALIZERS, f"{name} is being deleted, held by {held}: {message}", **values)
    if phase == "Bound" and outcome == "Success":
        return f"{name} Bound, Success"
    otherwise = CONFIG_LOST if phase == "Lost" else CONFIG_NOT_BOUND
    trouble = matching_trouble(BACKEND, message, otherwise)
    if trouble is ORPHAN:
        values["backend"] = _object_of(cluster, trident)
    raise BrokenError(trouble, f"{phase}, {outcome}: {message}", **values)


def backend(cluster: Cluster, trident: Trident) -> str:
    """Check that the TridentBackend is online."""
    found = _backend(cluster, trident)
    if found is None:
        raise BrokenError(BACKEND_OFFLINE, f"no TridentBackend {trident.backend}", namespace=trident.namespace)
    state, reason = str(found.get("state") or ""), str(found.get("stateReason") or "")
    name = str(found["metadata"]["name"])
    if "deletionTimestamp" in found["metadata"] or state == "deleting":
        raise BrokenError(
            FINALIZERS,
            f"{trident.backend} ({name}) is being deleted",
            kind="tridentbackend",
            name=name,
            namespace=trident.namespace,
            backend="",
        )
    if state != "online":
        seen = f"{trident.backend} has state {state or 'none'}{': ' if reason else ''}{reason}"
        raise BrokenError(matching_trouble(BACKEND, reason, BACKEND_OFFLINE), seen, namespace=trident.namespace)
    return f"{trident.backend} online"


def _backend(cluster: Cluster, trident: Trident) -> Json | None:
    listed = cluster.select(f"{API}/namespaces/{trident.namespace}/tridentbackends")
    return next((each for each in listed if each.get("backendName") == trident.backend), None)


def _object_of(cluster: Cluster, trident: Trident) -> str:
    found = _backend(cluster, trident)
    return str(found["metadata"]["name"]) if found else ""
