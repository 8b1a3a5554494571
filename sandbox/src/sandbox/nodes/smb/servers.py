"""The SMB servers that the nodes reach (the emulator's volumes and directory), and the paths to their shares."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sandbox.azure.directory import Directory
from sandbox.azure.ids import ResourceId
from sandbox.azure.network.machines import node_pools
from sandbox.azure.network.reach import answering, reaches
from sandbox.azure.shares import find
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

    def connect(self, path: SharePath, credentials: SmbCredentials) -> None:
        """Find the server by its name, whose case DNS ignores, log on, find the share.

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
        # have in common. It knows its own users alone: there are no trusts between directories.
        domain, netbios = shares[0].domain, shares[0].netbios
        known = credentials.domain.casefold() in {domain.casefold(), netbios.casefold()}
        if not known or not self._directory.verify(domain, credentials.username, credentials.password):
            raise MountFailedError(errors.LOGON_FAILED)
        if not any(share.name == path.share and share.provisioning_state in _SERVING for share in shares):
            raise MountFailedError(errors.SHARE_UNKNOWN)

    def _resolving(self, domain: str) -> list[ResourceId]:
        """Return the networks with nodes in which names of a domain are resolved."""
        networks = {pools.subnet.parent.key: pools.subnet.parent for pools in node_pools(self._store)}
        return [network for network in networks.values() if self._resolves(network, domain)]

    def _resolves(self, network: ResourceId, domain: str) -> bool:
        found = self._store.find(network.key)
        servers = found.properties.get("dhcpOptions", {}).get("dnsServers", []) if found else []
        return any(server.domain == domain.lower() for server in answering(self._store, network, servers))


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
