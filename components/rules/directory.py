"""Rules of the Active Directory that an account joins, and of its users."""

import ipaddress
import re
from typing import Final

from components.rules import Rule, parses, text

DIRECTORY: Final = "https://learn.microsoft.com/azure/azure-netapp-files/create-active-directory-connections"

DOMAIN_NAME = text(
    r"(?=.{1,255}$)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?",
    "the DNS name of the directory's domain, such as contoso.com",
    DIRECTORY,
)
DNS_SERVER: Rule[str] = Rule("an IPv4 address, such as 10.40.0.4", parses(ipaddress.IPv4Address), DIRECTORY)
MOST_DNS_SERVERS: Final = 3
SITE = text(r"[\w-][\w .-]{0,62}", "the name of an Active Directory site, such as Default-First-Site-Name", DIRECTORY)
SMB_SERVER_NAME = text(r"[0-9a-zA-Z-]{1,10}", "1 to 10 letters, digits or -", DIRECTORY)
ORGANIZATIONAL_UNIT = text(
    r"(?i)(OU|CN)=[^,]+(,(OU|CN)=[^,]+)*", "a path without the domain, such as OU=Storage,OU=Servers", DIRECTORY
)
USERNAME = text(
    r'[^\\/@"\[\]:;|=,+*?<>\s]([^\\/@"\[\]:;|=,+*?<>]{0,102}[^\\/@"\[\]:;|=,+*?<>\s])?',
    "the user's name alone, without a domain before or behind it",
    DIRECTORY,
)
USER_DOMAIN: Rule[str] = Rule(
    "the domain's NetBIOS name, such as CONTOSO, or its DNS name, such as contoso.com",
    lambda value: (
        re.fullmatch(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,13}[a-zA-Z0-9])?", value) is not None or DOMAIN_NAME.holds(value)
    ),
    DIRECTORY,
)
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
