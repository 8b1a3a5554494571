"""The section anf-smb:network, and the rules between its keys."""

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field

from components.delegated_subnet import DelegatedSubnetArgs
from components.rules import directory as directory_rules
from components.rules import network as network_rules
from components.rules.network import NetworkPath
from configuration.errors import Problem, missing_key
from configuration.section import obeys
from configuration.sign_in import sign_in_elsewhere
from configuration.tags import TaggedSection

_KEY: Final = "anf-smb:network"
_HUB: Final = "/subscriptions/…/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
_EXAMPLES: Final = {
    "virtualNetwork": "vnet-anf",
    "addressSpace": "10.40.0.0/16",
    "subnet": "anf",
    "subnetPrefix": "10.40.1.0/26",
}
_NEW_NETWORK: Final = ("virtualNetwork", "addressSpace", "dnsServers", "peerings")
_SUBNET_IDS: Final = ("subnetId", "virtualNetworkId", "networkSecurityGroupId", "routeTableId")
"""The keys whose resources lie in the subscription of the subnet."""


class NetworkSettings(TaggedSection):
    """anf-smb:network: a subnet in an existing virtual network, an existing subnet, or a network of the stack's own."""

    virtual_network_id: Annotated[str, obeys(network_rules.VIRTUAL_NETWORK_ID)] | None = None
    subnet: Annotated[str, obeys(network_rules.SUBNET_NAME)] | None = None
    subnet_prefix: Annotated[str, obeys(network_rules.SUBNET_PREFIX)] | None = None
    network_security_group_id: Annotated[str, obeys(network_rules.NETWORK_SECURITY_GROUP_ID)] | None = None
    route_table_id: Annotated[str, obeys(network_rules.ROUTE_TABLE_ID)] | None = None
    subnet_id: Annotated[str, obeys(network_rules.SUBNET_ID)] | None = None
    virtual_network: Annotated[str, obeys(network_rules.VIRTUAL_NETWORK_NAME)] | None = None
    address_space: Annotated[str, obeys(network_rules.ADDRESS_SPACE)] | None = None
    dns_servers: Annotated[list[Annotated[str, obeys(directory_rules.DNS_SERVER)]], Field(min_length=1)] | None = None
    peerings: Annotated[list[Annotated[str, obeys(network_rules.VIRTUAL_NETWORK_ID)]], Field(min_length=1)] | None = (
        None
    )

    @property
    def takes_tags(self) -> bool:
        """Return True for a virtual network that the stack creates; a subnet has no tags."""
        return self.virtual_network is not None

    @property
    def args(self) -> DelegatedSubnetArgs:
        """Return the arguments of the component."""
        return self.arguments_of(DelegatedSubnetArgs)

    @property
    def existing_id(self) -> str | None:
        """Return the id of the existing subnet, or of the existing virtual network."""
        return self.subnet_id or self.virtual_network_id

    @property
    def given(self) -> dict[str, object]:
        """Return the keys that the stack file has, with their values; tags have rules of their own."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude={"tags"})


def network_inconsistencies(network: NetworkSettings, subscription: str | None) -> Iterator[Problem]:
    """Yield each contradiction between the keys."""
    given = network.given
    yield from _other_subscriptions(network, subscription)
    if "subnetId" in given:
        if others := [name for name in given if name != "subnetId"]:
            yield Problem(_KEY, f"has subnetId and {', '.join(others)}", "subnetId alone, or the others without it")
        return
    of_new = [name for name in _NEW_NETWORK if name in given]
    if "virtualNetworkId" in given and of_new:
        yield Problem(
            _KEY,
            f"has virtualNetworkId and {', '.join(of_new)}",
            f"virtualNetworkId for a subnet in an existing virtual network, or {', '.join(_NEW_NETWORK)} for a new one",
            "the settings and peerings of an existing virtual network belong to whoever manages it: remove "
            f"{', '.join(of_new)}",
        )
    if "virtualNetworkId" not in given and not of_new:
        yield missing_key(
            f"{_KEY}.virtualNetworkId",
            f"{_HUB}; or use an existing subnet: subnetId; or create a network: virtualNetwork and addressSpace",
        )
    needed = ("subnet", "subnetPrefix") if "virtualNetworkId" in given or not of_new else tuple(_EXAMPLES)
    for name in needed:
        if name not in given:
            yield missing_key(f"{_KEY}.{name}", f"{_EXAMPLES[name]}; or use an existing subnet: subnetId")
    if network.address_space and network.subnet_prefix:
        allowed = network_rules.subnet_outside([network.address_space], network.subnet_prefix)
        if allowed:
            yield Problem(f"{_KEY}.subnetPrefix", f'is "{network.subnet_prefix}"', allowed)
    yield from _repeated_peerings(network.peerings or [])
    peered = [NetworkPath.of(peering).subscription_id for peering in network.peerings or []]
    yield from sign_in_elsewhere(peered, subscription, f"{_KEY}.peerings names a network")


def _other_subscriptions(network: NetworkSettings, subscription: str | None) -> Iterator[Problem]:
    for name in _SUBNET_IDS:
        value = network.given.get(name)
        if subscription and isinstance(value, str):
            actual = NetworkPath.of(value).subscription_id
            if actual.lower() != subscription.lower():
                what = {"subnetId": "a subnet", "virtualNetworkId": "a virtual network"}.get(name, "one")
                yield Problem(
                    f"{_KEY}.{name}",
                    f"is in subscription {actual}",
                    f"{what} in {subscription} (azure-native:subscriptionId)",
                )


def _repeated_peerings(peerings: list[str]) -> Iterator[Problem]:
    keys = [NetworkPath.of(peering).key for peering in peerings]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            yield Problem(
                f"{_KEY}.peerings[{index}]",
                f"is the same as {_KEY}.peerings[{keys.index(key)}]",
                "one peering with each virtual network",
            )
