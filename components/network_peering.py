"""The peering of a virtual network with another one, in both directions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_azure_native as azure_native

from components import rules
from components.guest.azure_types import AzureType
from components.guest.existing_objects import refuse_existing
from components.guest.kept_settings import KeptSettings
from components.guest.network_refusals import Providers, check_peering
from components.rules.network import NetworkPath, peering_name
from components.support.options import child_options

PEERING: Final = AzureType(
    title="The peering",
    look_up="azure-native:network:getVirtualNetworkPeering",
    names=("resourceGroupName", "virtualNetworkName", "virtualNetworkPeeringName"),
    inputs=azure_native.network.VirtualNetworkPeeringInitArgs,
    # What Azure reports of a peering's state are inputs too, which a refresh fills: like settings of others, no drift.
    no_settings=("id", "name", "type", "syncRemoteAddressSpace"),
    unset={"peerCompleteVnets": True},
)


@dataclass(frozen=True, kw_only=True)
class OwnNetwork:
    """The virtual network that a component creates."""

    id: pulumi.Output[str]
    path: pulumi.Output[NetworkPath]
    """The parts of its id, which a first preview knows too."""
    address_space: pulumi.Input[str | None]


class NetworkPeering:
    """A peering with another virtual network: both directions, as children of the component that has the network.

    Azure connects the networks when both directions exist. What an appliance in the other network forwards is let in.
    Gateways are not shared; whoever sets that in Azure keeps it. Both are protected as the network is.
    Source: https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview
    """

    def __init__(
        self,
        component: pulumi.ComponentResource,
        name: str,
        own: OwnNetwork,
        peer: str,
        providers: Providers,
        opts: pulumi.ResourceOptions | None,
        after: Sequence[pulumi.Resource],
    ) -> None:
        """Create both directions.

        Args:
            component: the component.
            name: its name.
            own: its network.
            peer: the id of the other network, in any subscription.
            providers: returns the provider for the other network.
            opts: the component's options.
            after: what must exist before: Azure changes one thing of a network at a time.

        """
        self._component, self._name, self._opts = component, name, opts
        self._own, self._peer, self._providers = own, peer, providers
        self._outputs: dict[str, Any] = {}
        other = NetworkPath.of(peer)
        to = self._direction(
            "to",
            own.path.apply(lambda path: path.resource_group),
            own.path.apply(lambda path: path.name),
            pulumi.Output.from_input(peering_name(other)),
            peer,
            after,
        )
        back = self._direction(
            "from", other.resource_group, other.name, own.path.apply(peering_name), own.id, (to,), providers(peer)
        )
        self.resources = (to, back)
        """The two directions, in the order of their creation."""

    @property
    def outputs(self) -> Mapping[str, pulumi.Output[Any]]:
        """What the component registers with its outputs for the next run."""
        return self._outputs

    def _direction(
        self,
        direction: str,
        group: pulumi.Input[str],
        network: pulumi.Input[str],
        peering: pulumi.Output[str],
        remote: pulumi.Input[str],
        after: Sequence[pulumi.Resource],
        provider: pulumi.ProviderResource | None = None,
    ) -> azure_native.network.VirtualNetworkPeering:
        component, is_back = self._component, direction == "from"
        name = f"{self._name}-{direction}-{peering_name(NetworkPath.of(self._peer))}"
        settings = KeptSettings(component, name, PEERING, provider=provider, is_one_of_several=True)
        fits = check_peering(
            f"{name}-fits", component, self._peer, self._own.path, self._own.address_space, self._providers
        )
        options = settings.options(
            child_options(
                component,
                self._opts,
                data=True,
                depends_on=after,
                before_create=refuse_existing(
                    f"{name}-exists",
                    component,
                    "peering",
                    ways_out=f"remove the network from {rules.argument('DelegatedSubnet', 'peerings')}; "
                    "or delete the peering",
                    provider=provider,
                ),
                hooks=None if is_back else pulumi.ResourceHookBinding(before_create=[fits]),
            )
        )
        made = azure_native.network.VirtualNetworkPeering(
            name,
            resource_group_name=group,
            virtual_network_name=network,
            virtual_network_peering_name=peering,
            remote_virtual_network={"id": remote},
            allow_virtual_network_access=True,
            allow_forwarded_traffic=not is_back,
            opts=pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(provider=provider)),
        )
        self._outputs |= settings.outputs(made.id)
        return made
