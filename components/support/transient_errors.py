"""Refusals that time cures, and that the providers do not wait out."""

import asyncio
from typing import Final, NamedTuple

import pulumi


class TransientError(NamedTuple):
    """A refusal that time cures."""

    operation: str
    """The refused operation: create or delete."""
    text: str
    """A part of the error's text."""
    pause_seconds: float
    """The pause before the next try. The engine allows 100 tries."""


NESTED: Final = TransientError("delete", "CannotDeleteResource", 20.0)
"""Azure deletes no account and no pool while something is in it, a volume included that a GET no longer finds.

Trident forgets a volume as soon as Azure has begun to delete it, which takes minutes.
"""
SUBNET_IN_USE: Final = TransientError("delete", "InUseSubnetCannotBeDeleted", 20.0)
"""The same for the subnet of such a volume."""
TYPE_MISSING: Final = TransientError("create", "the apiVersion for this resource does not exist", 0.0)
"""An operator creates the type of a custom resource at run time. The provider itself looks for it for a minute."""


def wait_out(name: str, error: TransientError, seconds: float) -> pulumi.ErrorHook:
    """Return a hook that repeats the operation for so many seconds after the first refusal. `name` is unique.

    A `destroy` runs it only with --run-program: hooks are functions of the program.
    """
    began: list[float] = []

    async def again(args: pulumi.ErrorHookArgs) -> bool:
        if args.failed_operation != error.operation or not args.errors or error.text not in args.errors[0]:
            return False
        now = asyncio.get_running_loop().time()
        began.append(now)
        if now + error.pause_seconds > began[0] + seconds:
            return False
        await asyncio.sleep(error.pause_seconds)
        return True

    return pulumi.ErrorHook(name, again)
