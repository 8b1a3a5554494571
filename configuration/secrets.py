"""The secrets that a stack needs."""

from collections.abc import Mapping
from typing import Any

from components.rules.trident import CLIENT_SECRET
from configuration.account import AccountSettings
from configuration.backends import uses_trident
from configuration.kubernetes import TridentSettings


def needed_secrets(parts: Mapping[str, Any]) -> set[str]:
    """Return the keys of the secrets that the stack needs."""
    account, trident = parts.get("account"), parts.get("trident", TridentSettings())
    joins = not (isinstance(account, AccountSettings) and account.existing)
    signs_in = trident.authentication == CLIENT_SECRET and not trident.wipeout
    has_trident = uses_trident(trident, parts.get("pools") or (), parts.get("dynamic_claims") or ())
    return {
        "smbPassword",
        *(["activeDirectoryPassword"] if joins else []),
        *(["tridentClientSecret"] if signs_in and has_trident else []),
    }
