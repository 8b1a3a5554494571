"""The SMB servers of the sandbox's network: the volumes of the Azure emulator, and its Active Directory."""

from collections.abc import Sequence
from typing import Protocol

from sandbox.azure.directory import Directory
from sandbox.azure.shares import Share, find
from sandbox.azure.store import Store
from sandbox.faults import NODES_DNS, StandingFaults
from sandbox.nodes.smb.credentials import SmbCredentials, names_directory


class SmbServers(Protocol):
    """What a node sees of its network."""

    def shares(self, fqdn: str) -> Sequence[Share] | None:
        """The shares of the server that this name resolves to; None when it resolves to none."""
        ...

    def accepts(self, share: Share, credentials: SmbCredentials) -> bool:
        """Whether the share's server lets this user in."""
        ...


class EmulatedServers:
    """The servers behind the emulator's volumes."""

    def __init__(self, store: Store, faults: StandingFaults | None = None) -> None:
        self._store = store
        self._faults = faults
        self._directory = Directory(store)

    def shares(self, fqdn: str) -> Sequence[Share] | None:
        """The volumes with a mount target of exactly this name, unless the nodes' DNS is out of order."""
        if self._faults and NODES_DNS in self._faults.all():
            return None
        return [share for share in find(self._store, fqdn) if share.fqdn == fqdn] or None

    def accepts(self, share: Share, credentials: SmbCredentials) -> bool:
        """Users of the account's own directory with their passwords; there are no trusts between directories."""
        if not names_directory(credentials.domain, share.domain, share.netbios):
            return False
        return self._directory.verify(share.domain, credentials.username, credentials.password)
