"""The objects that an unready Helm release awaited, logged with its error."""

from typing import Final

import pulumi

_OUT_OF_TIME: Final = ("deadline exceeded", "timed out")


def unready_release(owner: pulumi.Resource, name: str, watched: str) -> pulumi.ErrorHook:
    """Return a hook that logs what an installation or an upgrade has awaited, if its time is up.

    Helm's error is "context deadline exceeded", and the Pods of an atomic release are gone by then.
    `watched`: the kinds of objects of the chart that Helm awaits, as kubectl lists them. `name` is unique.
    """

    def log_awaited(args: pulumi.ErrorHookArgs) -> bool:
        inputs = args.new_inputs or {}
        if args.failed_operation != "delete" and any(sign in error for error in args.errors for sign in _OUT_OF_TIME):
            seconds = f"{inputs.get('timeout', 0):.0f} s"
            pulumi.log.error(
                f"Helm release {inputs.get('name')}: its Pods were not ready within {seconds}. Watch them during the "
                f"next `pulumi up`: kubectl get {watched},events -n {inputs.get('namespace')}",
                resource=owner,
            )
        return False  # no second try: its time is over

    return pulumi.ErrorHook(name, log_awaited)
