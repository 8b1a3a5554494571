"""Accounts, pools and volumes of Azure NetApp Files as Azure's client reports them."""

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class AnfVolume:
    """A volume of Azure NetApp Files."""

    id: str
    state: str
    """Its provisioningState."""
    creation_token: str
    fqdn: str
    """The smbServerFqdn of its first mount target; empty without a mount target."""
    protocols: tuple[str, ...]
    size: int
    """Bytes."""
    zone: str = ""
    backup: str = ""
    """enforced, suspended, or by hand; empty without a vault."""

    @classmethod
    def of(cls, found: Any) -> Self:
        """Return the volume of a response."""
        targets: list[Any] = found.mount_targets or []
        return cls(
            id=str(found.id),
            state=str(found.provisioning_state),
            creation_token=str(found.creation_token),
            fqdn=str(targets[0].smb_server_fqdn or "") if targets else "",
            protocols=tuple(found.protocol_types or ()),
            size=int(found.usage_threshold),
            zone=",".join(found.zones or ()),
            backup=_backup(found.data_protection and found.data_protection.backup),
        )


@dataclass(frozen=True)
class AnfAccount:
    """A NetApp account."""

    state: str
    domain: str
    """The domain of its Active Directory connection; empty without one."""
    aes_encryption: bool
    directory_id: str = ""
    """The id of that connection."""

    @classmethod
    def of(cls, found: Any) -> Self:
        """Return the account of a response."""
        [directory] = found.active_directories or [None]
        domain = str(directory.domain or "") if directory else ""
        aes, identity = (bool(directory.aes_encryption), directory.active_directory_id) if directory else (False, "")
        return cls(str(found.provisioning_state), domain, aes, str(identity))


@dataclass(frozen=True)
class AnfPool:
    """A capacity pool."""

    state: str
    service_level: str
    size: int
    """Bytes."""

    @classmethod
    def of(cls, found: Any) -> Self:
        """Return the pool of a response."""
        return cls(str(found.provisioning_state), _text(found.service_level), int(found.size))


def _backup(backup: Any) -> str:
    """Return the state of a volume's backup in a word."""
    if not (backup and backup.backup_vault_id):
        return ""
    if not backup.backup_policy_id:
        return "by hand"
    return "enforced" if backup.policy_enforced else "suspended"


def _text(value: Any) -> str:
    """Return the value of an enumeration, or the text itself."""
    return str(getattr(value, "value", value) or "")
