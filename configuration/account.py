"""The sections for the account and what it lies in: resource group, account and directory."""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from components import rules
from components.active_directory import ActiveDirectoryArgs
from components.netapp_account import NetAppAccountArgs
from components.resource_group import ResourceGroupArgs
from components.rules import directory as directory_rules
from configuration.errors import Problem, missing_key
from configuration.section import Section, obeys
from configuration.tags import TaggedSection

DirectoryUsers = list[Annotated[str, obeys(directory_rules.DIRECTORY_USER)]]


class ResourceGroupSettings(TaggedSection):
    """anf-smb:resourceGroup."""

    name: Annotated[str, obeys(rules.RESOURCE_GROUP_NAME)]
    existing: bool = False

    @property
    def args(self) -> ResourceGroupArgs:
        """Return the arguments of the component."""
        return self.arguments_of(ResourceGroupArgs)


class ActiveDirectorySettings(Section):
    """anf-smb:activeDirectory."""

    domain: Annotated[str, obeys(directory_rules.DOMAIN_NAME)]
    dns_servers: Annotated[
        list[Annotated[str, obeys(directory_rules.DNS_SERVER)]],
        Field(min_length=1, max_length=directory_rules.MOST_DNS_SERVERS),
    ]
    smb_server_name: Annotated[str, obeys(directory_rules.SMB_SERVER_NAME)]
    username: Annotated[str, obeys(directory_rules.USERNAME)]
    site: Annotated[str, obeys(directory_rules.SITE)] = "Default-First-Site-Name"
    organizational_unit: Annotated[str, obeys(directory_rules.ORGANIZATIONAL_UNIT)] | None = None
    aes_encryption: bool | None = None
    ldap_signing: bool | None = None
    encrypt_dc_connections: bool | None = None
    administrators: DirectoryUsers | None = None
    backup_operators: DirectoryUsers | None = None
    security_operators: DirectoryUsers | None = None
    preferred_servers_for_ldap_client: (
        Annotated[
            list[Annotated[str, obeys(directory_rules.DNS_SERVER)]],
            Field(min_length=1, max_length=directory_rules.MOST_PREFERRED_SERVERS),
        ]
        | None
    ) = None

    @property
    def args(self) -> ActiveDirectoryArgs:
        """Return the arguments of the directory, without the password."""
        return self.arguments_of(ActiveDirectoryArgs)


class AccountSettings(TaggedSection):
    """anf-smb:account."""

    name: Annotated[str, obeys(rules.ACCOUNT_NAME)]
    existing: bool = False

    @property
    def args(self) -> NetAppAccountArgs:
        """Return the arguments of the component."""
        return self.arguments_of(NetAppAccountArgs)


def directory_inconsistencies(parts: Mapping[str, Any], given: Collection[str]) -> Iterator[Problem]:
    """Yield what contradicts between account and directory; `given` are all keys of the stack file."""
    account = parts.get("account")
    if account and not account.existing and "activeDirectory" not in given:
        yield missing_key(
            "anf-smb:activeDirectory",
            "{domain: contoso.com, dnsServers: [10.40.0.4], smbServerName: ANF, username: anf-join}",
        )
    if account and account.existing and "activeDirectory" in given:
        yield Problem(
            "anf-smb:activeDirectory",
            "is set",
            "nothing: an existing account keeps its own directory",
            "pulumi config rm anf-smb:activeDirectory, or let this stack create the account",
        )
