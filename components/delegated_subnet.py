"""The subnet that Azure NetApp Files puts its SMB servers into."""

from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_azure_native as azure_native

from components import rules
from components.guest.azure_types import AzureType
from components.guest.created_before import CreatedBefore
from components.guest.existing_objects import refuse_existing
from components.guest.kept_settings import KeptSettings
from components.resource_group import ResourceGroupRef
from components.rules import network as network_rules
from components.support.lookup import looked_up
from components.support.options import Limits, child_options, known_name
from components.support.references import fields
from components.support.transient_errors import SUBNET_IN_USE, wait_out

DELEGATE_TO: Final = "Microsoft.Netapp/volumes"
_KINDS: Final = (azure_native.network.VirtualNetwork, azure_native.network.Subnet)

VIRTUAL_NETWORK: Final = AzureType(
    title="The virtual network",
    look_up="azure-native:network:getVirtualNetwork",
    names=("resourceGroupName", "virtualNetworkName"),
    sdk_defaults=("enableDdosProtection", "enableVmProtection"),
    inputs=azure_native.network.VirtualNetworkInitArgs,
    no_settings=("location", "id", "subnets", "virtualNetworkPeerings"),
    unset={"encryption": {"enabled": False, "enforcement": "AllowUnencrypted"}},
)
SUBNET: Final = AzureType(
    title="The subnet",
    look_up="azure-native:network:getSubnet",
    names=("resourceGroupName", "virtualNetworkName", "subnetName"),
    sdk_defaults=("privateEndpointNetworkPolicies", "privateLinkServiceNetworkPolicies"),
    inputs=azure_native.network.SubnetInitArgs,
    no_settings=("id", "name", "type", "addressPrefixes"),
    unset={"privateLinkServiceNetworkPolicies": "Enabled", "defaultOutboundAccess": True},
)


class DelegatedSubnetArgs(TypedDict):
    """Arguments of `DelegatedSubnet`."""

    resource_group: pulumi.Input[ResourceGroupRef]
    """The resource group of the virtual network to create."""
    virtual_network: NotRequired[pulumi.Input[str | None]]
    """The name of the virtual network to create. Not with subnetId."""
    address_space: NotRequired[pulumi.Input[str | None]]
    """The virtual network's IPv4 range, larger than the subnet's, such as 10.40.0.0/16."""
    subnet: NotRequired[pulumi.Input[str | None]]
    """The name of the subnet to create and delegate; a virtual network has only one such subnet."""
    subnet_prefix: NotRequired[pulumi.Input[str | None]]
    """The subnet's IPv4 range, /28 or larger, such as 10.40.1.0/26. Cannot be changed once volumes are in it."""
    subnet_id: NotRequired[str | None]
    """The id of an existing delegated subnet. It is never changed or deleted. Not with the other arguments."""


class DelegatedSubnet(pulumi.ComponentResource):
    """A subnet delegated to Azure NetApp Files: created in a virtual network of its own, or existing.

    A preview fails when an existing subnet is missing or not delegated. What is created is protected unless the options
    say `protect: false`. Azure deletes a subnet only after its last volume: the deletion is repeated until the delete
    timeout of the options, 30 minutes by default. Names and ranges that Azure would refuse are an error.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-delegate-subnet
    """

    subnet_id: pulumi.Output[str]
    """The subnet's resource id."""
    virtual_network_id: pulumi.Output[str]
    """The resource id of the subnet's virtual network."""

    def __init__(self, name: str, args: DelegatedSubnetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        created, subnet_id = CreatedBefore(*_KINDS), args.get("subnet_id")
        super().__init__("anf-smb:index:DelegatedSubnet", name, {}, created.options(opts) if subnet_id else opts)
        rules.check_args(
            "DelegatedSubnet",
            args,
            {
                "virtual_network": network_rules.VIRTUAL_NETWORK_NAME,
                "address_space": network_rules.ADDRESS_SPACE,
                "subnet": network_rules.SUBNET_NAME,
                "subnet_prefix": network_rules.SUBNET_PREFIX,
                "subnet_id": network_rules.SUBNET_ID,
            },
        )
        self._network = KeptSettings(self, f"{name}-network", VIRTUAL_NETWORK)
        self._subnet = KeptSettings(self, f"{name}-subnet", SUBNET)
        if subnet_id:
            created.forget(self)
        self.subnet_id = self._existing(subnet_id) if subnet_id else self._created(name, args, opts)
        self.virtual_network_id = self.subnet_id.apply(lambda subnet: subnet.rpartition("/subnets/")[0])
        self.register_outputs(
            {
                "subnetId": self.subnet_id,
                "virtualNetworkId": self.virtual_network_id,
                **self._network.outputs(self.subnet_id),
                **self._subnet.outputs(self.subnet_id),
            }
        )

    def _created(self, name: str, args: DelegatedSubnetArgs, opts: pulumi.ResourceOptions | None) -> pulumi.Output[str]:
        group = fields(args["resource_group"], ResourceGroupRef)["name"]
        network = azure_native.network.VirtualNetwork(
            f"{name}-network",
            resource_group_name=group,
            virtual_network_name=args.get("virtual_network"),
            address_space={"address_prefixes": [pulumi.Output.from_input(args.get("address_space")).apply(str)]},
            opts=self._network.options(
                child_options(
                    self,
                    opts,
                    data=True,
                    before_create=refuse_existing(
                        f"{name}-network-exists", self, "virtual network", "subnet_id", "virtual_network"
                    ),
                )
            ),
        )
        subnet = azure_native.network.Subnet(
            f"{name}-subnet",
            resource_group_name=group,
            virtual_network_name=known_name(
                pulumi.Output.from_input(args.get("virtual_network")).apply(str), network.location
            ),
            subnet_name=args.get("subnet"),
            address_prefix=args.get("subnet_prefix"),
            delegations=[{"name": "netapp", "service_name": DELEGATE_TO}],
            opts=self._subnet.options(
                child_options(
                    self,
                    opts,
                    data=True,
                    fixed=("addressPrefix",),
                    before_create=refuse_existing(f"{name}-subnet-exists", self, "subnet", "subnet_id", "subnet"),
                    hooks=pulumi.ResourceHookBinding(
                        on_error=[wait_out(self, f"{name}-subnet-in-use", Limits.of(opts, 30).delete, SUBNET_IN_USE)]
                    ),
                )
            ),
        )
        return subnet.id

    def _existing(self, subnet_id: str) -> pulumi.Output[str]:
        segments = subnet_id.split("/")
        found = looked_up(
            f"The subnet {subnet_id}",
            azure_native.network.get_subnet_output(
                resource_group_name=segments[4],
                virtual_network_name=segments[8],
                subnet_name=segments[10],
                opts=pulumi.InvokeOutputOptions(parent=self),
            ),
            "name one that exists in this subscription and that you may read, or let the stack create it",
        )
        return found.apply(lambda subnet: _delegated(subnet_id, subnet))


def _delegated(subnet_id: str, subnet: azure_native.network.GetSubnetResult) -> str:
    """Return the id. Raise `InvalidArgsError` for a subnet that is not delegated."""
    services = [delegation.service_name or "" for delegation in subnet.delegations or []]
    if DELEGATE_TO.lower() not in (service.lower() for service in services):
        raise rules.InvalidArgsError(
            f"The subnet {subnet_id} is not delegated to {DELEGATE_TO} (it has: {', '.join(services) or 'none'}). "
            f"Fix: az network vnet subnet update --ids {subnet_id} --delegations {DELEGATE_TO}"
        )
    return subnet_id
