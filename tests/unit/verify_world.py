"""A healthy stack in memory, with the responses of the API server and Azure."""

import copy
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.unit.verify_objects import AKS, CLAIMS, FQDN, GIB, HUB, OTHER_WINDOWS, POOL, RUNNING, SUBNET, VNET, whole
from verify.clients.azure import RefusedError
from verify.clients.azure_netapp import AnfAccount, AnfPool, AnfVolume
from verify.clients.azure_network import Peering, VirtualNetwork
from verify.clients.cluster import ApiError, Json
from verify.errors import UnreachableError
from verify.stack.outputs import StackOutputs
from verify.world import World

OUTPUTS: dict[str, Any] = {
    "poolId": POOL,
    "pools": {
        "pool-dev": {
            "poolId": POOL,
            "serviceLevel": "Standard",
            "sizeTiB": 1,
            "storageClassName": "anf-sc-smb",
            "tridentBackendName": "anf-smb",
            "tridentBackendConfigName": "backend-tbc-anf-smb",
        }
    },
    "subnetId": SUBNET,
    "cluster": {"aks": {"resourceGroup": "rg-aks-dev", "name": "aks-dev"}},
    "volumes": {
        "smb": {
            "smbServerFqdn": FQDN,
            "creationToken": "smb",
            "uncPath": rf"\\{FQDN}\smb",
            "volumeId": f"{POOL}/volumes/smb",
            "namespace": "smb-static",
            "claimName": "anf-pvc-smb",
            "podName": "iis-pod",
        }
    },
    "dynamicClaims": {
        "smb-dynamic": {
            "namespace": "smb-dynamic",
            "claimName": "anf-pvc-smb-dynamic",
            "podName": "iis-pod",
            "storageClassName": "anf-sc-smb",
        }
    },
    "smbDriverVersion": "1.20.3",
    "tridentVersion": "100.2606.0",
    "tridentNamespace": "trident",
    "storageClassName": "anf-sc-smb",
    "tridentBackendName": "anf-smb",
    "tridentBackendConfigName": "backend-tbc-anf-smb",
}


def peering(network: str, remote: str, space: str = "10.50.0.0/16") -> Peering:
    name = f"to-{remote.rpartition('/')[2]}"
    path = f"{network}/virtualNetworkPeerings/{name}"
    return Peering(path, name, remote, (space,), "Connected", is_open=True)


class FakeAzure:
    """A fake Azure client."""

    def __init__(self) -> None:
        self.accounts = {
            POOL.partition("/capacityPools/")[0]: AnfAccount("Succeeded", "contoso.com", aes_encryption=True)
        }
        self.pools = {POOL: AnfPool("Succeeded", "Standard", 1024 * GIB)}
        self.subnets: dict[str, tuple[str, ...]] = {SUBNET: ("Microsoft.Netapp/volumes",)}
        self.networks = {
            VNET: VirtualNetwork(VNET, ("10.60.0.0/16",), (peering(VNET, HUB, "10.40.0.0/16"), peering(VNET, AKS))),
            HUB: VirtualNetwork(HUB, ("10.40.0.0/16",), (peering(HUB, VNET),)),
            AKS: VirtualNetwork(AKS, ("10.50.0.0/16",), (peering(AKS, VNET),)),
        }
        self.meshed: set[str] = set()
        """The networks that Azure Virtual Network Manager connects."""
        self.unreadable: set[str] = set()
        """The networks that the user may not read."""
        self.volumes = {
            f"{POOL}/volumes/{name}": AnfVolume(f"{POOL}/volumes/{name}", "Succeeded", name, FQDN, ("CIFS",), 100 * GIB)
            for name in ("smb", "pvc-1")
        }

    def volume(self, volume_id: str) -> AnfVolume | None:
        return self.volumes.get(volume_id)

    def account(self, account_id: str) -> AnfAccount | None:
        return self.accounts.get(account_id)

    def pool(self, pool_id: str) -> AnfPool | None:
        return self.pools.get(pool_id)

    def allotted(self, pool_id: str) -> int:
        return sum(volume.size for volume in self.volumes.values() if volume.id.startswith(f"{pool_id}/"))

    def delegations(self, subnet_id: str) -> tuple[str, ...] | None:
        return self.subnets.get(subnet_id)

    def virtual_network(self, network_id: str) -> VirtualNetwork | None:
        if network_id in self.unreadable:
            raise RefusedError(403, "AuthorizationFailed")
        return self.networks.get(network_id)

    def is_in_mesh(self, network_id: str) -> bool:
        return network_id in self.meshed

    def node_networks(self, group: str, name: str, subscription: str) -> tuple[str, ...]:
        return (AKS,)

    def directory_servers(self, pool_id: str) -> tuple[str, ...]:
        return ("10.40.0.4", "10.40.0.5")


class FakeCluster:
    """A fake API server with objects by path, and a fake cmd.exe on the shares."""

    server = "https://aks-dev.example"

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.files: dict[str, dict[str, str]] = {}
        self.free = dict.fromkeys(CLAIMS, 100 * GIB)
        self.own_free = 20 * GIB
        self.reachable = True
        self.requests: list[tuple[str, str]] = []
        for item in whole():
            self.put(*item)

    def put(self, collection: str, item: Json) -> None:
        metadata = item["metadata"]
        metadata.setdefault("uid", f"uid-{collection}-{metadata['name']}")
        if "/namespaces/" in collection:
            metadata["namespace"] = collection.split("/namespaces/")[1].split("/", maxsplit=1)[0]
        self.objects[f"{collection}/{metadata['name']}"] = item

    def request(self, method: str, path: str, body: Json | None, accept: str) -> Json:
        self.requests.append((method, path))
        if not self.reachable:
            raise UnreachableError(f"The API server {self.server} cannot be reached: Connection refused")
        split = urlsplit(path)
        if method == "POST":
            assert body is not None
            return self._made(split.path, copy.deepcopy(body))
        if method == "DELETE":
            self.objects.pop(split.path, None)
            return {}
        if split.path == "/version":
            return {"gitVersion": "v1.37.2"}
        if split.path in self.objects:
            return copy.deepcopy(self.objects[split.path])
        if not any(split.path.endswith(plural) for plural in PLURALS):
            raise ApiError(404, f"{split.path} not found")
        selectors = dict(parse_qsl(split.query))
        items = [copy.deepcopy(item) for key, item in self.objects.items() if _in(key, split.path)]
        return {"items": [item for item in items if _selected(item, selectors)]}

    def execute(self, namespace: str, pod: str, container: str, command: list[str], seconds: float) -> tuple[int, str]:
        line, files = command[2], self.files.setdefault(namespace, {})
        if line.startswith("dir C:"):
            return 0, "".join(f"  2 Dir(s)  {free:,} bytes free\r\n" for free in (self.own_free, self.free[namespace]))
        if line.startswith("echo "):
            text, _, file = line.removeprefix("echo ").partition(">")
            files[file.rpartition("\\")[2]] = text
            return 0, ""
        name = line.rpartition("\\")[2]
        if line.startswith("del "):
            files.pop(name, None)
            return 0, ""
        return (0, files[name]) if name in files else (1, "The system cannot find the file specified.")

    def _made(self, collection: str, pod: Json) -> Json:
        pod["spec"]["nodeName"] = OTHER_WINDOWS
        pod["status"] = RUNNING
        self.put(collection, pod)
        return pod


PLURALS = (
    "nodes",
    "pods",
    "secrets",
    "events",
    "deployments",
    "daemonsets",
    "persistentvolumeclaims",
    "persistentvolumes",
    "volumeattachments",
    "csinodes",
    "tridentorchestrators",
    "tridentbackends",
)


def _in(key: str, collection: str) -> bool:
    """Return whether an object belongs to a collection of one namespace or of all."""
    own = key.rpartition("/")[0]
    if "/namespaces/" in own and "/namespaces/" not in collection:
        api, _, rest = own.partition("/namespaces/")
        own = f"{api}/{rest.partition('/')[2]}"
    return own == collection


def _selected(item: Json, selectors: dict[str, str]) -> bool:
    labels: dict[str, str] = item["metadata"].get("labels") or {}
    for pair in filter(None, selectors.get("labelSelector", "").split(",")):
        key, _, value = pair.partition("=")
        if labels.get(key) != value:
            return False
    field, _, value = selectors.get("fieldSelector", "").partition("=")
    if field == "status.phase!":
        return (item.get("status") or {}).get("phase") not in {"Succeeded", "Failed"}
    if field == "involvedObject.uid":
        return item["involvedObject"]["uid"] == value
    return not field or item["metadata"]["name"] == value


class Stack:
    """A stack in memory; each `World` is a separate run."""

    def __init__(self) -> None:
        self.cluster, self.azure = FakeCluster(), FakeAzure()
        self.outputs: dict[str, Any] = json.loads(json.dumps(OUTPUTS))

    @property
    def world(self) -> World:
        return World.of(StackOutputs.parse("dev", self.outputs), self.cluster, self.azure)

    def event(self, namespace: str, item: Json, reason: str, message: str, time: str = "10:00:00") -> None:
        event: Json = {
            "metadata": {"name": f"event-{len(self.cluster.objects)}"},
            "involvedObject": {"uid": item["metadata"]["uid"]},
            "reason": reason,
            "message": message,
            "lastTimestamp": f"2026-11-24T{time}Z",
        }
        self.cluster.put(f"/api/v1/namespaces/{namespace}/events", event)
