"""The subnet that Azure NetApp Files puts its SMB servers into."""

from typing import Any, Final, NotRequired, TypedDict

import pulumi
import pulumi_azure_native as azure_native

from components import rules
from components.guest.azure_types import AzureType
from components.guest.created_before import CreatedBefore
from components.guest.existing_objects import refuse_existing
from components.guest.kept_settings import KeptSettings
from components.guest.network_refusals import (
    Directory,
    check_existing_subnet,
    check_new_network,
    check_new_subnet,
)
from components.network_peering import NetworkPeering, OwnNetwork
from components.resource_group import ResourceGroupRef
from components.rules import network as network_rules
from components.rules.network import DELEGATE_TO, NetworkPath
from components.rules.tags import check_tags
from components.support.lookup import looked_up
from components.support.options import Limits, child_options, known_name
from components.support.other_subscription import subscription_providers
from components.support.references import fields
from components.support.transient_errors import SUBNET_IN_USE, wait_out

_OF_THE_NETWORK: Final = (azure_native.network.VirtualNetwork, azure_native.network.VirtualNetworkPeering)

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
    virtual_network_id: NotRequired[str | None]
    """The id of an existing virtual network of the same subscription. Only the subnet is created in it."""
    subnet: NotRequired[pulumi.Input[str | None]]
    """The name of the subnet to create and delegate; a virtual network has only one such subnet."""
    subnet_prefix: NotRequired[pulumi.Input[str | None]]
    """The subnet's IPv4 range, /28 or larger, such as 10.40.1.0/26. Cannot be changed once volumes are in it."""
    network_security_group_id: NotRequired[pulumi.Input[str | None]]
    """The id of the network security group of the created subnet. Default: none, or the one that others have set."""
    route_table_id: NotRequired[pulumi.Input[str | None]]
    """The id of the route table of the created subnet. Default: none, or the one that others have set."""
    subnet_id: NotRequired[str | None]
    """The id of an existing delegated subnet. It is never changed or deleted. Not with the other arguments."""
    virtual_network: NotRequired[pulumi.Input[str | None]]
    """The name of the virtual network to create. It reaches the directory and the nodes only by peerings."""
    address_space: NotRequired[pulumi.Input[str | None]]
    """The new virtual network's IPv4 range, larger than the subnet's and apart from those of peered networks."""
    dns_servers: NotRequired[pulumi.Input[list[str] | None]]
    """The new virtual network's DNS servers, IPv4. Volumes use those of the directory. Default: those of Azure."""
    peerings: NotRequired[list[str] | None]
    """The ids of virtual networks, of any subscription, to peer the new one with in both directions. Volumes wait."""
    subscription_id: NotRequired[str | None]
    """The subscription of the provider; a peered network of another one gets its own provider. Default: each does."""
    directory_dns_servers: NotRequired[pulumi.Input[list[str] | None]]
    """The directory's DNS servers: a preview fails if a new network reaches none of them. Default: not checked."""
    tags: NotRequired[pulumi.Input[dict[str, str] | None]]
    """Tags of a virtual network to create, by their names. Tags that others put on it stay. Default: none."""


class DelegatedSubnet(pulumi.ComponentResource):
    """A subnet delegated to Azure NetApp Files: created in an existing or in a new virtual network, or existing.

    A preview fails when an existing network or subnet is missing, when a subnet is not delegated, and when a new
    network reaches no DNS server of the directory; it warns of an existing one. What is created is protected unless the
    options say `protect: false`. Azure deletes a subnet only after its last volume: the deletion is repeated until the
    delete timeout of the options, 30 minutes by default. Names and ranges that Azure would refuse are an error.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-delegate-subnet
    """

    subnet_id: pulumi.Output[str]
    """The subnet's resource id; what uses it waits for the peerings."""
    virtual_network_id: pulumi.Output[str]
    """The resource id of the subnet's virtual network."""

    def __init__(self, name: str, args: DelegatedSubnetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subnet_id, network_id = args.get("subnet_id"), args.get("virtual_network_id")
        created = CreatedBefore(*_OF_THE_NETWORK, *([azure_native.network.Subnet] if subnet_id else []))
        exists = bool(subnet_id or network_id)
        super().__init__("anf-smb:index:DelegatedSubnet", name, {}, created.options(opts) if exists else opts)
        peerings = args.get("peerings") or []
        rules.check_args(
            "DelegatedSubnet",
            {**args, **{f"peerings[{index}]": peer for index, peer in enumerate(peerings)}},
            {
                "virtual_network_id": network_rules.VIRTUAL_NETWORK_ID,
                "subnet": network_rules.SUBNET_NAME,
                "subnet_prefix": network_rules.SUBNET_PREFIX,
                "network_security_group_id": network_rules.NETWORK_SECURITY_GROUP_ID,
                "route_table_id": network_rules.ROUTE_TABLE_ID,
                "subnet_id": network_rules.SUBNET_ID,
                "virtual_network": network_rules.VIRTUAL_NETWORK_NAME,
                "address_space": network_rules.ADDRESS_SPACE,
                **{f"peerings[{index}]": network_rules.VIRTUAL_NETWORK_ID for index, _ in enumerate(peerings)},
            },
        )
        check_tags("DelegatedSubnet", args.get("tags"))
        self._name, self._args, self._opts = name, args, opts
        self._directory = Directory(
            servers=args.get("directory_dns_servers"), has_routes=args.get("route_table_id") is not None
        )
        self._network = KeptSettings(self, f"{name}-network", VIRTUAL_NETWORK)
        self._subnet = KeptSettings(self, f"{name}-subnet", SUBNET)
        self._made_of_peerings: dict[str, pulumi.Output[Any]] = {}
        if exists:
            created.forget(self)
        if subnet_id:
            self.subnet_id = self._existing(subnet_id)
        elif network_id:
            self.subnet_id = self._in_existing_network(network_id).id
        else:
            self.subnet_id = self._in_new_network()
        self.virtual_network_id = self.subnet_id.apply(network_rules.network_id_of)
        self.register_outputs(
            {
                "subnetId": self.subnet_id,
                "virtualNetworkId": self.virtual_network_id,
                **self._network.outputs(self.subnet_id),
                **self._subnet.outputs(self.subnet_id),
                **self._made_of_peerings,
            }
        )

    def _in_new_network(self) -> pulumi.Output[str]:
        name, args = self._name, self._args
        peerings, space, servers = args.get("peerings") or [], args.get("address_space"), args.get("dns_servers")
        providers = subscription_providers(name, self, args.get("subscription_id"))
        group = fields(args["resource_group"], ResourceGroupRef)["name"]
        network = azure_native.network.VirtualNetwork(
            f"{name}-network",
            resource_group_name=group,
            virtual_network_name=args.get("virtual_network"),
            address_space={"address_prefixes": [pulumi.Output.from_input(space).apply(str)]},
            dhcp_options={"dns_servers": servers} if servers is not None else None,
            tags=args.get("tags"),
            opts=self._network.options(
                child_options(
                    self,
                    self._opts,
                    data=True,
                    before_create=refuse_existing(
                        f"{name}-network-exists", self, "virtual network", "virtual_network_id", "virtual_network"
                    ),
                    hooks=pulumi.ResourceHookBinding(
                        before_create=[
                            check_new_network(f"{name}-network-reaches", self, peerings, self._directory, providers)
                        ]
                    ),
                )
            ),
        )
        network_name = known_name(pulumi.Output.from_input(args.get("virtual_network")).apply(str), network.location)
        subnet = self._created(group, network_name)
        directions: list[azure_native.network.VirtualNetworkPeering] = []
        if peerings:
            client = azure_native.authorization.get_client_config_output(opts=pulumi.InvokeOutputOptions(parent=self))
            path = pulumi.Output.all(client.subscription_id, group, network_name).apply(lambda part: NetworkPath(*part))
            own = OwnNetwork(id=network.id, path=path, address_space=space)
            for peer in peerings:
                peering = NetworkPeering(self, name, own, peer, providers, self._opts, directions[-1:] or [subnet])
                directions += peering.resources
                self._made_of_peerings |= peering.outputs
        # An output of a peering that every preview knows, so that the subnet's id does not become unknown with it.
        awaited = [direction.allow_virtual_network_access for direction in directions]
        return pulumi.Output.all(subnet.id, *awaited).apply(lambda values: str(values[0]))

    def _in_existing_network(self, network_id: str) -> azure_native.network.Subnet:
        check = check_new_subnet(f"{self._name}-subnet-fits", self, network_id, self._directory)
        path = NetworkPath.of(network_id)
        return self._created(path.resource_group, path.name, check)

    def _created(
        self, group: pulumi.Input[str], network_name: pulumi.Input[str], *checks: pulumi.ResourceHook
    ) -> azure_native.network.Subnet:
        name, args = self._name, self._args
        security_group_id, route_table_id = args.get("network_security_group_id"), args.get("route_table_id")
        return azure_native.network.Subnet(
            f"{name}-subnet",
            resource_group_name=group,
            virtual_network_name=network_name,
            subnet_name=args.get("subnet"),
            address_prefix=args.get("subnet_prefix"),
            delegations=[{"name": "netapp", "service_name": DELEGATE_TO}],
            network_security_group={"id": security_group_id} if security_group_id is not None else None,
            route_table={"id": route_table_id} if route_table_id is not None else None,
            opts=self._subnet.options(
                child_options(
                    self,
                    self._opts,
                    data=True,
                    fixed=("addressPrefix",),
                    before_create=refuse_existing(f"{name}-subnet-exists", self, "subnet", "subnet_id", "subnet"),
                    hooks=pulumi.ResourceHookBinding(
                        before_create=[*checks],
                        on_error=[
                            wait_out(self, f"{name}-subnet-in-use", Limits.of(self._opts, 30).delete, SUBNET_IN_USE)
                        ],
                    ),
                )
            ),
        )

    def _existing(self, subnet_id: str) -> pulumi.Output[str]:
        path = NetworkPath.of(subnet_id)
        found = looked_up(
            f"The subnet {subnet_id}",
            azure_native.network.get_subnet_output(
                resource_group_name=path.resource_group,
                virtual_network_name=path.name,
                subnet_name=path.subnet,
                opts=pulumi.InvokeOutputOptions(parent=self),
            ),
            "name one that exists in this subscription and that you may read, or let the stack create it",
        )
        reaches = check_existing_subnet(self, subnet_id, self._directory)
        return found.apply(lambda subnet: _delegated(subnet_id, subnet)).apply(reaches)


def _delegated(subnet_id: str, subnet: azure_native.network.GetSubnetResult) -> str:
    """Return the id. Raise `InvalidArgsError` for a subnet that is not delegated."""
    services = [delegation.service_name or "" for delegation in subnet.delegations or []]
    if DELEGATE_TO.lower() in (service.lower() for service in services):
        return subnet_id
    has = f"The subnet {subnet_id} is not delegated to {DELEGATE_TO} (it has: {', '.join(services) or 'none'}). Fix: "
    if services or subnet.ip_configurations or subnet.private_endpoints:
        # Nodes of AKS, machines, other services: Azure delegates no subnet that is in use.
        raise rules.InvalidArgsError(
            f"{has}name another subnet, or let the stack create one, by "
            f"{rules.argument('DelegatedSubnet', 'virtual_network_id')}: this one is in use by others, and Azure "
            "NetApp Files needs one for itself"
        )
    raise rules.InvalidArgsError(f"{has}az network vnet subnet update --ids {subnet_id} --delegations {DELEGATE_TO}")
