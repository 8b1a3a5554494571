"""Rules of the Active Directory that an account joins, and of its users."""

import ipaddress
import re
from typing import Final

from components.rules import Rule, parses, text

DIRECTORY: Final = "https://learn.microsoft.com/azure/azure-netapp-files/create-active-directory-connections"

DOMAIN_NAME = text(
    r"(?=.{1,255}$)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)*[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?",
    "the DNS name of the directory's domain, such as contoso.com; a single label too",
    DIRECTORY,
)
DNS_SERVER: Rule[str] = Rule("an IPv4 address, such as 10.40.0.4", parses(ipaddress.IPv4Address), DIRECTORY)
MOST_DNS_SERVERS: Final = 3
SITE = text(r"[\w-][\w .-]{0,62}", "the name of an Active Directory site, such as Default-First-Site-Name", DIRECTORY)
SMB_SERVER_NAME = text(r"[0-9a-zA-Z-]{1,10}", "1 to 10 letters, digits or -", DIRECTORY)
_OU_STEP: Final = r"(OU|CN)=([^,\\]|\\.)+"  # with the escapes of RFC 4514
ORGANIZATIONAL_UNIT = text(
    rf"(?i){_OU_STEP}( *, *{_OU_STEP})*",
    r"a path without the domain, such as OU=Storage,OU=Servers; a comma in a name as \,",
    DIRECTORY,
)
_USERNAME: Final = r'[^\\/@"\[\]:;|=,+*?<>\s]([^\\/@"\[\]:;|=,+*?<>]{0,102}[^\\/@"\[\]:;|=,+*?<>\s])?'
USERNAME = text(_USERNAME, "the user's name alone, without a domain before or behind it", DIRECTORY)
_NETBIOS_NAME: Final = re.compile(r"[^\s.\\/:*?\"<>|,;@+=\[\]]{1,15}")
"""What Windows allows: https://learn.microsoft.com/troubleshoot/windows-server/active-directory/naming-conventions-for-computer-domain-site-ou"""
_WITHOUT_DOMAIN: Final = "AZURE"
"""What csi-driver-smb on Windows puts before a user without a domain: it is for Azure Files, and no domain."""
USER_DOMAIN: Rule[str] = Rule(
    "the domain's NetBIOS name of 1 to 15 characters, such as CONTOSO, or its DNS name, such as contoso.com; not "
    f"{_WITHOUT_DOMAIN}, which stands for no domain at all",
    lambda value: (
        value.upper() != _WITHOUT_DOMAIN
        and value.isprintable()
        and (_NETBIOS_NAME.fullmatch(value) is not None or ("." in value and DOMAIN_NAME.holds(value)))
    ),
    DIRECTORY,
)
DIRECTORY_USER = text(_USERNAME, "a user or a group of the directory, without a domain before or behind it", DIRECTORY)
MOST_PREFERRED_SERVERS: Final = 2
LONGEST_DIRECTORY_PASSWORD: Final = 64
PASSWORD: Rule[str] = Rule(
    "at least one character, without line breaks or other control characters",
    lambda value: bool(value) and all(character.isprintable() for character in value),
    DIRECTORY,
)
DIRECTORY_PASSWORD: Rule[str] = Rule(
    f"1 to {LONGEST_DIRECTORY_PASSWORD} characters, without line breaks or other control characters",
    lambda value: PASSWORD.holds(value) and len(value) <= LONGEST_DIRECTORY_PASSWORD,
    DIRECTORY,
)
