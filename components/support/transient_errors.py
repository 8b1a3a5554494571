"""Refusals that time cures, and that the providers do not wait out."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import pulumi

_TRIES: Final = 90
"""The engine allows 100 tries (pulumi, resource/deploy/retries.go)."""
_AGAIN: Final = "`pulumi up` again, or a longer custom timeout"


class TransientError(NamedTuple):
    """A refusal that time cures."""

    operation: str
    """The refused operation: create or delete."""
    text: str
    """A part of the error's text."""
    pause_seconds: float
    """The shortest pause before the next try; 0 where the provider itself pauses."""
    awaited: str
    """The event that ends the refusals."""
    fix: str
    """What to do if it does not come in time."""


NESTED: Final = TransientError(
    "delete",
    "CannotDeleteResource",
    20.0,
    "the end of the deletion of what is in it",
    "see what is left in the portal, and repeat the destroy",
)
"""Azure deletes no account and no pool while something is in it, a volume included that a GET no longer finds.

Trident forgets a volume as soon as Azure has begun to delete it, which takes minutes.
"""
SUBNET_IN_USE: Final = TransientError(
    "delete",
    "InUseSubnetCannotBeDeleted",
    20.0,
    "the end of the deletion of the volumes in it",
    "see what else is in the subnet, and repeat the destroy",
)
"""The same for the subnet of such a volume."""
TYPE_MISSING: Final = TransientError(
    "create",
    "the apiVersion for this resource does not exist",
    0.0,
    "its type (CRD), which an operator creates",
    f"look at the operator's Pod; then {_AGAIN}",
)
"""An operator creates the type of a custom resource at run time. The provider itself looks for it for a minute."""
VOLUME_CREATION: Final = TransientError(
    "create",
    "Another volume creation is in progress",
    20.0,
    "the end of another volume's creation in the account",
    "az netappfiles volume list --resource-group GROUP --account-name ACCOUNT --pool-name POOL, for each pool of the "
    f"account, shows the volume that is Creating; then {_AGAIN}",
)
"""Azure creates one volume of an account at a time, whoever asks for it: another stack, another team, Trident."""
ROLE_UNKNOWN: Final = TransientError(
    "create",
    "RoleDefinitionDoesNotExist",
    10.0,
    "the new role's definition in all of Azure",
    f"az role definition list --custom-role-only shows whether it is there; then {_AGAIN}",
)
"""A new role needs time to spread.

Source: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
"""
PRINCIPAL_UNKNOWN: Final = TransientError(
    "create",
    "PrincipalNotFound",
    10.0,
    "the new principal in all of the directory",
    f"az ad sp show --id PRINCIPAL shows whether it is there; then {_AGAIN}",
)
"""The same for a new identity (same source)."""
METRIC_UNKNOWN: Final = TransientError(
    "create",
    "Couldn't find a metric named",
    20.0,
    "the first metrics of a new volume or pool",
    f"see its metrics in the portal; then {_AGAIN}",
)
"""Azure Monitor knows the metrics of a resource only some minutes after its creation."""


def wait_out(
    owner: pulumi.Resource,
    name: str,
    seconds: float,
    *errors: TransientError,
    before_retry: Callable[[pulumi.ErrorHookArgs], Awaitable[bool]] | None = None,
) -> pulumi.ErrorHook:
    """Return a hook that repeats the operation for so many seconds after the first refusal. `name` is unique.

    A `destroy` runs it only with --run-program: hooks are functions of the program. The pauses differ by chance, so
    that several who wait do not always ask at once. `before_retry` prepares the next try after the pause; there is none
    if it returns False.
    """
    began: list[float] = []

    async def again(args: pulumi.ErrorHookArgs) -> bool:
        newest = args.errors[0] if args.errors else ""
        error = next((e for e in errors if args.failed_operation == e.operation and e.text in newest), None)
        if error is None:
            return False
        now = asyncio.get_running_loop().time()
        began.append(now)
        left = began[0] + seconds - now
        if left <= 0:
            _log_the_end(owner, args.name, error, seconds)
            return False
        spent = f"{(seconds - left) / 60:.0f} of at most {seconds / 60:.0f} minutes"
        pulumi.log.info(f"{args.name} waits for {error.awaited}: {spent}", resource=owner, ephemeral=True)
        await asyncio.sleep(min(_pause(error, seconds), left))
        return await before_retry(args) if before_retry else True

    return pulumi.ErrorHook(name, again)


def _pause(error: TransientError, seconds: float) -> float:
    """Return a pause so long that the tries last for so many seconds."""
    if not error.pause_seconds:
        return 0.0
    return max(error.pause_seconds, seconds / _TRIES) * random.uniform(0.9, 1.1)  # noqa: S311 (no secret)


def _log_the_end(owner: pulumi.Resource, name: str, error: TransientError, seconds: float) -> None:
    pulumi.log.error(
        f"{name} has waited {seconds / 60:.0f} minutes for {error.awaited}. Fix: {error.fix}.", resource=owner
    )
