r"""Who a mount logs on as: how csi-driver-smb makes a domain and a user out of its Secret (pkg/smb/nodeserver.go).

Keys are matched without regard to case and values are stripped. On Windows only a username and a password reach the
node: a username with a backslash is used as it is, one without becomes `domain\username`, and without a domain
`AZURE\username` (the driver's default comes from Azure Files): a trap for everybody whose directory is not called
AZURE.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_WINDOWS_DEFAULT_DOMAIN = "AZURE"


@dataclass(frozen=True)
class SmbCredentials:
    """A logon as the SMB server sees it."""

    domain: str
    username: str
    password: str = field(repr=False)


def windows_credentials(secret: Mapping[str, str]) -> SmbCredentials:
    """The logon of a mount on a Windows node."""
    values = _fold(secret)
    username = values.get("username", "")
    if "\\" not in username:
        username = f"{values.get('domain') or _WINDOWS_DEFAULT_DOMAIN}\\{username}"
    domain, _, user = username.partition("\\")
    return SmbCredentials(domain, user, values.get("password", ""))


def linux_credentials(secret: Mapping[str, str]) -> SmbCredentials:
    r"""The logon of a mount on a Linux node: option `domain=`, else what stands before `\` or `/` in the username."""
    values = _fold(secret)
    qualified = re.fullmatch(r"([^\\/]*)[\\/](.*)", values.get("username", ""), re.DOTALL)
    prefix, user = qualified.groups() if qualified else ("", values.get("username", ""))
    return SmbCredentials(values.get("domain") or prefix, user, values.get("password", ""))


def names_directory(domain: str, dns_name: str, netbios_name: str) -> bool:
    """Whether a logon's domain is the directory, by its DNS or its NetBIOS name."""
    return domain.casefold() in {dns_name.casefold(), netbios_name.casefold()}


def _fold(secret: Mapping[str, str]) -> dict[str, str]:
    return {key.lower(): value.strip() for key, value in secret.items()}
