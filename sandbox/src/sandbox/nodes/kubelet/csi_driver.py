"""A CSI driver's node plugin as a kubelet calls it: which Pods it consists of, and NodeStageVolume."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.kube.objects import Json
from sandbox.nodes.aks_nodes import OperatingSystem
from sandbox.nodes.kubelet.mounts import SharePath, Staged


class RpcError(Exception):
    """A driver's answer other than OK, printed as gRPC's Go library does."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"rpc error: code = {code} desc = {description}")
        self.code = code


@dataclass(frozen=True)
class StageRequest:
    """NodeStageVolume: the kubelet's arguments, and what the driver finds on its node."""

    handle: str
    attributes: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    mount_options: tuple[str, ...]
    operating_system: OperatingSystem
    host_process: bool
    """Windows: the plugin runs in a HostProcess container rather than behind csi-proxy, and words errors otherwise."""
    connected: Mapping[SharePath, str] = field(default_factory=dict[SharePath, str])
    """Shares that the node is connected to already, and on Windows the user of each connection."""
    publish_context: Mapping[str, str] = field(default_factory=dict[str, str])
    """The answer of the driver's controller when the volume was attached; empty for drivers that attach nothing."""
    target: str = ""
    """Where the kubelet has an inline volume mounted, which is not staged; empty for a PersistentVolume."""
    secret_of_pod: Callable[[str], Mapping[str, str] | None] | None = field(default=None, repr=False)
    """Reads a Secret of the Pod of an inline volume, as its driver does with its own client; None for a claim's."""

    def staging_path(self, driver: str) -> str:
        """Return where a kubelet has the volume staged: one folder for a driver and a handle."""
        if self.target:
            return self.target.replace("/", "\\") if self.operating_system == "windows" else self.target
        folder = hashlib.sha256(self.handle.encode()).hexdigest()
        path = f"/var/lib/kubelet/plugins/kubernetes.io/csi/{driver}/{folder}/globalmount"
        return path.replace("/", "\\") if self.operating_system == "windows" else path


class CsiDriver(Protocol):
    """A CSI driver as its node plugin behaves."""

    @property
    def name(self) -> str: ...

    @property
    def topology_prefix(self) -> str | None:
        """What the labels of a node begin with by which the driver says where it is (NodeGetInfo); None: no labels."""
        ...

    def is_node_plugin(self, pod: Json, operating_system: OperatingSystem) -> bool:
        """Return True for a Pod that is this driver's plugin for nodes of that operating system."""
        ...

    def stage(self, request: StageRequest) -> Staged:
        """NodeStageVolume; raise RpcError where the driver refuses, or the mount fails."""
        ...


def topology_keys(driver: CsiDriver, node: Json) -> list[str]:
    """Return the labels of a node by which a driver says where it is, as its CSINode lists them."""
    labels: dict[str, str] = node["metadata"].get("labels") or {}
    return sorted(name for name in labels if driver.topology_prefix and name.startswith(driver.topology_prefix))


def go_quote(text: str) -> str:
    """Return a string as Go's %q prints it; for the paths and messages here that is JSON's way."""
    return json.dumps(text, ensure_ascii=False)
