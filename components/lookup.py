"""Reading what is there already, with an error that says what was looked for."""

from typing import NoReturn, TypeVar

import pulumi

T = TypeVar("T")


class LookupFailedError(pulumi.RunError):
    """Something that was to be there could not be read. `pulumi` prints it without a traceback."""


def looked_up(what: str, found: pulumi.Output[T], mend: str) -> pulumi.Output[T]:
    """What a lookup found; if it failed, an error that names what was looked for and how to mend it."""

    def fail(error: Exception) -> NoReturn:
        raise LookupFailedError(f"{what} could not be read: {error}. Mend: {mend}.") from None

    return found.recover(fail)
