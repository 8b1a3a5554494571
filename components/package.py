"""The package of the components, for programs in any language of Pulumi's: its name, its version and its content."""

import inspect
from typing import Final

import pulumi

from components.capacity_alerts import CapacityAlerts
from components.capacity_pool import CapacityPool
from components.delegated_subnet import DelegatedSubnet
from components.dynamic_share import DynamicShare
from components.iis_pod import IisPod
from components.netapp_account import NetAppAccount
from components.resource_group import ResourceGroup
from components.share_namespace import ShareNamespace
from components.smb_csi_driver import SmbCsiDriver
from components.smb_volume import SmbVolume
from components.snapshot_policy import SnapshotPolicy
from components.static_path import StaticPath
from components.static_share import StaticShare
from components.trident import Trident
from components.trident_backend import TridentSmbBackend
from components.trident_identity import TridentIdentity
from components.trident_path import TridentPath
from components.trident_role import TridentRole

NAME: Final = "anf-smb"
VERSION: Final = "2.0.0"
"""The version of the package: the Git tag is the same with a v before it."""

COMPONENTS: Final[tuple[type[pulumi.ComponentResource], ...]] = (
    CapacityAlerts,
    CapacityPool,
    DelegatedSubnet,
    DynamicShare,
    IisPod,
    NetAppAccount,
    ResourceGroup,
    ShareNamespace,
    SmbCsiDriver,
    SmbVolume,
    SnapshotPolicy,
    StaticPath,
    StaticShare,
    Trident,
    TridentIdentity,
    TridentPath,
    TridentRole,
    TridentSmbBackend,
)


def described() -> list[type[pulumi.ComponentResource]]:
    """Return the components with docstrings as other languages show them: without Python's indentation."""
    for component in COMPONENTS:
        component.__doc__ = inspect.getdoc(component)
    return list(COMPONENTS)
