"""The status message of an object that did not become ready in time, logged with the error.

The provider shows a controller's warnings only during the wait; its final error says no more than that time is up.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import pulumi

from components.support.transient_errors import TYPE_MISSING

_READ_SECONDS: Final = 30.0


def failure_status(owner: pulumi.Resource, name: str) -> pulumi.ErrorHook:
    """Return a hook that logs the status message of an object whose creation or update has failed.

    The object has `status.message`, and a child of `owner` creates or patches it. `name` is unique.
    """

    async def log_status(args: pulumi.ErrorHookArgs) -> bool:
        there_is_none = any(TYPE_MISSING.text in error for error in args.errors[:1])
        if args.failed_operation != "delete" and args.new_inputs and not there_is_none:
            found = await _status(owner, f"{name}-{args.failed_operation}", args.new_inputs)
            if found.get("message"):
                pulumi.log.error(f"{_title(args.new_inputs)} says: {found['message']}", resource=owner)
        return False  # no second try: its time is over

    return pulumi.ErrorHook(name, log_status)


class _Live(pulumi.CustomResource):
    """The object as it is in the cluster; read, never changed."""

    status: pulumi.Output[Mapping[str, Any] | None]

    def __init__(self, name: str, kind: str, object_id: str, owner: pulumi.Resource) -> None:
        super().__init__(kind, name, {"status": None}, pulumi.ResourceOptions(parent=owner, id=object_id))


async def _status(owner: pulumi.Resource, name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata: Mapping[str, Any] = inputs["metadata"]
    object_id = "/".join(part for part in (metadata.get("namespace"), metadata["name"]) if part)
    live = _Live(name, f"kubernetes:{inputs['apiVersion']}:{inputs['kind']}", object_id, owner)
    try:
        return await asyncio.wait_for(live.status.future(), _READ_SECONDS) or {}
    except TimeoutError:
        return {}


def _title(inputs: Mapping[str, Any]) -> str:
    return f"{inputs['kind']} {inputs['metadata']['name']}"
