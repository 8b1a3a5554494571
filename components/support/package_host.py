"""The server of the component package, with the options of other languages as their programs set them."""

from typing import Any, Final

import pulumi
from pulumi.provider.server import ProviderServicer

_UNREAD: Final = ProviderServicer._construct_options  # pyright: ignore[reportPrivateUsage]  # there is no other way in


def keep_unset_options() -> None:
    """Let components see which options a program has set.

    The SDK's server (pulumi 3.272, provider/server.py) gives `protect=False` for an option that is not set, so that
    data would be unprotected by default in every other language, and it drops custom timeouts.
    """
    ProviderServicer._construct_options = staticmethod(construct_options)  # pyright: ignore[reportPrivateUsage]


def construct_options(request: Any) -> pulumi.ResourceOptions:
    """Return the options of a request: None for `protect` if the program has not set it, and its custom timeouts."""
    options = _UNREAD(request)
    if not request.HasField("protect"):
        options.protect = None
        parent: Any = options.parent
        if parent is not None:
            parent._protect = None  # the SDK asks the parent then, whom the server knows by name alone
    if request.HasField("customTimeouts"):
        limits = request.customTimeouts
        options.custom_timeouts = pulumi.CustomTimeouts(
            limits.create or None, limits.update or None, limits.delete or None
        )
    return options
