"""Refusals of a network that cannot serve volumes, and warnings of one that may not, in the preview, with the fix."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from components import rules
from components.guest.existing_objects import REFUSALS
from components.guest.live_network import LiveNetwork, LiveSubnet, Reach, live_network, reach_by_peerings
from components.guest.property_paths import plain, value_at
from components.rules import network as network_rules
from components.rules.network import NetworkPath
from components.support.lookup import LookupFailedError, azure_options

_COMPONENT: Final = "DelegatedSubnet"
_IN_PREVIEWS_TOO: Final = pulumi.ResourceHookOptions(on_dry_run=True)

Providers = Callable[[str], pulumi.ProviderResource | None]
"""Returns the provider for a virtual network; None for that of the component."""


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The DNS servers of the directory that the volumes join, which their subnet must reach."""

    servers: pulumi.Input[list[str] | None]
    """Their IPv4 addresses; nothing where they are not known."""
    has_routes: bool
    """The subnet gets a route table."""

    async def known(self) -> list[str]:
        """Return the addresses as far as they are known."""
        found: Any = await plain(self.servers)
        return [server for server in found or () if isinstance(server, str)] if isinstance(found, list) else []


def check_new_network(
    name: str, owner: pulumi.ComponentResource, peerings: Sequence[str], directory: Directory, providers: Providers
) -> pulumi.ResourceHook:
    """Return a hook before the creation of a virtual network.

    It refuses a network that reaches no DNS server of the directory: a new network holds nothing, and reaches only
    what it is peered with. `name` is unique.
    """

    async def check(args: pulumi.ResourceHookArgs) -> None:
        if args.name in REFUSALS.names:
            return  # it exists already
        inputs = args.new_inputs or {}
        listed: Any = value_at(inputs, "addressSpace.addressPrefixes")
        spaces = [space for space in listed if isinstance(space, str)] if isinstance(listed, list) else []
        peers = {peer: await _read(peer, owner, providers(peer)) for peer in peerings}
        problems = [problem for peer, found in peers.items() if (problem := _peer_problem(peer, found, spaces))]
        servers = await directory.known()
        networks = [found if isinstance(found, LiveNetwork) else None for found in peers.values()]
        reach = reach_by_peerings(networks, servers, has_routes=directory.has_routes and bool(peers))
        if servers and reach is Reach.NONE:
            problems.append(_isolated(str(inputs.get("virtualNetworkName")), networks, servers))
        _raise(problems)

    return pulumi.ResourceHook(name, check, _IN_PREVIEWS_TOO)


def check_peering(
    name: str,
    owner: pulumi.ComponentResource,
    peer: str,
    own: pulumi.Output[NetworkPath],
    space: pulumi.Input[str | None],
    providers: Providers,
) -> pulumi.ResourceHook:
    """Return a hook before the creation of a peering.

    It refuses a network that is missing, that overlaps, or that has a peering with ours already. `name` is unique.
    """

    async def check(_: pulumi.ResourceHookArgs) -> None:
        ours, range_ = await plain(own), await plain(space)
        found = await _read(peer, owner, providers(peer))
        problem = _peer_problem(peer, found, [range_] if isinstance(range_, str) else [])
        problems = [problem] if problem else []
        if isinstance(found, LiveNetwork) and isinstance(ours, NetworkPath):
            problems += [
                f"{_argument('peerings')}: {peer} has the peering {each.name} with {ours.name} already, and Azure "
                "allows one. Fix: remove the network from the list; or delete that peering"
                for each in found.peerings
                if each.remote.key == ours.key and each.name != network_rules.peering_name(ours)
            ]
        _raise(problems)

    return pulumi.ResourceHook(name, check, _IN_PREVIEWS_TOO)


def check_new_subnet(
    name: str, owner: pulumi.ComponentResource, network_id: str, directory: Directory
) -> pulumi.ResourceHook:
    """Return a hook before the creation of a subnet in an existing virtual network.

    It refuses what Azure would refuse: a missing network, a range outside it or in another subnet, a second delegated
    subnet. It warns of a network that shows no way to a DNS server of the directory. `name` is unique.
    """

    async def check(args: pulumi.ResourceHookArgs) -> None:
        inputs = args.new_inputs or {}
        network = await live_network(network_id, azure_options(owner))
        if network is None:
            raise LookupFailedError(
                f"The virtual network {network_id} does not exist. Fix: {_argument('virtual_network_id')}: name one "
                "that exists in this subscription, or let the stack create one, by "
                f"{_argument('virtual_network')}"
            )
        subnet, prefix = str(inputs.get("subnetName")), inputs.get("addressPrefix")
        others = [each for each in network.subnets if each.name.lower() != subnet.lower()]
        problems = [
            *(_range_problems(network, others, prefix) if isinstance(prefix, str) else ()),
            *([] if REFUSALS.is_replacement(args.urn) else _delegation_problems(network_id, others)),
        ]
        _raise(problems)
        _warn_if_unreached(owner, network, await directory.known(), has_routes=directory.has_routes)

    return pulumi.ResourceHook(name, check, _IN_PREVIEWS_TOO)


def check_existing_subnet(
    owner: pulumi.ComponentResource, subnet_id: str, directory: Directory
) -> Callable[[str], Awaitable[str]]:
    """Return a function that passes on the subnet's id, and warns if it shows no way to a DNS server."""

    async def check(found: str) -> str:
        servers = await directory.known()
        if not servers:
            return found
        try:
            network = await live_network(network_rules.network_id_of(subnet_id), azure_options(owner))
        except LookupFailedError as error:  # the subnet itself could be read: nothing is certain
            pulumi.log.warn(f"{error}. So it is not checked that volumes reach the directory.", resource=owner)
            return found
        if network:
            subnet = network.subnet(subnet_id.split("/")[10])
            _warn_if_unreached(owner, network, servers, has_routes=subnet is None or subnet.has_routes)
        return found

    return check


async def _read(
    peer: str, owner: pulumi.ComponentResource, provider: pulumi.ProviderResource | None
) -> LiveNetwork | LookupFailedError | None:
    """Return the network, nothing if it is missing, or the error of a look-up that one may lack the right for."""
    try:
        return await live_network(peer, azure_options(owner, provider))
    except LookupFailedError as error:
        pulumi.log.warn(f"{error}. So it is not checked that volumes reach the directory by it.", resource=owner)
        return error


def _peer_problem(peer: str, found: LiveNetwork | LookupFailedError | None, own: Sequence[str]) -> str | None:
    if found is None:
        return f"{_argument('peerings')}: the virtual network {peer} does not exist. Fix: name one that does"
    if isinstance(found, LiveNetwork):
        for space in own:
            if other := network_rules.overlapping(space, found.spaces):
                return (
                    f"{_argument('address_space')} is {space}, which overlaps {other} of {peer}: Azure does not peer "
                    "such networks. Fix: choose a range that no peered network has"
                )
    return None


def _isolated(name: str, peers: Sequence[LiveNetwork | None], servers: Sequence[str]) -> str:
    wanted = ", ".join(servers)
    if not peers:
        return (
            f"the new virtual network {name} is peered with no other one, so no volume in it reaches a DNS server of "
            f"the directory ({wanted}): a new network holds nothing, whatever its range. Fix: name the network of "
            f"these servers, by {_argument('peerings')}; or put the subnet into a network that reaches them, by "
            f"{_argument('virtual_network_id')}"
        )
    listed = "; ".join(f"{peer.id} ({', '.join(peer.spaces)})" for peer in peers if peer)
    return (
        f"the new virtual network {name} reaches no DNS server of the directory ({wanted}). {_argument('peerings')} "
        f"names {listed}, and a peering leads to no third network. Fix: add the network of these servers to it; or "
        f"set {_argument('route_table_id')} to routes through a network appliance"
    )


def _range_problems(network: LiveNetwork, others: Sequence[LiveSubnet], prefix: str) -> list[str]:
    argument = f"{_argument('subnet_prefix')} is {prefix}; allowed: "
    if allowed := network_rules.subnet_outside(network.spaces, prefix):
        return [f"{argument}{allowed} of {network.id}"]
    taken = [each for each in others if network_rules.overlapping(prefix, each.prefixes)]
    if taken:
        listed = ", ".join(f"{each.name} ({', '.join(each.prefixes)})" for each in taken)
        return [f"{argument}a range of {network.id} that no other subnet has; it overlaps {listed}"]
    return []


def _delegation_problems(network_id: str, others: Sequence[LiveSubnet]) -> list[str]:
    return [
        f"{network_id} has a subnet that is delegated to {network_rules.DELEGATE_TO} already, and Azure allows one: "
        f"{each.name}. Fix: use it, by {_argument('subnet_id')}: {each.id}, without the other keys"
        for each in others
        if each.is_delegated
    ]


def _warn_if_unreached(
    owner: pulumi.ComponentResource, network: LiveNetwork, servers: Sequence[str], *, has_routes: bool
) -> None:
    """Warn of an existing network that shows no way to the directory.

    That is no refusal: what Azure Virtual Network Manager connects as a mesh has no peerings, and reaches it.
    """
    reach = network.reach(servers, has_routes=has_routes) if servers else Reach.DIRECT
    said = {
        Reach.INTERRUPTED: "leads there only by a peering that is not Connected, or that allows no access",
        Reach.NONE: (
            f"({', '.join(network.spaces)}) is peered with no network that has one, and has neither a gateway nor a "
            "route table for the subnet"
        ),
    }
    if what := said.get(reach):
        pulumi.log.warn(
            f"A volume needs a DNS server of its directory ({', '.join(servers)}), and {network.id} {what}: its "
            "creation may fail after minutes. Fix: peer the two networks in both directions, or name a network that "
            "reaches them",
            resource=owner,
        )


def _argument(name: str) -> str:
    return rules.argument(_COMPONENT, name)


def _raise(problems: Sequence[str]) -> None:
    if problems:
        raise rules.InvalidArgsError(f"{_COMPONENT}: {'; '.join(problems)}.")
