"""The Active Directory connection of a NetApp account."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict, cast

import pulumi
from pulumi_azure_native import netapp

from components import rules
from components.rules import directory as directory_rules

CONNECTION: Final = "activeDirectories[0]"
AES_ENCRYPTION: Final = f"{CONNECTION}.aesEncryption"
_COMPONENT: Final = "NetAppAccount.active_directory"


class ActiveDirectoryArgs(TypedDict):
    """The directory that an account's SMB servers join. An option that is left out stays as others have set it."""

    domain: pulumi.Input[str]
    """The DNS name of the domain. Cannot be changed while a volume uses it."""
    dns_servers: pulumi.Input[list[str]]
    """One to three IPv4 addresses of the domain's DNS servers, reachable from the delegated subnet."""
    username: pulumi.Input[str]
    """A user who may create computer accounts, without the domain."""
    password: pulumi.Input[str]
    """That user's password, 64 characters at most. It is kept secret whether or not it comes as a secret."""
    smb_server_name: pulumi.Input[str]
    """The beginning of the SMB servers' names, 10 characters at most; Azure adds four hexadecimal digits."""
    site: NotRequired[pulumi.Input[str | None]]
    """The Active Directory site to ask for domain controllers. Default: Default-First-Site-Name."""
    organizational_unit: NotRequired[pulumi.Input[str | None]]
    """Where the computer accounts go, without the domain. Default: CN=Computers. Cannot be changed while in use."""
    aes_encryption: NotRequired[pulumi.Input[bool | None]]
    """Kerberos with AES, which Windows demands since 2026. Default: true for a new account; another keeps its own."""
    ldap_signing: NotRequired[pulumi.Input[bool | None]]
    """Sign the LDAP traffic to the domain controllers. Default: false, or as others have set it."""
    encrypt_dc_connections: NotRequired[pulumi.Input[bool | None]]
    """Encrypt the SMB traffic to the domain controllers. Default: false, or as others have set it."""
    administrators: NotRequired[pulumi.Input[list[str] | None]]
    """Users and groups, without the domain, who become administrators of the SMB servers, besides Domain Admins."""
    backup_operators: NotRequired[pulumi.Input[list[str] | None]]
    """Users and groups, without the domain, who may read and restore all files in spite of their permissions."""
    security_operators: NotRequired[pulumi.Input[list[str] | None]]
    """Users, without the domain, who get SeSecurityPrivilege: SQL Server's setup needs it on its share."""
    preferred_servers_for_ldap_client: NotRequired[pulumi.Input[list[str] | None]]
    """One or two IPv4 addresses of domain controllers to ask first by LDAP. Default: those of the site."""


_OPTIONS: Final = {
    "ldap_signing": "ldapSigning",
    "encrypt_dc_connections": "encryptDCConnections",
    "administrators": "administrators",
    "backup_operators": "backupOperators",
    "security_operators": "securityOperators",
    "preferred_servers_for_ldap_client": "preferredServersForLdapClient",
}
"""The arguments that an account has only if they are given, with Azure's names of them."""

CONNECTION_ARGUMENTS: Final = {
    f"{CONNECTION}.{name}": f"{_COMPONENT}.{argument}"
    for argument, name in {**_OPTIONS, "aes_encryption": "aesEncryption"}.items()
}
"""The arguments, COMPONENT.ARGUMENT, by their paths in an account."""


def active_directory(directory: ActiveDirectoryArgs) -> netapp.ActiveDirectoryArgsDict:
    """Return the connection as the SDK takes it. Raise `InvalidArgsError` for values that Azure would refuse."""
    _check(directory)
    options = {name: value for name in _OPTIONS if (value := directory.get(name)) is not None}
    if (preferred := options.get("preferred_servers_for_ldap_client")) is not None:
        options["preferred_servers_for_ldap_client"] = _joined(preferred)
    aes = directory.get("aes_encryption")
    connection: dict[str, Any] = {
        "domain": directory["domain"],
        "dns": _joined(directory["dns_servers"]),
        "username": directory["username"],
        "password": pulumi.Output.secret(directory["password"]),
        "smb_server_name": directory["smb_server_name"],
        "site": directory.get("site") or "Default-First-Site-Name",
        "organizational_unit": directory.get("organizational_unit"),
        "aes_encryption": True if aes is None else aes,
        **options,
    }
    return cast("netapp.ActiveDirectoryArgsDict", connection)


def _joined(addresses: pulumi.Input[list[str]]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(addresses).apply(",".join)


def _check(directory: ActiveDirectoryArgs) -> None:
    given = cast("Mapping[str, Any]", directory)
    values = {
        "domain": directory_rules.DOMAIN_NAME,
        "username": directory_rules.USERNAME,
        "smb_server_name": directory_rules.SMB_SERVER_NAME,
        "site": directory_rules.SITE,
        "organizational_unit": directory_rules.ORGANIZATIONAL_UNIT,
    }
    lists = {
        "dns_servers": directory_rules.DNS_SERVER,
        "administrators": directory_rules.DIRECTORY_USER,
        "backup_operators": directory_rules.DIRECTORY_USER,
        "security_operators": directory_rules.DIRECTORY_USER,
        "preferred_servers_for_ldap_client": directory_rules.DNS_SERVER,
    }
    items = {
        f"{name}[{index}]": (item, rule)
        for name, rule in lists.items()
        for index, item in enumerate(_plain_list(given.get(name)))
    }
    rules.check_args(
        _COMPONENT,
        {**given, **{path: item for path, (item, _) in items.items()}},
        {**values, **{path: rule for path, (_, rule) in items.items()}},
    )
    preferred = _plain_list(given.get("preferred_servers_for_ldap_client"))
    if len(preferred) > directory_rules.MOST_PREFERRED_SERVERS:
        raise rules.InvalidArgsError(
            f"{_COMPONENT}: {rules.argument(_COMPONENT, 'preferred_servers_for_ldap_client')} has {len(preferred)} "
            f"addresses; allowed: at most {directory_rules.MOST_PREFERRED_SERVERS} ({directory_rules.DIRECTORY})"
        )


def _plain_list(value: object) -> Sequence[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else ()
