"""The machines that stand in networks and are no resources here: domain controllers, and the nodes of AKS clusters."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from sandbox.azure.ids import ResourceId
from sandbox.azure.store import Resource, Store

_NODE: Final = "virtualMachineScaleSets/aks-nodepool1-38601234-vmss/virtualMachines/0/networkInterfaces/aks-nodepool1"


@dataclass(frozen=True)
class DomainController:
    """A domain controller, which is a DNS server for its domain."""

    domain: str
    address: str
    network: str
    """The key of the virtual network in which it stands, whether that is there or not."""


@dataclass(frozen=True)
class NodePools:
    """The node pools of an AKS cluster, which stand in one subnet."""

    cluster: ResourceId
    subnet: ResourceId


def add_domain_controller(store: Store, domain: str, address: str, network: ResourceId) -> None:
    row = (domain.lower(), str(IPv4Address(address)), network.key)
    store.query("INSERT OR REPLACE INTO domain_controllers (domain, address, network) VALUES (?, ?, ?)", *row)


def domain_controllers(store: Store) -> list[DomainController]:
    rows = store.query("SELECT domain, address, network FROM domain_controllers ORDER BY rowid")
    return [DomainController(**dict(row)) for row in rows]


def add_node_pools(store: Store, cluster: ResourceId, subnet: ResourceId) -> None:
    sql = "INSERT OR REPLACE INTO node_pools (cluster, id, subnet) VALUES (?, ?, ?)"
    store.query(sql, cluster.key, str(cluster), str(subnet))


def node_pools(store: Store) -> list[NodePools]:
    """Return those of all clusters, in the order in which the clusters came to be."""
    rows = store.query("SELECT id, subnet FROM node_pools ORDER BY rowid")
    return [NodePools(ResourceId.parse(row["id"]), ResourceId.parse(row["subnet"])) for row in rows]


def user_of_subnet(store: Store, subnet: Resource, *, outside: str | None = None) -> str | None:
    """Return the network interface of a machine in a subnet (of one outside the group whose key is `outside`).

    A domain controller is taken to be in the resource group of its network.
    """
    prefix, group = IPv4Network(subnet.properties["addressPrefix"]), subnet.id.resource_group
    for server in domain_controllers(store):
        here = server.network == subnet.id.parent.key and IPv4Address(server.address) in prefix
        if here and group.key != outside:
            name = f"dc-{server.address.replace('.', '-')}"
            return f"{group}/providers/Microsoft.Network/networkInterfaces/{name}/ipConfigurations/ipconfig1"
    for pools in node_pools(store):
        if pools.subnet.key == subnet.id.key:
            cluster = pools.cluster
            group = f"/subscriptions/{cluster.subscription}/resourceGroups/MC_{cluster.group}_{cluster.name}"
            machine = f"{group}_{subnet.location}/providers/Microsoft.Compute/{_NODE}"
            return f"{machine}/ipConfigurations/ipconfig1"
    return None
