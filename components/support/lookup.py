"""Look-ups of what exists, with an error that names it."""

import re
from typing import Final, NoReturn, TypeVar

import pulumi
from pulumi_azure_native._utilities import get_version  # the SDK tells its version nowhere else in the engine's form

T = TypeVar("T")

_MISSING: Final = re.compile(r"\b(Status(Code)?=|RESPONSE )404\b|NotFound")
"""The answers of azure-native's look-ups, in the words of either of its clients of Azure."""


class LookupFailedError(pulumi.RunError):
    """Something that must exist could not be read. `pulumi` prints it without a traceback."""


def azure_options(
    parent: pulumi.ComponentResource, provider: pulumi.ProviderResource | None = None
) -> pulumi.InvokeOptions:
    """Return the options of a look-up by the name of azure-native's function.

    The functions of the SDK give their version. Without one the engine would start a second azure-native, of the newest
    version that is installed, for such look-ups alone.
    """
    return pulumi.InvokeOptions(parent=parent, provider=provider, version=get_version())


def looked_up(what: str, found: pulumi.Output[T], fix: str) -> pulumi.Output[T]:
    """Return what a look-up found. Raise `LookupFailedError`, with a fix, if it failed."""

    def fail(error: Exception) -> NoReturn:
        if isinstance(error, pulumi.RunError):
            raise error  # of what the look-up depends on; it has a fix of its own
        raise LookupFailedError(f"{what} could not be read: {error}. Fix: {fix}.") from None

    return found.recover(fail)


def is_missing(error: Exception) -> bool:
    """Return True for a look-up that failed because the resource, or what it is in, does not exist."""
    return _MISSING.search(str(error)) is not None
