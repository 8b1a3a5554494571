"""Look-ups of what exists, with an error that names it."""

import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeVar, cast
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.settings import get_monitor
from pulumi_azure_native._utilities import get_version  # the SDK tells its version nowhere else in the engine's form

T = TypeVar("T")

_MISSING: Final = re.compile(r"\b(Status(Code)?=|RESPONSE )404\b|NotFound")
"""The answers of azure-native's look-ups, in the words of either of its clients of Azure."""


_Asked = tuple[str, pulumi.ProviderResource | None, frozenset[tuple[str, str]]]
_IN_PREVIEWS: Final = WeakKeyDictionary[Any, dict[_Asked, Mapping[str, Any] | None]]()
"""What a preview has looked up, by function, provider and names; each preview has an engine's monitor of its own."""


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


async def find(function: str, names: Mapping[str, str], options: pulumi.InvokeOptions) -> Mapping[str, Any] | None:
    """Return an Azure resource as a function of azure-native reports it; None if it does not exist.

    A preview creates nothing: it asks once for each resource, and not at all for one in a group, an account or a
    network that does not exist. An `up` asks each time.

    Raises:
        Exception: another answer of Azure; the SDK raises no narrower one.

    """
    seen = _IN_PREVIEWS.setdefault(get_monitor(), {}) if pulumi.runtime.is_dry_run() else {}
    # Another provider may be of another subscription, with other resources of the same names.
    provider = options.provider or (options.parent.get_provider(function) if options.parent else None)
    asked = (function, provider, frozenset(names.items()))
    if asked not in seen:
        seen[asked] = None if _is_within_missing(asked, seen) else await _read(function, names, options)
    return seen[asked]


def _is_within_missing(asked: _Asked, seen: Mapping[_Asked, Mapping[str, Any] | None]) -> bool:
    """Return True if the names begin with those of something that does not exist."""
    _, provider, names = asked
    return any(found is None and other[1] is provider and other[2] < names for other, found in seen.items())


async def _read(function: str, names: Mapping[str, str], options: pulumi.InvokeOptions) -> Mapping[str, Any] | None:
    try:
        return cast("Mapping[str, Any]", await pulumi.runtime.invoke_async(function, dict(names), options))
    except Exception as error:
        if is_missing(error):
            return None
        raise
