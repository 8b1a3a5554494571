"""The sign-in of azure-native, where a stack reads or writes in another subscription."""

from collections.abc import Iterator, Sequence
from typing import Final

from configuration.errors import Problem
from configuration.reading import stack_config

_SIGN_IN: Final = frozenset(
    {
        "auxiliaryTenantIds",
        "clientCertificatePassword",
        "clientCertificatePath",
        "clientId",
        "clientSecret",
        "msiEndpoint",
        "oidcRequestToken",
        "oidcRequestUrl",
        "oidcToken",
        "oidcTokenFilePath",
        "tenantId",
        "useMsi",
        "useOidc",
    }
)
"""The keys of azure-native that say how to sign in; a provider that a program creates does not have them."""


def sign_in_elsewhere(subscriptions: Sequence[str], own: str | None, what: str) -> Iterator[Problem]:
    """Check that the provider for another subscription signs in as the stack does.

    `what` says which key names something of these subscriptions; `own` is that of the stack.
    """
    others = sorted({each for each in subscriptions if own and each.lower() != own.lower()})
    for name in sorted(_SIGN_IN & stack_config("azure-native").keys()) if others else ():
        yield Problem(
            f"azure-native:{name}",
            f"is set, and {what} of subscription {', '.join(others)}",
            "a sign-in that counts for every subscription: az login, or the environment variables of azure-native",
            f"pulumi config rm azure-native:{name}, and set its variable, such as ARM_CLIENT_ID",
        )
