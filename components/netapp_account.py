"""The NetApp account, with the Active Directory that its SMB servers join."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import netapp

from components import rules
from components.child_options import child_options, known_name
from components.lookup import looked_up
from components.passing_errors import NESTED, wait_out


class ActiveDirectoryArgs(TypedDict):
    """The directory that an account's SMB servers join."""

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


class NetAppAccountArgs(TypedDict):
    """Arguments of `NetAppAccount`."""

    resource_group_name: pulumi.Input[str]
    """The resource group of the account."""
    account_name: pulumi.Input[str]
    """Its name in Azure."""
    active_directory: NotRequired[ActiveDirectoryArgs | None]
    """The directory to join; needed unless the account exists. By default a subscription has one in a region."""
    existing: NotRequired[bool]
    """Use the account that has this name, with the directory it has, and leave it alone. Default: false, it is made."""
    protect: NotRequired[bool]
    """Refuse to delete or replace it, and keep it in Azure when the stack forgets it. Default: true."""
    timeout_minutes: NotRequired[int]
    """How long Azure may take. Default: 30."""


class NetAppAccount(pulumi.ComponentResource):
    """A NetApp account with its Active Directory connection, made or brought along.

    An account that is brought along is looked up: a preview fails when it is missing or joined to no directory.

    Raises `rules.InvalidArgsError` for values that Azure would refuse.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/create-active-directory-connections
    """

    name: pulumi.Output[str]
    """Its name, known in every preview."""
    location: pulumi.Output[str]
    """Its region, as Azure spells it."""

    def __init__(self, name: str, args: NetAppAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:NetAppAccount", name, {}, opts)
        rules.check_args("NetAppAccount", args, {"account_name": rules.ACCOUNT_NAME})
        self.name, self.location = self._brought(args) if args.get("existing", False) else self._made(name, args)
        self.register_outputs({"name": self.name, "location": self.location})

    def _made(self, name: str, args: NetAppAccountArgs) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        directory = args.get("active_directory")
        if not directory:
            raise rules.InvalidArgsError(
                "NetAppAccount: active_directory is needed: a CIFS volume lives in a directory"
            )
        rules.check_args(
            "NetAppAccount.active_directory",
            directory,
            {
                "domain": rules.DOMAIN_NAME,
                "username": rules.USERNAME,
                "smb_server_name": rules.SMB_SERVER_NAME,
                "site": rules.SITE,
                "organizational_unit": rules.ORGANIZATIONAL_UNIT,
            },
        )
        timeout_minutes = args.get("timeout_minutes", 30)
        account = netapp.Account(
            f"{name}-account",
            resource_group_name=args["resource_group_name"],
            account_name=args["account_name"],
            active_directories=[
                {
                    "domain": directory["domain"],
                    "dns": pulumi.Output.from_input(directory["dns_servers"]).apply(",".join),
                    "username": directory["username"],
                    "password": pulumi.Output.secret(directory["password"]),
                    "smb_server_name": directory["smb_server_name"],
                    "site": directory.get("site") or "Default-First-Site-Name",
                    "organizational_unit": directory.get("organizational_unit"),
                }
            ],
            opts=child_options(
                self,
                protect=args.get("protect", True),
                fixed=("activeDirectories[*].domain", "activeDirectories[*].organizationalUnit"),
                timeout_minutes=timeout_minutes,
                hooks=pulumi.ResourceHookBinding(
                    on_error=[wait_out(f"{name}-account-nested", NESTED, timeout_minutes)]
                ),
            ),
        )
        return known_name(args["account_name"], account.location), account.location

    def _brought(self, args: NetAppAccountArgs) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        found = looked_up(
            "The NetApp account that is brought along",
            netapp.get_account_output(
                resource_group_name=args["resource_group_name"],
                account_name=args["account_name"],
                opts=pulumi.InvokeOutputOptions(parent=self),
            ),
            "name one that exists in its resource group and may be read, or let this stack make it",
        )
        return found.apply(_joined), found.location


def _joined(account: netapp.GetAccountResult) -> str:
    if not account.active_directories:
        raise rules.InvalidArgsError(
            f"The NetApp account {account.name} has no Active Directory connection, which a CIFS volume needs. "
            f"Mend: join it to a directory ({rules.DIRECTORY}), or let this stack make an account of its own."
        )
    return account.name
