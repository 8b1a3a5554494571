"""The cause of what did not become ready in time, logged with its error: `up` itself names it."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pulumi
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.settings import get_engine

from components.support.unready_release import awaited, is_out_of_time, watch
from live_cluster.api import Api, Connection, Json, reason_of
from live_cluster.telling import telling, when

_RELEASE: Final = "kubernetes:helm.sh/v3:Release"
_UNREADY: Final = "failed to fully initialize or become live"
"""In the plugin's error for what it has created, or changed, and then awaited in vain."""
_CANCELLED: Final = "was cancelled"
_SECONDS: Final = 30.0
_WORKLOADS: Final = {"csi-driver-smb": "csi-smb-", "trident-operator": "trident-"}
"""The first letters of each chart's Pods and workloads: of what Helm has removed only events are left."""
_EARLIER_SECONDS: Final = 60
"""How much older than Helm's wait an event may be: a clock may differ, and the chart is loaded first."""


class UnreadyObjects:
    """The objects that the provider awaits: where one does not become ready, its error carries the cause."""

    def __init__(self, cluster: Connection) -> None:
        self._cluster = cluster
        self._hook = pulumi.ErrorHook("object-unready", self._explain)

    def explain_failures(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        """Let the error of an object that is not ready say why."""
        if args.type_.startswith("kubernetes:"):
            args.opts.hooks = args.opts.hooks or pulumi.ResourceHookBinding()
            # A release's own hook can only name what Helm awaited, as this one does where it finds no more.
            others = [] if args.type_ == _RELEASE else args.opts.hooks.on_error or []
            args.opts.hooks.on_error = [*others, self._hook]
        return pulumi.ResourceTransformationResult(args.props, args.opts)

    async def _explain(self, args: pulumi.ErrorHookArgs) -> bool:
        error = args.errors[0] if args.errors else ""
        is_late = is_out_of_time(args) if args.type == _RELEASE else _UNREADY in error and _CANCELLED not in error
        if is_late and args.new_inputs:
            _log_error(args.urn, await self._said(args.type, args.new_inputs))
        return False  # no second try: its time is over

    async def _said(self, kind: str, inputs: Mapping[str, Any]) -> str:
        is_release = kind == _RELEASE
        unready = awaited(inputs) if is_release else f"{inputs['kind']} {_path(inputs)} is not ready"
        try:
            async with asyncio.timeout(_SECONDS):
                api = await self._cluster.api()
                found = await asyncio.to_thread(_cause, api, kind, inputs) if api else None
            cause = f". {found or (watch(inputs) if is_release else 'No event says why')}"
        except Exception as refused:  # of any plugin for credentials
            cause = f"; why could not be read from the cluster: {reason_of(refused)}"
        return f"{unready}{cause}\n{_command({} if is_release else inputs)}"


def _cause(api: Api, kind: str, inputs: Mapping[str, Any]) -> str | None:
    """Return what tells most about an object, or about the Pods of a release or of Trident."""
    if kind == _RELEASE:
        seconds = float(inputs.get("timeout") or 0) + _EARLIER_SECONDS
        return _of_workloads(api, str(inputs["namespace"]), _WORKLOADS.get(str(inputs["chart"]), ""), seconds)
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
    found = telling(events, [live] if inputs["kind"] == "Pod" else [])
    return str(found) if found else None


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


def _path(inputs: Mapping[str, Any]) -> str:
    metadata: Mapping[str, Any] = inputs["metadata"]
    return "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))


def _command(inputs: Mapping[str, Any]) -> str:
    """Return the command that finds the broken link."""
    stack = f"--stack {pulumi.get_stack()}"
    if inputs.get("kind") in {"Pod", "PersistentVolumeClaim"}:
        metadata = inputs["metadata"]
        return f"python -m verify diagnose {metadata['name']} -n {metadata['namespace']} {stack}"
    return f"python -m verify {stack}"


def _log_error(urn: str, message: str) -> None:
    """Log at a resource that is not registered yet: `pulumi.log` would await its registration, which has failed."""
    engine: Any = get_engine()
    engine.Log(engine_pb2.LogRequest(severity=engine_pb2.ERROR, message=message, urn=urn))
