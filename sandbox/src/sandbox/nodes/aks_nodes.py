"""The sandbox's nodes, as AKS shows them: first those of a Linux pool (`nodepool1`) and of a Windows pool (`win`).

Names: a Linux node is `aks-<pool>-<8 digits>-vmss<6 digits>`, a Windows node `aks<pool><6 digits>` (Windows computer
names are short). AKS puts no taint on a Windows pool unless the pool asks for one (Azure/AKS documentation, Windows
pools; MicrosoftDocs/azure-docs issue 52226); workloads choose by `kubernetes.io/os`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

from sandbox.azure.aks.agent_pools import FIRST, AgentPool
from sandbox.kube.objects import Json

OperatingSystem = Literal["linux", "windows"]

_REGION = "koreacentral"
_NODE_RESOURCE_GROUP = f"MC_rg-aks-dev_aks-dev_{_REGION}"
_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
_KUBELET = "v1.37.2"


@dataclass(frozen=True)
class _Machine:
    """The machine that a kubelet runs on."""

    size: str
    cpu: int
    memory_kib: int
    image: str
    os_sku: str
    os_image: str
    kernel: str
    runtime: str


_MACHINES: dict[OperatingSystem, _Machine] = {
    "linux": _Machine(
        size="Standard_D4s_v5",
        cpu=4,
        memory_kib=16_379_524,
        image="AKSUbuntu-2204gen2containerd-202510.19.1",
        os_sku="Ubuntu",
        os_image="Ubuntu 22.04.5 LTS",
        kernel="5.15.0-1098-azure",
        runtime="containerd://1.7.28-1",
    ),
    "windows": _Machine(
        size="Standard_D8s_v5",
        cpu=8,
        memory_kib=33_553_972,
        # From Kubernetes 1.37 on the only one. Versions: Azure/AKS, vhd-notes/AKSWindows/2025/26100.33438.260909.txt.
        image="AKSWindows-2025-gen2-26100.33438.260909",
        os_sku="Windows2025",
        os_image="Windows Server 2025 Datacenter",
        kernel="10.0.26100.33438",
        runtime="containerd://2.0.4+azure",
    ),
}


@dataclass(frozen=True)
class AksNode:
    """One virtual machine of a node pool's scale set."""

    name: str
    pool: str
    scale_set: str
    instance: int
    address: str
    operating_system: OperatingSystem

    def manifest(self) -> Json:
        annotations = {
            "kwok.x-k8s.io/node": "fake",
            # AKS attaches volumes by the controller manager: a CSI volume whose CSIDriver is missing waits for it.
            "volumes.kubernetes.io/controller-managed-attach-detach": "true",
        }
        group = f"/subscriptions/{_SUBSCRIPTION}/resourceGroups/{_NODE_RESOURCE_GROUP.lower()}"
        machine = f"Microsoft.Compute/virtualMachineScaleSets/{self.scale_set}/virtualMachines/{self.instance}"
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self.name, "labels": self._labels(), "annotations": annotations},
            "spec": {"providerID": f"azure://{group}/providers/{machine}"},
        }

    def status(self) -> Json:
        """Return the machine as its kubelet reports it; conditions are the lifecycle's."""
        machine = _MACHINES[self.operating_system]
        return {
            "capacity": {
                "cpu": str(machine.cpu),
                "memory": f"{machine.memory_kib}Ki",
                "ephemeral-storage": "129886128Ki",
                "pods": "110",
            },
            # AKS reserves for a kubelet some 140 millicores on four cores, and memory for eviction and daemons.
            "allocatable": {
                "cpu": f"{machine.cpu * 1000 - 35 * machine.cpu}m",
                "memory": f"{machine.memory_kib - 2_920_448}Ki",
                "ephemeral-storage": "119703055367",
                "pods": "110",
            },
            # A Hostname is added by the lifecycle: there the API server finds the kubelet that kwok plays.
            "addresses": [{"type": "InternalIP", "address": self.address}],
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": "",
                "containerRuntimeVersion": machine.runtime,
                "kernelVersion": machine.kernel,
                "kubeProxyVersion": "",
                "kubeletVersion": _KUBELET,
                "machineID": self.name,
                "operatingSystem": self.operating_system,
                "osImage": machine.os_image,
                "systemUUID": "",
            },
        }

    def _labels(self) -> dict[str, str]:
        machine = _MACHINES[self.operating_system]
        labels = {
            "agentpool": self.pool,
            "beta.kubernetes.io/arch": "amd64",
            "beta.kubernetes.io/instance-type": machine.size,
            "beta.kubernetes.io/os": self.operating_system,
            "failure-domain.beta.kubernetes.io/region": _REGION,
            "failure-domain.beta.kubernetes.io/zone": "0",
            "kubernetes.azure.com/agentpool": self.pool,
            "kubernetes.azure.com/cluster": _NODE_RESOURCE_GROUP,
            "kubernetes.azure.com/mode": "user" if self.operating_system == "windows" else "system",
            "kubernetes.azure.com/node-image-version": machine.image,
            "kubernetes.azure.com/nodepool-type": "VirtualMachineScaleSets",
            "kubernetes.azure.com/os-sku": machine.os_sku,
            "kubernetes.azure.com/role": "agent",
            "kubernetes.azure.com/storageprofile": "managed",
            "kubernetes.azure.com/storagetier": "Premium_LRS",
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": self.name,
            "kubernetes.io/os": self.operating_system,
            "node.kubernetes.io/instance-type": machine.size,
            "storageprofile": "managed",
            "storagetier": "Premium_LRS",
            "topology.disk.csi.azure.com/zone": "",
            "topology.kubernetes.io/region": _REGION,
            "topology.kubernetes.io/zone": "0",
        }
        if self.operating_system == "windows":
            labels["kubernetes.azure.com/fips_enabled"] = "true"
            labels["node.kubernetes.io/windows-build"] = machine.kernel.rpartition(".")[0]
        return labels


_SCALE_SET = "38601234"
_FIRST_ADDRESS = IPv4Address("10.224.0.4")
_ADDRESSES_A_NODE = 29
"""Azure CNI keeps one for each of 30 Pods less one beside a node's own."""
_MOST_NODES = 1000
_FIRST_PLACES = {(pool.name, place): pool.number + place for pool in FIRST for place in range(pool.count)}


def nodes_of(pools: Iterable[AgentPool]) -> list[AksNode]:
    """Return the nodes of node pools."""
    return [_node(pool, instance) for pool in pools for instance in range(pool.count)]


def _node(pool: AgentPool, instance: int) -> AksNode:
    """Return one node. Those of a new sandbox stand side by side, of the rest each pool has a range of its own."""
    windows = pool.os_type == "Windows"
    scale_set = f"aks{pool.name}" if windows else f"aks-{pool.name}-{_SCALE_SET}-vmss"
    place = _FIRST_PLACES.get((pool.name, instance), _MOST_NODES * (pool.number + 1) + instance)
    address = str(_FIRST_ADDRESS + _ADDRESSES_A_NODE * place)
    system: OperatingSystem = "windows" if windows else "linux"
    return AksNode(f"{scale_set}{_base36(instance):0>6}", pool.name, scale_set, instance, address, system)


def _base36(number: int) -> str:
    """Scale sets number their computers in base 36."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return digits[number] if number < 36 else _base36(number // 36) + digits[number % 36]


NODES = nodes_of(FIRST)
"""The nodes of a new sandbox."""
