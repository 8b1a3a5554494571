"""The cause of what did not become ready in time, logged with its error: `up` itself names it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.settings import get_engine

from components.support.unready_release import awaited, is_out_of_time, watch
from live_cluster.api import Connection, reason_of
from live_cluster.causes import cause_of, cause_of_release

_RELEASE: Final = "kubernetes:helm.sh/v3:Release"
_UNREADY: Final = "timed out waiting"
"""In the plugin's error for what it awaited in vain; without it the API server refused, or the user interrupted."""
_DIAGNOSED: Final = ("Pod", "PersistentVolumeClaim")
_SECONDS: Final = 30.0


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
        is_late = is_out_of_time(args) if args.type == _RELEASE else _UNREADY in error
        if is_late and args.new_inputs:
            _log_error(args.urn, await self._said(args.type, args.new_inputs))
        return False  # no second try: its time is over

    async def _said(self, kind: str, inputs: Mapping[str, Any]) -> str:
        is_release = kind == _RELEASE
        unready = awaited(inputs) if is_release else f"{inputs['kind']} {_path(inputs)} is not ready"
        try:
            async with asyncio.timeout(_SECONDS):
                api = await self._cluster.api()
                look = cause_of_release if is_release else cause_of
                found = await asyncio.to_thread(look, api, inputs) if api else None
            nothing = ". No event says why" if inputs.get("kind") in _DIAGNOSED else ""
            cause = f". {found}" if found else f". {watch(inputs)}" if is_release else nothing
        except Exception as refused:  # of any plugin for credentials
            cause = f"; why could not be read from the cluster: {reason_of(refused)}"
        return f"{unready}{cause}\n{_command({} if is_release else inputs)}"


def _path(inputs: Mapping[str, Any]) -> str:
    metadata: Mapping[str, Any] = inputs["metadata"]
    return "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))


def _command(inputs: Mapping[str, Any]) -> str:
    """Return the command that finds the broken link."""
    stack = f"--stack {pulumi.get_stack()}"
    if inputs.get("kind") in _DIAGNOSED:
        metadata = inputs["metadata"]
        return f"python -m verify diagnose {metadata['name']} -n {metadata['namespace']} {stack}"
    return f"python -m verify {stack}"


def _log_error(urn: str, message: str) -> None:
    """Log at a resource that is not registered yet: `pulumi.log` would await its registration, which has failed."""
    engine: Any = get_engine()
    engine.Log(engine_pb2.LogRequest(severity=engine_pb2.ERROR, message=message, urn=urn))
