"""The node plugin of csi-driver-smb, `smb.csi.k8s.io`: NodeStageVolume as pkg/smb/nodeserver.go does it."""

from sandbox.kube.objects import Json
from sandbox.nodes.aks_nodes import OperatingSystem
from sandbox.nodes.kubelet.csi_driver import RpcError, StageRequest, go_map, go_quote, staging_path
from sandbox.nodes.kubelet.mounts import SharePath
from sandbox.nodes.smb import mount_errors as errors
from sandbox.nodes.smb.connection import MountFailedError, connect
from sandbox.nodes.smb.credentials import linux_credentials, windows_credentials
from sandbox.nodes.smb.servers import SmbServers
from sandbox.nodes.smb.source import SourceError, check_traversal, join_folder, parse_linux, parse_windows

_PLUGINS: dict[OperatingSystem, str] = {"linux": "csi-smb-node", "windows": "csi-smb-node-win"}


class SmbCsi:
    """csi-driver-smb on a node."""

    name = "smb.csi.k8s.io"

    def __init__(self, servers: SmbServers) -> None:
        self._servers = servers

    def is_node_plugin(self, pod: Json, operating_system: OperatingSystem) -> bool:
        """Pods of the DaemonSets csi-smb-node and csi-smb-node-win, by the label of every chart version."""
        return pod["metadata"].get("labels", {}).get("app") == _PLUGINS[operating_system]

    def stage(self, request: StageRequest) -> SharePath:
        """Mount a share in the volume's staging folder."""
        attributes = {key.lower(): value for key, value in request.attributes.items()}
        source = attributes.get("source", "")
        if not source:
            context = go_map(request.attributes)
            raise RpcError("InvalidArgument", f"source field is missing, current context: {context}")
        source = join_folder(source, attributes.get("subdir", ""))
        try:
            check_traversal(source)
        except SourceError as error:
            raise RpcError("InvalidArgument", f"invalid source path {go_quote(source)}: {error}") from error
        mount = self._on_windows if request.operating_system == "windows" else self._on_linux
        return mount(request, source)

    def _on_windows(self, request: StageRequest, source: str) -> SharePath:
        if "guest" in request.mount_options:
            raise self._failed(
                request, source, "empty mountOptions(len: 0) or sensitiveMountOptions(len: 0) is not allowed"
            )
        credentials = windows_credentials(request.secrets)
        try:
            # csi-proxy's mounter takes one separator off the end; the HostProcess one passes the path on as it is.
            path = parse_windows(source if request.host_process else source.removesuffix("/").removesuffix("\\"))
        except SourceError as error:
            text = errors.windows_failure(errors.PARAMETER_INCORRECT, request, self.name, source)
            raise self._failed(request, source, text) from error
        if path in request.connected:  # mapped on this node already: the driver asks for no credentials again
            return path
        if not credentials.password:
            raise self._failed(request, source, errors.windows_empty_password(request, self.name, source))
        try:
            connect(self._servers, path, credentials)
        except MountFailedError as error:
            text = errors.windows_failure(error.problem, request, self.name, source)
            raise self._failed(request, source, text) from error
        return path

    def _on_linux(self, request: StageRequest, source: str) -> SharePath:
        options = list(request.mount_options)
        domain = {key.lower(): value.strip() for key, value in request.secrets.items()}.get("domain")
        if domain:
            options.append(f"domain={domain}")
        try:
            path = parse_linux(source)
            connect(self._servers, path, linux_credentials(request.secrets))
        except (SourceError, MountFailedError) as error:
            problem = error.problem if isinstance(error, MountFailedError) else errors.PARAMETER_INCORRECT
            text = errors.linux_failure(problem, request, self.name, source, options)
            raise self._failed(request, source, text) from error
        return path

    def _failed(self, request: StageRequest, source: str, text: str) -> RpcError:
        target = staging_path(self.name, request.handle, request.operating_system)
        return RpcError(
            "Internal", f"volume({request.handle}) mount {go_quote(source)} on {go_quote(target)} failed with {text}"
        )
