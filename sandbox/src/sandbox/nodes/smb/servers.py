"""The SMB servers of the sandbox's network (the emulator's volumes and directory), and the paths to their shares."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sandbox.azure.directory import Directory
from sandbox.azure.shares import find
from sandbox.azure.store import Store
from sandbox.nodes.kubelet.mounts import SharePath
from sandbox.nodes.smb import mount_errors as errors
from sandbox.nodes.smb.mount_errors import MountFailedError

# A volume that is being resized goes on serving; one whose creation or update failed is not relied upon.
_SERVING: Final = {"Succeeded", "Patching"}


@dataclass(frozen=True)
class SmbCredentials:
    """A logon as the SMB server sees it."""

    domain: str
    username: str
    password: str = field(repr=False)


class SmbServers:
    """The servers behind the emulator's volumes, as a node sees them.

    `dns_fails` returns True while the nodes resolve no name of the directory's domain.
    """

    def __init__(self, store: Store, dns_fails: Callable[[], bool] = lambda: False) -> None:
        self._store = store
        self._dns_fails = dns_fails
        self._directory = Directory(store)

    def connect(self, path: SharePath, credentials: SmbCredentials) -> None:
        """Find the server by exactly its name, log on, find the share; raise MountFailedError where one fails."""
        shares = [share for share in find(self._store, path.server) if share.fqdn == path.server]
        if self._dns_fails() or not shares:
            raise MountFailedError(errors.SERVER_UNKNOWN)
        # The session is set up before the share is asked for, with the directory of the account, which all its shares
        # have in common. It knows its own users alone: there are no trusts between directories.
        domain, netbios = shares[0].domain, shares[0].netbios
        known = credentials.domain.casefold() in {domain.casefold(), netbios.casefold()}
        if not known or not self._directory.verify(domain, credentials.username, credentials.password):
            raise MountFailedError(errors.LOGON_FAILED)
        if not any(share.name == path.share and share.provisioning_state in _SERVING for share in shares):
            raise MountFailedError(errors.SHARE_UNKNOWN)


def parse_windows(source: str) -> SharePath:
    r"""Return the share of `//server/share` or `\\server\share` for New-SmbGlobalMapping: no separator at the end.

    Raises:
        MountFailedError: not a share's path.

    """
    match = re.fullmatch(r"//([^/]+)/([^/]+)((?:/[^/]+)*)", source.replace("\\", "/"))
    if not match:
        raise MountFailedError(errors.PARAMETER_INCORRECT)
    server, share, folder = match.groups()
    return SharePath(server, share, folder.strip("/"))


def parse_linux(source: str) -> SharePath:
    """Return the share for mount.cifs, where a separator at the end does no harm."""
    return parse_windows(source.rstrip("/\\"))
