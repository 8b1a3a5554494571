r"""The node plugin of csi-driver-smb, `smb.csi.k8s.io`: NodeStageVolume as pkg/smb/nodeserver.go does it.

Keys of the Secret are matched without regard to case and values are stripped. On Windows only a username and a
password reach the node: a username with a backslash is used as it is, one without becomes `domain\username`, and
without a domain `AZURE\username` (the driver's default comes from Azure Files): a trap for everybody whose directory is
not called AZURE.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from sandbox.kube.objects import Json
from sandbox.nodes.aks_nodes import OperatingSystem
from sandbox.nodes.kubelet.csi_driver import RpcError, StageRequest, go_quote
from sandbox.nodes.kubelet.mounts import Staged
from sandbox.nodes.smb.mount_errors import EMPTY_PASSWORD, MountFailedError, linux_failure, mapping_failure, powershell
from sandbox.nodes.smb.servers import SmbCredentials, SmbServers, parse_linux, parse_windows

_PLUGINS: Final[dict[OperatingSystem, str]] = {"linux": "csi-smb-node", "windows": "csi-smb-node-win"}
_WINDOWS_DEFAULT_DOMAIN: Final = "AZURE"
_POD_NAMESPACE: Final = "csi.storage.k8s.io/pod.namespace"


class SmbCsi:
    """csi-driver-smb on a node."""

    name = "smb.csi.k8s.io"
    topology_prefix = None

    def __init__(self, servers: SmbServers) -> None:
        self._servers = servers

    def is_node_plugin(self, pod: Json, operating_system: OperatingSystem) -> bool:
        """Pods of the DaemonSets csi-smb-node and csi-smb-node-win, by the label of every chart version."""
        return pod["metadata"].get("labels", {}).get("app") == _PLUGINS[operating_system]

    def stage(self, request: StageRequest) -> Staged:
        attributes = {key.lower(): value for key, value in request.attributes.items()}
        source, folder = attributes.get("source", ""), attributes.get("subdir", "")
        if not source:
            context = " ".join(f"{key}:{value}" for key, value in sorted(request.attributes.items()))
            raise RpcError("InvalidArgument", f"source field is missing, current context: map[{context}]")
        if request.secret_of_pod:
            options = tuple(attributes.get("mountoptions", "").split(","))
            request = replace(request, secrets=self._own_secret(request, attributes, options), mount_options=options)
        if folder:
            source = f"{source.rstrip('/')}/{folder}"
        if ".." in re.split(r"[/\\]", source):
            error = "path contains directory traversal sequence"
            raise RpcError("InvalidArgument", f"invalid source path {go_quote(source)}: {error}")
        mount = self._on_windows if request.operating_system == "windows" else self._on_linux
        return mount(request, source)

    def _own_secret(
        self, request: StageRequest, attributes: Mapping[str, str], options: Collection[str]
    ) -> Mapping[str, str]:
        """Return what the Secret of an inline volume has; the kubelet's nodePublishSecretRef is not looked at."""
        if "guest" in options:
            return {}
        name, namespace = attributes.get("secretname", ""), attributes.get(_POD_NAMESPACE, "")
        found = request.secret_of_pod(name) if request.secret_of_pod and name else None
        if found is None:
            missing = f'secrets "{name}" not found' if name else "resource name may not be empty"
            got = f"Error getting username and password from secret {name} in namespace {namespace}"
            raise RpcError("Internal", f"{got}: could not get secret({name}): {missing}")
        return found

    def _on_windows(self, request: StageRequest, source: str) -> Staged:
        if "guest" in request.mount_options:
            nothing = "empty mountOptions(len: 0) or sensitiveMountOptions(len: 0) is not allowed"
            raise self._failed(request, source, nothing)
        credentials = windows_credentials(request.secrets)
        try:
            # csi-proxy's mounter takes one separator off the end; the HostProcess one passes the path on as it is.
            path = parse_windows(source if request.host_process else source.removesuffix("/").removesuffix("\\"))
            if path not in request.connected and not credentials.password:
                raise self._unmapped(request, source, EMPTY_PASSWORD)
            return Staged(path, self._servers.map(path, credentials, request.connected))
        except MountFailedError as error:
            raise self._unmapped(request, source, powershell(error.problem)) from error

    def _on_linux(self, request: StageRequest, source: str) -> Staged:
        domain = _fold(request.secrets).get("domain")
        options = [*request.mount_options, *([f"domain={domain}"] if domain else [])]
        try:
            path = parse_linux(source)
            self._servers.connect(path, linux_credentials(request.secrets))
        except MountFailedError as error:
            text = linux_failure(error.problem, request, self.name, source, options)
            raise self._failed(request, source, text) from error
        return Staged(path)

    def _unmapped(self, request: StageRequest, source: str, output: str) -> RpcError:
        text = mapping_failure(output)
        if not request.host_process:
            remote, local = source.replace("/", "\\").removesuffix("\\"), f"c:{request.staging_path(self.name)}"
            call = f"NewSmbGlobalMapping({remote}, {local})"
            text = f"{call} failed with error: rpc error: code = Unknown desc = {text}"
        return self._failed(request, source, text)

    def _failed(self, request: StageRequest, source: str, text: str) -> RpcError:
        mount = f"mount {go_quote(source)} on {go_quote(request.staging_path(self.name))}"
        return RpcError("Internal", f"volume({request.handle}) {mount} failed with {text}")


def windows_credentials(secret: Mapping[str, str]) -> SmbCredentials:
    values = _fold(secret)
    username = values.get("username", "")
    if "\\" not in username:
        username = f"{values.get('domain') or _WINDOWS_DEFAULT_DOMAIN}\\{username}"
    domain, _, user = username.partition("\\")
    return SmbCredentials(domain, user, values.get("password", ""))


def linux_credentials(secret: Mapping[str, str]) -> SmbCredentials:
    r"""Return the logon of a mount on Linux: option `domain=`, else what precedes `\` or `/` in the username."""
    values = _fold(secret)
    *prefix, user = re.split(r"[\\/]", values.get("username", ""), maxsplit=1)
    return SmbCredentials(values.get("domain") or "".join(prefix), user, values.get("password", ""))


def _fold(secret: Mapping[str, str]) -> dict[str, str]:
    return {key.lower(): value.strip() for key, value in secret.items()}
