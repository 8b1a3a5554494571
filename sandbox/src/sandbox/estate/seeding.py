"""The creation of a described estate in a sandbox's Azure, once: what users delete or change afterwards stays so."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ACCOUNTS, ACTION_GROUPS, MANAGED_CLUSTERS, VIRTUAL_NETWORKS
from sandbox.azure.store import Store
from sandbox.errors import SandboxError
from sandbox.estate.description import ActionGroup, Cluster, NetAppAccount, Network, Subscription
from sandbox.estate.estate import Estate

_TIB: Final = 1024**4


def seed(store: Store, described: list[Subscription]) -> None:
    """Create an estate in a store that has never had one.

    Raises:
        SandboxError: Azure refuses a part of it, or it names what it does not have.

    """
    with store.transaction():
        if store.query("SELECT number FROM estate"):
            return
        store.query("INSERT INTO estate VALUES (1)")
        estate = Estate(store)
        for each in described:
            _create_networks(estate, each)
        for each in described:
            _peer_networks(estate, each)
            _place_machines(estate, each)
            for account in each.net_app_accounts:
                with _named(each, f"netAppAccounts, {account.resource_group}/{account.name}"):
                    _create_account(estate, each, account)
            for group in each.action_groups:
                with _named(each, f"actionGroups, {group.resource_group}/{group.name}"):
                    _create_action_group(estate, each, group)


def _create_networks(estate: Estate, of: Subscription) -> None:
    for network in of.networks:
        with _named(of, f"networks, {network.resource_group}/{network.name}"):
            estate.network(
                _network_id(of, network),
                network.address_space,
                subnets=network.subnets,
                dns_servers=network.dns_servers,
                location=network.location or of.location,
            )


def _peer_networks(estate: Estate, of: Subscription) -> None:
    for network in of.networks:
        for remote in network.peerings:
            with _named(of, f"networks, {network.resource_group}/{network.name}, peerings, {remote}"):
                estate.peer(_network_id(of, network), _remote_id(of, remote))


def _place_machines(estate: Estate, of: Subscription) -> None:
    for servers in of.domain_controllers:
        for address in servers.addresses:
            with _named(of, f"domainControllers, {servers.domain}, {address}"):
                estate.domain_controllers(servers.domain, [address], _network_id(of, _network_with(of, address)))
    for cluster in of.clusters:
        with _named(of, f"clusters, {cluster.resource_group}/{cluster.name}, nodes"):
            cluster_id = _id(of, cluster.resource_group, MANAGED_CLUSTERS, cluster.name)
            estate.cluster(cluster_id, _nodes_subnet(of, cluster))


def _create_account(estate: Estate, of: Subscription, account: NetAppAccount) -> None:
    account_id = _id(of, account.resource_group, ACCOUNTS, account.name)
    location, entries = account.location or of.location, list[dict[str, Any]]()
    if directory := account.active_directory:
        entry = {
            "domain": directory.domain,
            "dns": ",".join(directory.dns_servers),
            "smbServerName": directory.smb_server_name,
            "username": directory.username,
            "password": secrets.token_urlsafe(24),
            "aesEncryption": True,
        }
        entries.append(entry)
    estate.create(account_id, {"properties": {"activeDirectories": entries}}, location)
    for pool in account.pools:
        properties = {"serviceLevel": pool.service_level, "size": pool.size_tib * _TIB}
        estate.create(f"{account_id}/capacityPools/{pool.name}", {"properties": properties}, location)


def _create_action_group(estate: Estate, of: Subscription, group: ActionGroup) -> None:
    group_id = _id(of, group.resource_group, ACTION_GROUPS, group.name)
    estate.create(group_id, {"properties": {"groupShortName": group.name[:12]}}, "global", of.location)


def _network_with(of: Subscription, address: str) -> Network:
    for network in of.networks:
        if any(IPv4Address(address) in IPv4Network(prefix) for prefix in network.address_space):
            return network
    raise LookupError("no network of the subscription has this address")


def _nodes_subnet(of: Subscription, cluster: Cluster) -> str:
    group, _, rest = cluster.nodes.partition("/")
    name, _, subnet = rest.partition("/")
    for network in of.networks:
        if (network.resource_group, network.name) == (group, name) and subnet in network.subnets:
            return f"{_network_id(of, network)}/subnets/{subnet}"
    raise LookupError(f"'{cluster.nodes}' is no subnet of the estate: write GROUP/NETWORK/SUBNET")


def _remote_id(of: Subscription, remote: str) -> str:
    if remote.startswith("/"):
        return remote
    group, _, name = remote.partition("/")
    return _id(of, group, VIRTUAL_NETWORKS, name)


def _network_id(of: Subscription, network: Network) -> str:
    return _id(of, network.resource_group, VIRTUAL_NETWORKS, network.name)


def _id(of: Subscription, group: str, kind: str, name: str) -> str:
    return f"/subscriptions/{of.subscription}/resourceGroups/{group}/providers/{kind}/{name}"


@contextmanager
def _named(of: Subscription, what: str) -> Generator[None]:
    """Say which part of the estate cannot be."""
    try:
        yield
    except (ArmError, LookupError, ValueError) as error:
        why = error.args[0] if isinstance(error, LookupError) else error
        raise SandboxError(f"sandbox.yaml: estate, subscription {of.subscription}, {what}: {why}") from None
