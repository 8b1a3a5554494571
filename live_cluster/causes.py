"""What tells most, in the cluster, about an object that is not ready, or about the Pods of a release or of Trident."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from components.rules.windows_pods import untolerated
from live_cluster.api import Api, Json, RefusedError
from live_cluster.telling import Telling, telling
from verify.links.event_order import when

_WORKLOADS: Final = {"csi-driver-smb": "csi-smb-", "trident-operator": "trident-"}
"""The first letters of each chart's Pods and workloads: of what Helm has removed only events are left."""
_EARLIER_SECONDS: Final = 60
"""How much older than Helm's wait an event may be: a clock may differ, and the chart is loaded first."""


def cause_of(api: Api, inputs: Mapping[str, Any]) -> str | None:
    """Return what tells most about an object; of Trident's orchestrator, about its Pods."""
    metadata: Mapping[str, Any] = inputs["metadata"]
    path = api.path(inputs["apiVersion"], inputs["kind"], metadata.get("namespace"), metadata["name"])
    live = api.get(path) if path else None
    if live is None:
        return None
    if inputs["kind"] == "TridentOrchestrator":
        return _of_workloads(api, str(live["spec"].get("namespace", "trident")), _WORKLOADS["trident-operator"])
    of_object = {"fieldSelector": f"involvedObject.uid={live['metadata']['uid']}"}
    namespace = live["metadata"].get("namespace", "default")
    events = api.items(f"/api/v1/namespaces/{namespace}/events", **of_object)
    pods = [live] if inputs["kind"] == "Pod" else []
    found = telling(events, pods)
    return _with_taints(api, found, pods) if found else None


def cause_of_release(api: Api, inputs: Mapping[str, Any]) -> str | None:
    """Return what tells most about the Pods that a release awaited, the removed ones included."""
    seconds = float(inputs.get("timeout") or 0) + _EARLIER_SECONDS
    return _of_workloads(api, str(inputs["namespace"]), _WORKLOADS.get(str(inputs["chart"]), ""), seconds)


def _of_workloads(api: Api, namespace: str, prefix: str, seconds: float | None = None) -> str | None:
    """Return what tells most about the workloads of a chart, among the events of the last seconds."""
    since = datetime.fromtimestamp(time.time() - seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else ""
    pods = [pod for pod in api.items(f"/api/v1/namespaces/{namespace}/pods") if _is_of(pod["metadata"], prefix)]
    events = [
        event
        for event in api.items(f"/api/v1/namespaces/{namespace}/events")
        if _is_of(event.get("involvedObject") or {}, prefix) and when(event) >= since
    ]
    found = telling(events, pods)
    return f"{found.kind} {found.name}: {found}" if found else None


def _is_of(named: Json, prefix: str) -> bool:
    return str(named.get("name", "")).startswith(prefix)


def _with_taints(api: Api, told: Telling, pods: list[Json]) -> str:
    """Return what tells most, with the taints of the Pod's nodes: newer schedulers only count these nodes."""
    if told.reason != "FailedScheduling" or "untolerated taint(s)" not in told.message or not pods:
        return str(told)
    spec: Json = pods[0]["spec"]
    labels = ",".join(f"{key}={value}" for key, value in (spec.get("nodeSelector") or {}).items())
    try:
        nodes = api.items("/api/v1/nodes", labelSelector=labels)
    except RefusedError:
        return str(told)
    taints = {
        taint
        for node in nodes
        for taint in untolerated(node["spec"].get("taints") or [], spec.get("tolerations") or [])
    }
    return f"{told} Taints of these nodes: {', '.join(sorted(taints))}"
