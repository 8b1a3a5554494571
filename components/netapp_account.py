"""The NetApp account, with the Active Directory that its SMB servers join."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import netapp

from components import rules
from components.active_directory import (
    AES_ENCRYPTION,
    CONNECTION,
    CONNECTION_ARGUMENTS,
    ActiveDirectoryArgs,
    active_directory,
)
from components.guest.azure_types import AzureType
from components.guest.azure_update import Unchangeable
from components.guest.created_before import CreatedBefore
from components.guest.existing_objects import refuse_existing
from components.guest.kept_settings import KeptSettings
from components.guest.property_paths import value_at
from components.resource_group import ResourceGroupRef
from components.rules import directory as directory_rules
from components.rules.tags import check_tags
from components.support.lookup import looked_up
from components.support.offered_regions import refuse_other_regions
from components.support.options import Limits, child_options, known_name
from components.support.references import fields
from components.support.transient_errors import NESTED, wait_out

ACCOUNT: Final = AzureType(
    title="The NetApp account",
    look_up="azure-native:netapp:getAccount",
    names=("resourceGroupName", "accountName"),
    shared=(CONNECTION,),
    hidden=f"{CONNECTION}.password",
    inputs=netapp.AccountArgs,
    no_settings=("location", f"{CONNECTION}.activeDirectoryId"),
    unset={"encryption": {"keySource": "Microsoft.NetApp"}, f"{CONNECTION}.organizationalUnit": "CN=Computers"},
    arguments=CONNECTION_ARGUMENTS,
)


class AccountRef(TypedDict):
    """A NetApp account, for what lives in it."""

    resource_group_name: pulumi.Input[str]
    """The resource group of the account."""
    name: pulumi.Input[str]
    """The account's name."""


class NetAppAccountArgs(TypedDict):
    """Arguments of `NetAppAccount`."""

    resource_group: pulumi.Input[ResourceGroupRef]
    """The resource group of the account."""
    name: pulumi.Input[str]
    """The account's name in Azure: 1 to 128 letters, digits, underscores and hyphens."""
    active_directory: NotRequired[ActiveDirectoryArgs | None]
    """The directory to join; needed unless the account exists. By default a subscription has one in a region."""
    existing: NotRequired[bool]
    """Use the account of this name with its directory, and never change it. Default: false, it is created."""
    tags: NotRequired[pulumi.Input[dict[str, str] | None]]
    """Tags of an account to create, by their names. Tags that others put on it stay. Default: none."""


class NetAppAccount(pulumi.ComponentResource):
    """A NetApp account with its Active Directory connection, created or existing.

    A preview fails when an existing account is missing or has no Active Directory connection. A created account is
    protected unless the options say `protect: false`; the custom timeouts of the options count, each 30 minutes by
    default. Values that Azure would refuse are an error.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/create-active-directory-connections
    """

    name: pulumi.Output[str]
    """The account's name, known in every preview."""
    location: pulumi.Output[str]
    """The account's region, as Azure spells it."""
    account_id: pulumi.Output[str]
    """The account's resource id."""

    def __init__(self, name: str, args: NetAppAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        created, existing = CreatedBefore(netapp.Account), args.get("existing", False)
        super().__init__("anf-smb:index:NetAppAccount", name, {}, created.options(opts) if existing else opts)
        rules.check_args("NetAppAccount", args, {"name": rules.ACCOUNT_NAME})
        check_tags("NetAppAccount", args.get("tags"))
        self._group = fields(args["resource_group"], ResourceGroupRef)["name"]
        directory = args.get("active_directory")
        has_default = bool(directory) and directory.get("aes_encryption") is None
        self._settings = KeptSettings(
            self, f"{name}-account", ACCOUNT, _unchangeable, at_creation=[AES_ENCRYPTION] if has_default else []
        )
        if existing:
            created.forget(self)
        self.name, self.location, self.account_id = (
            self._existing(args) if existing else self._created(name, args, opts)
        )
        self.register_outputs(
            {
                "name": self.name,
                "location": self.location,
                "accountId": self.account_id,
                **self._settings.outputs(self.account_id),
            }
        )

    @property
    def directory_dns_servers(self) -> pulumi.Output[list[str]]:
        """The DNS servers of the directory, known in every preview."""
        return self._dns_servers

    @property
    def ref(self) -> AccountRef:
        """The account, for what lives in it."""
        return {"resource_group_name": self._group, "name": self.name}

    def _created(
        self, name: str, args: NetAppAccountArgs, opts: pulumi.ResourceOptions | None
    ) -> "tuple[pulumi.Output[str], pulumi.Output[str], pulumi.Output[str]]":
        directory = args.get("active_directory")
        if not directory:
            raise rules.InvalidArgsError(
                f"NetAppAccount: {rules.argument('NetAppAccount', 'active_directory')} is missing: "
                "a CIFS volume needs a directory"
            )
        connection, limits = active_directory(directory), Limits.of(opts, 30)
        self._dns_servers = pulumi.Output.from_input(directory["dns_servers"])
        account = netapp.Account(
            f"{name}-account",
            resource_group_name=self._group,
            account_name=args["name"],
            tags=args.get("tags"),
            active_directories=[connection],
            opts=self._settings.options(
                child_options(
                    self,
                    opts,
                    data=True,
                    limits=limits,
                    before_create=refuse_existing(f"{name}-account-exists", self, "NetApp account"),
                    hooks=pulumi.ResourceHookBinding(
                        before_create=[
                            refuse_other_regions(f"{name}-account-region", self, "Microsoft.NetApp", "netAppAccounts")
                        ],
                        on_error=[wait_out(self, f"{name}-account-nested", limits.delete, NESTED)],
                    ),
                )
            ),
        )
        return known_name(args["name"], account.location), account.location, account.id

    def _existing(self, args: NetAppAccountArgs) -> "tuple[pulumi.Output[str], pulumi.Output[str], pulumi.Output[str]]":
        found = looked_up(
            "The existing NetApp account",
            netapp.get_account_output(
                resource_group_name=self._group,
                account_name=args["name"],
                opts=pulumi.InvokeOutputOptions(parent=self),
            ),
            "name one that exists in its resource group and that you may read, or let the stack create it",
        )
        self._dns_servers = found.apply(_dns_servers)
        return found.apply(_joined), found.location, found.id


def _dns_servers(account: netapp.GetAccountResult) -> list[str]:
    """Return the DNS servers of the account's directory."""
    listed = (directory.dns or "" for directory in account.active_directories or [])
    return [server.strip() for servers in listed for server in servers.split(",") if server.strip()]


def _joined(account: netapp.GetAccountResult) -> str:
    """Return the account's name. Raise `InvalidArgsError` for one without an Active Directory connection."""
    if not account.active_directories:
        raise rules.InvalidArgsError(
            f"The NetApp account {account.name} has no Active Directory connection, which a CIFS volume needs. "
            f"Fix: join it to a directory ({directory_rules.DIRECTORY}), or let the stack create an account of its own."
        )
    return account.name


def _unchangeable(account: Mapping[str, Any]) -> Mapping[str, Unchangeable]:
    """Return what cannot change: the domain, and the rest of the servers' identity while volumes use the directory."""

    def fixed(argument: str, instead: str) -> Unchangeable:
        return Unchangeable(rules.argument("NetAppAccount.active_directory", argument), instead)

    always = {f"{CONNECTION}.domain": fixed("domain", "leave it, or create another account")}
    if value_at(account, f"{CONNECTION}.status") != "InUse":
        return always
    in_use = "leave it while volumes use the directory"
    return {
        **always,
        f"{CONNECTION}.organizationalUnit": fixed("organizational_unit", in_use),
        f"{CONNECTION}.smbServerName": fixed("smb_server_name", f"{in_use}: the path of every share has it"),
    }
