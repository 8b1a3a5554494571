"""The SMB servers that the nodes reach (the emulator's volumes and directory), and the paths to their shares."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sandbox.azure.directory import Directory
from sandbox.azure.ids import ResourceId
from sandbox.azure.network.machines import node_pools
from sandbox.azure.network.reach import answering, reaches
from sandbox.azure.shares import Share, find
from sandbox.azure.store import Store
from sandbox.nodes.kubelet.mounts import SharePath
from sandbox.nodes.smb import mount_errors as errors
from sandbox.nodes.smb.mount_errors import MountFailedError

# A volume that is being resized goes on serving; one whose creation or update failed is not relied upon.
_SERVING: Final = {"Succeeded", "Patching", "Updating"}


@dataclass(frozen=True)
class SmbCredentials:
    """A logon as the SMB server sees it."""

    domain: str
    username: str
    password: str = field(repr=False)

    @property
    def user(self) -> str:
        return f"{self.domain}\\{self.username}"


class SmbServers:
    """The servers behind the emulator's volumes, as a node sees them.

    The one cluster plays all clusters of the estate: its nodes stand in the networks of them all. A network's DNS
    servers resolve a server's name where one of them that it reaches is a domain controller of the server's domain;
    Azure's own DNS, which a network without DNS servers has, resolves none. `dns_fails` returns True while the nodes
    resolve no name of the directory's domain.
    """

    def __init__(self, store: Store, dns_fails: Callable[[], bool] = lambda: False) -> None:
        self._store = store
        self._dns_fails = dns_fails
        self._directory = Directory(store)

    def map(self, path: SharePath, credentials: SmbCredentials, connected: Mapping[SharePath, str]) -> str:
        """Map a share on a Windows node, connected to other shares already; return the user of its session.

        Both drivers map a share once: whoever asks for a mapped one is given it, with whatever credentials. A node has
        one session with a server, until the last mapping of that server has gone: further shares join it, another user
        is refused (kubernetes-csi/csi-driver-smb issues 219 and 1007).

        Raises:
            MountFailedError: the node's session is another user's, or the share cannot be connected to.

        """
        if path in connected:
            return connected[path]
        session = next((user for other, user in connected.items() if user and _one_server(other, path)), "")
        if session and session.casefold() != credentials.user.casefold():
            # Guess: two spellings of one domain (CONTOSO, contoso.com) are two users to the node's session.
            raise MountFailedError(errors.ANOTHER_USER)
        # Guess: the same user joins the session with whatever password; it is not compared with the first one.
        self.connect(path, None if session else credentials)
        return session or credentials.user

    def connect(self, path: SharePath, credentials: SmbCredentials | None) -> None:
        """Find the server by its name, whose case DNS ignores, log on, find the share. None: in a session that exists.

        Raises:
            MountFailedError: one of these fails.

        """
        shares = find(self._store, path.server)
        resolving = [] if self._dns_fails() or not shares else self._resolving(shares[0].domain)
        if not resolving:
            raise MountFailedError(errors.SERVER_UNKNOWN)
        if not any(reaches(self._store, network, shares[0].network, shares[0].address) for network in resolving):
            raise MountFailedError(errors.SERVER_UNREACHABLE)
        # The session is set up before the share is asked for, with the directory of the account, which all its shares
        # have in common.
        if credentials:
            self._log_on(shares[0], credentials)
        if not any(share.name == path.share and share.provisioning_state in _SERVING for share in shares):
            raise MountFailedError(errors.SHARE_UNKNOWN)

    def _log_on(self, share: Share, credentials: SmbCredentials) -> None:
        """Judge a logon by the share's directory, which knows its own users alone: directories trust no others."""
        known = credentials.domain.casefold() in {share.domain.casefold(), share.netbios.casefold()}
        state = self._directory.sign_in(share.domain, credentials.username, credentials.password) if known else None
        if state is None:
            raise MountFailedError(errors.LOGON_FAILED)
        if problem := errors.ACCOUNT_PROBLEMS.get(state):
            raise MountFailedError(problem)

    def _resolving(self, domain: str) -> list[ResourceId]:
        """Return the networks with nodes in which names of a domain are resolved."""
        networks = {pools.subnet.parent.key: pools.subnet.parent for pools in node_pools(self._store)}
        return [network for network in networks.values() if self._resolves(network, domain)]

    def _resolves(self, network: ResourceId, domain: str) -> bool:
        found = self._store.find(network.key)
        servers = found.properties.get("dhcpOptions", {}).get("dnsServers", []) if found else []
        return any(server.domain == domain.lower() for server in answering(self._store, network, servers))


def _one_server(path: SharePath, other: SharePath) -> bool:
    return path.server.casefold() == other.server.casefold()


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
