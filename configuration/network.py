"""The section anf-smb:network, and the rules between its keys."""

from collections.abc import Iterator
from typing import Annotated

from components.delegated_subnet import DelegatedSubnetArgs
from components.rules import network as network_rules
from configuration.errors import Problem, missing_key
from configuration.section import Section, obeys


class NetworkSettings(Section):
    """anf-smb:network: either the four keys of a new network, or the id of an existing subnet."""

    virtual_network: Annotated[str, obeys(network_rules.VIRTUAL_NETWORK_NAME)] | None = None
    address_space: Annotated[str, obeys(network_rules.ADDRESS_SPACE)] | None = None
    subnet: Annotated[str, obeys(network_rules.SUBNET_NAME)] | None = None
    subnet_prefix: Annotated[str, obeys(network_rules.SUBNET_PREFIX)] | None = None
    subnet_id: Annotated[str, obeys(network_rules.SUBNET_ID)] | None = None

    @property
    def args(self) -> DelegatedSubnetArgs:
        """Return the arguments of the component."""
        return self.arguments_of(DelegatedSubnetArgs)


def network_inconsistencies(network: NetworkSettings, subscription: str | None) -> Iterator[Problem]:
    """Yield each contradiction between the keys."""
    key = "anf-smb:network"
    new = {
        "virtualNetwork": (network.virtual_network, "vnet-anf"),
        "addressSpace": (network.address_space, "10.40.0.0/16"),
        "subnet": (network.subnet, "anf"),
        "subnetPrefix": (network.subnet_prefix, "10.40.1.0/26"),
    }
    given = [name for name, (value, _) in new.items() if value is not None]
    if network.subnet_id:
        if given:
            yield Problem(key, f"has subnetId and {', '.join(given)}", "subnetId alone, or the others without it")
        if subscription and network.subnet_id.split("/")[2].lower() != subscription.lower():
            yield Problem(
                f"{key}.subnetId",
                f"is in subscription {network.subnet_id.split('/')[2]}",
                f"a subnet in {subscription} (azure-native:subscriptionId)",
            )
        return
    for name, (value, example) in new.items():
        if value is None:
            yield missing_key(f"{key}.{name}", f"{example}; or use an existing subnet: subnetId")
    if network.address_space and network.subnet_prefix:
        allowed = network_rules.subnet_outside(network.address_space, network.subnet_prefix)
        if allowed:
            yield Problem(f"{key}.subnetPrefix", f'is "{network.subnet_prefix}"', allowed)
