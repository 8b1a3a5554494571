"""Refusals that pass by themselves, and that the providers do not wait out."""

import asyncio
from typing import Final, NamedTuple

import pulumi


class Passing(NamedTuple):
    """A refusal, and why waiting helps."""

    operation: str
    """What is refused: create or delete."""
    said: str
    """A part of the error's text."""
    pause_seconds: float
    """Before another try. The engine allows 100 tries."""


NESTED: Final = Passing("delete", "CannotDeleteResource", 20.0)
"""Azure deletes no account and no pool while something is in it, and still reckons with what a GET no longer finds.

Trident forgets a volume as soon as Azure has begun to delete it, which takes minutes.
"""
SUBNET_IN_USE: Final = Passing("delete", "InUseSubnetCannotBeDeleted", 20.0)
"""So it is with the subnet that such a volume is in."""
TYPE_MISSING: Final = Passing("create", "the apiVersion for this resource does not exist", 0.0)
"""A custom resource whose type is made at run time, by an operator. The provider itself looks for it for a minute."""


def wait_out(name: str, passing: Passing, minutes: int) -> pulumi.ErrorHook:
    """Try again what is refused so, for that many minutes after the first refusal. `name` is unique.

    A `destroy` runs it only with --run-program: without the program there is nobody to ask.
    """
    began: list[float] = []

    async def again(args: pulumi.ErrorHookArgs) -> bool:
        if args.failed_operation != passing.operation or not args.errors or passing.said not in args.errors[0]:
            return False
        now = asyncio.get_running_loop().time()
        began.append(now)
        if now + passing.pause_seconds > began[0] + minutes * 60:
            return False
        await asyncio.sleep(passing.pause_seconds)
        return True

    return pulumi.ErrorHook(name, again)
