"""What happens between a node and an SMB server before a share is mounted: name, session, share."""

from typing import Final

from sandbox.nodes.kubelet.mounts import SharePath
from sandbox.nodes.smb import mount_errors as errors
from sandbox.nodes.smb.credentials import SmbCredentials
from sandbox.nodes.smb.mount_errors import MountProblem
from sandbox.nodes.smb.servers import SmbServers

# A volume that is being resized goes on serving; one whose creation or update failed is not relied upon.
_SERVING: Final = {"Succeeded", "Patching"}


class MountFailedError(Exception):
    """The mount program failed."""

    def __init__(self, problem: MountProblem) -> None:
        super().__init__(problem.windows_text)
        self.problem = problem


def connect(servers: SmbServers, path: SharePath, credentials: SmbCredentials) -> None:
    """Find the server, log on, find the share.

    Raises:
        MountFailedError: one of them fails.

    """
    shares = servers.shares(path.server)
    if shares is None:
        raise MountFailedError(errors.SERVER_UNKNOWN)
    # The session is set up before the share is asked for, with any share's directory: they share one account.
    if not servers.accepts(shares[0], credentials):
        raise MountFailedError(errors.LOGON_FAILED)
    share = next((share for share in shares if share.name == path.share), None)
    if share is None or share.provisioning_state not in _SERVING:
        raise MountFailedError(errors.SHARE_UNKNOWN)
