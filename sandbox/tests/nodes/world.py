"""What the tests of the nodes act on: the emulator's volumes and users, and the objects that mount a share."""

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from sandbox.azure.directory import Directory
from sandbox.azure.ids import ResourceId
from sandbox.azure.store import Resource, Store
from sandbox.control_plane import ControlPlane
from sandbox.estate.estate import Estate
from sandbox.kube.api import ApiError, ApiUnreachableError, KubeApi
from sandbox.kube.objects import Json, condition, uid
from sandbox.nodes.kubelets import Kubelets
from sandbox.nodes.smb.servers import SmbServers
from sandbox.paths import SandboxPaths
from sandbox.process import read_record

T = TypeVar("T")
SECONDS = 120  # for what takes a second on a quiet machine
GIB = 2**30
FQDN = "anf-64d9.contoso.com"
IIS = "mcr.microsoft.com/windows/servercore/iis:windowsservercore"
_GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-anf-dev"
VNET = f"{_GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-anf"
CLUSTER = f"{_GROUP}/providers/Microsoft.ContainerService/managedClusters/aks-dev"
_VOLUME = f"{_GROUP}/providers/Microsoft.NetApp/netAppAccounts/anf-dev/capacityPools/pool-dev/volumes"


@dataclass
class Azure:
    """Volumes and users of the emulator, in its real database; nodes, volumes and domain in one network."""

    store: Store

    def __post_init__(self) -> None:
        self.estate = Estate(self.store)
        subnets = {"nodes": "10.40.2.0/24", "anf": "10.40.1.0/26"}
        self.estate.network(VNET, ["10.40.0.0/16"], subnets=subnets, dns_servers=["10.40.0.4"])
        self.estate.domain_controllers("contoso.com", ["10.40.0.4"], VNET)
        self.estate.cluster(CLUSTER, f"{VNET}/subnets/nodes")

    def volume(
        self,
        name: str,
        gib: int = 100,
        state: str = "Succeeded",
        protocol: str = "CIFS",
        fqdn: str = FQDN,
        subnet: str = f"{VNET}/subnets/anf",
        address: str = "10.40.1.4",
    ) -> None:
        self.store.save(
            Resource(
                id=ResourceId.parse(f"{_VOLUME}/{name}"),
                location="koreacentral",
                properties={
                    "creationToken": name,
                    "subnetId": subnet,
                    "usageThreshold": gib * GIB,
                    "protocolTypes": [protocol],
                    "mountTargets": [{"smbServerFqdn": fqdn, "ipAddress": address}],
                },
                state=state,
                ready=state == "Succeeded",
            )
        )

    def delete_volume(self, name: str) -> None:
        self.store.remove(ResourceId.parse(f"{_VOLUME}/{name}").key)

    def user(self, name: str, password: str) -> None:
        Directory(self.store).set_password("contoso.com", name, password)


class RunningKubelets:
    """The nodes' kubelets in a thread of the tests."""

    def __init__(self, paths: SandboxPaths) -> None:
        self._paths = paths

    def start(self) -> None:
        self._stop, ready = threading.Event(), threading.Event()
        servers = SmbServers(Store(self._paths.arm_database))
        self._kubelets = Kubelets(KubeApi(self._paths.kubeconfig), servers, self._paths)
        self._thread = threading.Thread(target=self._kubelets.run, args=(self._stop, ready), daemon=True)
        self._thread.start()
        assert ready.wait(SECONDS), "the kubelets have not looked at the whole cluster"

    def stop(self) -> None:
        self._stop.set()
        self._kubelets.interrupt()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()


@dataclass
class RunningSandbox:
    """A control plane with its nodes, their kubelets, and the emulator's database."""

    paths: SandboxPaths
    plane: ControlPlane
    azure: Azure
    api: KubeApi
    kubectl_program: Path
    kubelets: RunningKubelets

    def process(self, program: str) -> psutil.Process:
        """The process of a component of this control plane."""
        record = read_record(self.paths, program)
        if record and (process := record.process()):
            return process
        raise LookupError(program)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        argv = [str(self.kubectl_program), "--kubeconfig", str(self.paths.kubeconfig), *arguments]
        sent = stdin.encode() if stdin is not None else None
        run = subprocess.run(argv, check=False, capture_output=True, timeout=SECONDS, input=sent)
        return subprocess.CompletedProcess(argv, run.returncode, run.stdout.decode(), run.stderr.decode())


CSI_DRIVER: Json = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "CSIDriver",
    "metadata": {"name": "smb.csi.k8s.io"},
    "spec": {"attachRequired": False, "podInfoOnMount": True},
}


def node_plugin(name: str, system: str) -> Json:
    """The driver's DaemonSet, as far as nodes are concerned."""
    pod: Json = {
        "nodeSelector": {"kubernetes.io/os": system},
        "tolerations": [{"operator": "Exists"}],
        "hostNetwork": True,
        "containers": [{"name": "smb", "image": "registry.k8s.io/sig-storage/smbplugin:v1.20.3"}],
    }
    if system == "windows":
        pod["securityContext"] = {"windowsOptions": {"hostProcess": True, "runAsUserName": "NT AUTHORITY\\SYSTEM"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": "kube-system"},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
        },
    }


PLUGINS = {"csi-smb-node": "linux", "csi-smb-node-win": "windows"}


def install_driver(api: KubeApi) -> None:
    api.create("/apis/storage.k8s.io/v1/csidrivers", CSI_DRIVER)
    for name, system in PLUGINS.items():
        api.create("/apis/apps/v1/namespaces/kube-system/daemonsets", node_plugin(name, system))


def eventually(look: Callable[[], T | None], awaited: str, seconds: float = SECONDS) -> T:
    """The first result of `look` that is neither None nor False; an API server without an answer has none yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = look()
        except (ApiUnreachableError, ApiError) as error:
            if isinstance(error, ApiError) and error.status < 500:
                raise
            found = None
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {awaited}")
        time.sleep(0.1)


@dataclass
class StaticShare:
    """A Secret, PersistentVolume, claim and Pod for one share, in a namespace of their own."""

    sandbox: RunningSandbox
    name: str
    system: str = "windows"
    secret: dict[str, str] = field(
        default_factory=lambda: {"username": "svc-web", "password": "correct", "domain": "CONTOSO"}
    )
    server: str = ""
    node: str = ""
    handle: str = ""

    @property
    def namespace(self) -> str:
        return self.name

    @property
    def fqdn(self) -> str:
        """Its server, by default shared with no other: a node has one session with a server."""
        return self.server or f"{self.name}.contoso.com"

    def serve(self, gib: int = 100) -> None:
        """Create the volume in the emulator, or resize it."""
        self.sandbox.azure.volume(self.name, gib=gib, fqdn=self.fqdn)

    def create(self, secret: bool = True) -> None:
        self.sandbox.api.create("/api/v1/namespaces", {"metadata": {"name": self.namespace}})
        eventually(lambda: self.get("serviceaccounts", "default"), "the namespace's service account")
        if secret:
            self.create_secret()
        self.create_volume()
        self.create_pod()

    def create_secret(self) -> None:
        secret: Json = {"metadata": {"name": "smbcreds"}, "stringData": self.secret}
        self.sandbox.api.create(f"/api/v1/namespaces/{self.namespace}/secrets", secret)

    def create_volume(self) -> None:
        csi: Json = {
            "driver": "smb.csi.k8s.io",
            "volumeHandle": self.handle or self.name,
            "volumeAttributes": {"source": f"\\\\{self.fqdn}\\{self.name}"},
            "nodeStageSecretRef": {"name": "smbcreds", "namespace": self.namespace},
        }
        spec: Json = {
            "capacity": {"storage": "100Gi"},
            "accessModes": ["ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain",
            "mountOptions": ["dir_mode=0777", "vers=3.0"],
            "claimRef": {"namespace": self.namespace, "name": "share"},
            "csi": csi,
        }
        claim: Json = {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": "",
            "volumeName": self.name,
            "resources": {"requests": {"storage": "100Gi"}},
        }
        api = self.sandbox.api
        api.create("/api/v1/persistentvolumes", {"metadata": {"name": self.name}, "spec": spec})
        path = f"/api/v1/namespaces/{self.namespace}/persistentvolumeclaims"
        api.create(path, {"metadata": {"name": "share"}, "spec": claim})

    def create_pod(self, name: str = "web", read_only: bool = False, image: str = IIS) -> None:
        spec: Json = {
            "containers": [
                {
                    "name": "web",
                    "image": image,
                    "volumeMounts": [{"name": "files", "mountPath": "/inetpub/wwwroot", "readOnly": read_only}],
                }
            ],
            "nodeSelector": {"kubernetes.io/os": self.system},
            **({"nodeName": self.node} if self.node else {}),
            "volumes": [{"name": "files", "persistentVolumeClaim": {"claimName": "share"}}],
        }
        self.sandbox.api.create(f"/api/v1/namespaces/{self.namespace}/pods", {"metadata": {"name": name}, "spec": spec})

    def delete_pod(self, name: str = "web") -> None:
        self.sandbox.api.delete(f"/api/v1/namespaces/{self.namespace}/pods/{name}")
        eventually(lambda: self.get("pods", name) is None, "the Pod's end")

    def pod(self, name: str = "web") -> Json:
        return self.sandbox.api.get(f"/api/v1/namespaces/{self.namespace}/pods/{name}")

    def await_ready(self, name: str = "web") -> Json:
        return eventually(lambda: pod if condition(pod := self.pod(name), "Ready") else None, f"Pod {name} is ready")

    def await_failure(self, words: str) -> Json:
        """The FailedMount event with these words, of a Pod whose containers wait to be created."""

        event = eventually(lambda: next(iter(self.failures(words)), None), f"an event with: {words}")
        pod = self.pod()
        assert event["source"] == {"component": "kubelet", "host": pod["spec"]["nodeName"]}
        assert event["type"] == "Warning"
        assert not condition(pod, "PodReadyToStartContainers")
        assert pod["status"]["phase"] == "Pending"
        assert [status["state"] for status in pod["status"]["containerStatuses"]] == [
            {"waiting": {"reason": "ContainerCreating"}}
        ]
        return event

    def failures(self, words: str) -> list[Json]:
        """The Pod's FailedMount events with these words; others may precede them, while the claim is not bound yet."""
        events: list[Json] = self.sandbox.api.get(f"/api/v1/namespaces/{self.namespace}/events")["items"]
        mine = [each for each in events if each["involvedObject"]["uid"] == uid(self.pod())]
        return [each for each in mine if each["reason"] == "FailedMount" and words in each["message"]]

    def cmd(self, *command: str, pod: str = "web", stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        interactive = ["-i"] if stdin is not None else []
        return self.sandbox.kubectl("-n", self.namespace, "exec", *interactive, pod, "--", *command, stdin=stdin)

    def get(self, kind: str, name: str, group: str = "/api/v1") -> Json | None:
        return self.sandbox.api.find(f"{group}/namespaces/{self.namespace}/{kind}/{name}")
