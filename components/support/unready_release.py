"""The objects that an unready Helm release awaited, logged with its error."""

from collections.abc import Mapping
from typing import Any, Final

import pulumi

_OUT_OF_TIME: Final = ("deadline exceeded", "timed out")


def unready_release(owner: pulumi.Resource, name: str) -> pulumi.ErrorHook:
    """Return a hook that logs what an installation or an upgrade has awaited, if its time is up.

    Helm's error is "context deadline exceeded", and the Pods of an atomic release are gone by then. `name` is unique.
    """

    def log_awaited(args: pulumi.ErrorHookArgs) -> bool:
        if is_out_of_time(args):
            inputs = args.new_inputs or {}
            pulumi.log.error(f"{awaited(inputs)}. {watch(inputs)}", resource=owner)
        return False  # no second try: its time is over

    return pulumi.ErrorHook(name, log_awaited)


def is_out_of_time(args: pulumi.ErrorHookArgs) -> bool:
    """Return whether an installation or an upgrade ended with its time."""
    return args.failed_operation != "delete" and any(sign in error for error in args.errors for sign in _OUT_OF_TIME)


def awaited(inputs: Mapping[str, Any]) -> str:
    """Return what a release out of time has awaited."""
    return f"Helm release {inputs.get('name')}: its Pods were not ready within {inputs.get('timeout', 0):.0f} s"


def watch(inputs: Mapping[str, Any]) -> str:
    """Return how to see more of such a release."""
    kinds = "deployments,daemonsets,pods,events"
    return f"Watch them during the next `pulumi up`: kubectl get {kinds} -n {inputs.get('namespace')}"
