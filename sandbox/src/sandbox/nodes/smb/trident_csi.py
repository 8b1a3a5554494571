r"""The node plugin of Trident, `csi.trident.netapp.io`, for SMB volumes: NodeStageVolume.

The share comes from the volume's attachment, the logon from the Secret's keys `username` and `password` alone: no
`domain` is read and none is added, so the username must be `DOMAIN\user`. Windows only (frontend/csi/node_server.go,
utils/mount/mount_windows.go and mount_linux.go in NetApp/trident, up to 26.06.0).
"""

from typing import Final

from sandbox.kube.objects import Json
from sandbox.nodes.aks_nodes import OperatingSystem
from sandbox.nodes.kubelet.csi_driver import RpcError, StageRequest
from sandbox.nodes.kubelet.mounts import Staged
from sandbox.nodes.smb.mount_errors import MountFailedError, mapping_failure, powershell
from sandbox.nodes.smb.servers import SmbCredentials, SmbServers, parse_windows

_APP: Final = "node.csi.trident.netapp.io"
_DAEMON_SETS: Final[dict[OperatingSystem, str]] = {"linux": "trident-node-linux", "windows": "trident-node-windows"}


class TridentCsi:
    """Trident on a node."""

    name = "csi.trident.netapp.io"
    topology_prefix = "topology.kubernetes.io"

    def __init__(self, servers: SmbServers) -> None:
        self._servers = servers

    def is_node_plugin(self, pod: Json, operating_system: OperatingSystem) -> bool:
        owners: list[Json] = pod["metadata"].get("ownerReferences") or []
        owned = any(owner["name"] == _DAEMON_SETS[operating_system] for owner in owners)
        return owned and pod["metadata"].get("labels", {}).get("app") == _APP

    def stage(self, request: StageRequest) -> Staged:
        context = request.publish_context
        if context.get("protocol") != "file":
            raise RpcError("InvalidArgument", "unknown protocol")
        if context.get("filesystemType") != "smb":
            raise RpcError("Internal", "the sandbox's nodes mount no NFS volumes: use nasType smb")
        if request.operating_system != "windows":
            raise RpcError("Unknown", f"mounting smb volume is not supported on {request.operating_system}")
        username, password = request.secrets.get("username", ""), request.secrets.get("password", "")
        if not username or not password:
            raise RpcError("Internal", "empty username or password is not allowed")
        *domain, user = username.split("\\", maxsplit=1)  # without a domain, the logon names no directory
        try:
            path = parse_windows(f"\\\\{context.get('smbServer', '')}{context.get('smbPath', '')}")
            credentials = SmbCredentials("".join(domain), user, password)
            return Staged(path, self._servers.map(path, credentials, request.connected))
        except MountFailedError as error:
            said = f"rpc error: code = Unknown desc = {mapping_failure(powershell(error.problem))}"
            raise RpcError("Internal", f"smb mapping failed with error: {said}") from error
