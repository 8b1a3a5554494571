"""Look-ups of what exists, with an error that names it."""

from typing import NoReturn, TypeVar

import pulumi

T = TypeVar("T")


class LookupFailedError(pulumi.RunError):
    """Something that must exist could not be read. `pulumi` prints it without a traceback."""


def looked_up(what: str, found: pulumi.Output[T], fix: str) -> pulumi.Output[T]:
    """Return what a look-up found. Raise `LookupFailedError`, with a fix, if it failed."""

    def fail(error: Exception) -> NoReturn:
        raise LookupFailedError(f"{what} could not be read: {error}. Fix: {fix}.") from None

    return found.recover(fail)
