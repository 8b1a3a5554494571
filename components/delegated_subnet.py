"""The subnet that Azure NetApp Files puts its SMB servers into."""

from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_azure_native as azure_native

from components import rules
from components.child_options import child_options, known_name
from components.lookup import looked_up
from components.passing_errors import SUBNET_IN_USE, wait_out

DELEGATE_TO: Final = "Microsoft.Netapp/volumes"


class DelegatedSubnetArgs(TypedDict):
    """Arguments of `DelegatedSubnet`."""

    resource_group_name: pulumi.Input[str]
    """The resource group of the virtual network that is made."""
    virtual_network_name: NotRequired[pulumi.Input[str | None]]
    """The virtual network that is made. Not with subnet_id."""
    address_space: NotRequired[pulumi.Input[str | None]]
    """The virtual network's IPv4 range, larger than the subnet's, such as 10.40.0.0/16."""
    subnet_name: NotRequired[pulumi.Input[str | None]]
    """The subnet that is made and delegated; a virtual network has only one such subnet."""
    subnet_prefix: NotRequired[pulumi.Input[str | None]]
    """The subnet's IPv4 range, /28 or larger, such as 10.40.1.0/26. Cannot be changed once volumes are in it."""
    subnet_id: NotRequired[str | None]
    """The id of a subnet to use instead of making one. It must be delegated already; it is never changed or deleted."""
    protect: NotRequired[bool]
    """Refuse to delete or replace what is made: the volumes are reached through it. Default: true."""
    delete_timeout_minutes: NotRequired[int]
    """How long its deletion is tried while Azure still reckons with a volume in it. Default: 30."""


class DelegatedSubnet(pulumi.ComponentResource):
    """A subnet delegated to Azure NetApp Files, made with a virtual network of its own, or brought along.

    A subnet that is brought along is looked up: a preview fails when it is missing or not delegated.

    Raises `rules.InvalidArgsError` for names and ranges that Azure would refuse.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-delegate-subnet
    """

    subnet_id: pulumi.Output[str]
    """The subnet's resource id."""

    def __init__(self, name: str, args: DelegatedSubnetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:DelegatedSubnet", name, {}, opts)
        rules.check_args(
            "DelegatedSubnet",
            args,
            {
                "virtual_network_name": rules.VIRTUAL_NETWORK_NAME,
                "address_space": rules.ADDRESS_SPACE,
                "subnet_name": rules.SUBNET_NAME,
                "subnet_prefix": rules.SUBNET_PREFIX,
                "subnet_id": rules.SUBNET_ID,
            },
        )
        subnet_id = args.get("subnet_id")
        self.subnet_id = self._brought(subnet_id) if subnet_id else self._made(name, args)
        self.register_outputs({"subnetId": self.subnet_id})

    def _made(self, name: str, args: DelegatedSubnetArgs) -> pulumi.Output[str]:
        protect = args.get("protect", True)
        network = azure_native.network.VirtualNetwork(
            f"{name}-network",
            resource_group_name=args["resource_group_name"],
            virtual_network_name=args.get("virtual_network_name"),
            address_space={"address_prefixes": [pulumi.Output.from_input(args.get("address_space")).apply(str)]},
            opts=child_options(self, protect=protect),
        )
        subnet = azure_native.network.Subnet(
            f"{name}-subnet",
            resource_group_name=args["resource_group_name"],
            virtual_network_name=known_name(
                pulumi.Output.from_input(args.get("virtual_network_name")).apply(str), network.location
            ),
            subnet_name=args.get("subnet_name"),
            address_prefix=args.get("subnet_prefix"),
            delegations=[{"name": "netapp", "service_name": DELEGATE_TO}],
            opts=child_options(
                self,
                protect=protect,
                fixed=("addressPrefix",),
                hooks=pulumi.ResourceHookBinding(
                    on_error=[wait_out(f"{name}-subnet-in-use", SUBNET_IN_USE, args.get("delete_timeout_minutes", 30))]
                ),
            ),
        )
        return subnet.id

    def _brought(self, subnet_id: str) -> pulumi.Output[str]:
        segments = subnet_id.split("/")
        found = looked_up(
            f"The subnet {subnet_id}",
            azure_native.network.get_subnet_output(
                resource_group_name=segments[4],
                virtual_network_name=segments[8],
                subnet_name=segments[10],
                opts=pulumi.InvokeOutputOptions(parent=self),
            ),
            "name one that exists in this subscription and may be read, or let this stack make it",
        )
        return found.apply(lambda subnet: _delegated(subnet_id, subnet))


def _delegated(subnet_id: str, subnet: azure_native.network.GetSubnetResult) -> str:
    services = [delegation.service_name or "" for delegation in subnet.delegations or []]
    if DELEGATE_TO.lower() not in (service.lower() for service in services):
        raise rules.InvalidArgsError(
            f"The subnet {subnet_id} is not delegated to {DELEGATE_TO} (it has: {', '.join(services) or 'none'}). "
            f"Mend: az network vnet subnet update --ids {subnet_id} --delegations {DELEGATE_TO}"
        )
    return subnet_id
