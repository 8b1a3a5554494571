"""Azure NetApp Files: the pool, the delegated subnet, and each volume against what the stack says of it."""

from typing import Final

from verify.azure import AnfPool, AnfVolume, Azure
from verify.stack_outputs import StaticMount
from verify.trouble import BrokenError, Trouble

GIB: Final = 2**30
_SERVICE: Final = "microsoft.netapp/volumes"
_BUSY: Final = {"accepted", "creating", "patching", "updating", "moving"}

POOL_MISSING: Final = Trouble(
    "pool-missing",
    "`Parent pool not found`; the pool's id gives 404",
    "the capacity pool was deleted, with nothing left in it",
    "pulumi up --refresh",
)
POOL_FAILED: Final = Trouble(
    "pool-not-succeeded",
    "the pool's provisioningState is not Succeeded",
    "Azure is changing it, or could not",
    "az netappfiles pool show --ids {id}; where it stays Failed, a support request",
)
SUBNET_NOT_DELEGATED: Final = Trouble(
    "subnet-not-delegated",
    "`Subnet must have a 'Microsoft.NetApp/volumes' delegation`; Trident: `subnet query returned no data`",
    "the subnet is gone, or is not delegated to Azure NetApp Files",
    "az network vnet subnet update --ids {id} --delegations Microsoft.Netapp/volumes, or pulumi up --refresh",
)
VOLUME_MISSING: Final = Trouble(
    "volume-missing",
    "`The network name cannot be found`; the volume's id gives 404",
    "the volume was deleted in Azure, and its data with it",
    "pulumi up --refresh makes an empty one; its data only a backup has (az netappfiles volume create --backup-id)",
)
VOLUME_FAILED: Final = Trouble(
    "volume-failed",
    "`Volume was not found or was not created successfully`; provisioningState Failed",
    "its creation failed (Active Directory: DNS, site, rights); it holds nothing and can only be deleted",
    "az netappfiles volume delete --ids {id}, fix what the activity log says, pulumi up --refresh",
)
VOLUME_BUSY: Final = Trouble(
    "volume-not-succeeded",
    "provisioningState is Creating, Updating or the like",
    "Azure is at it",
    "wait: az netappfiles volume wait --ids {id} --updated; verify again",
)
VOLUME_DIFFERS: Final = Trouble(
    "volume-differs",
    "share or server name of the volume are others than the stack's outputs say",
    "the volume was made anew behind the stack's back",
    "pulumi refresh, read what it finds, pulumi up",
)
VOLUME_NOT_SMB: Final = Trouble(
    "volume-not-smb",
    "protocolTypes of the volume is without CIFS, or it has no smbServerFqdn",
    "the volume is an NFS one",
    "make another volume: Azure cannot change the protocol of one",
)
AZURE_FORBIDDEN: Final = Trouble(
    "azure-forbidden",
    "`AuthorizationFailed` from Azure Resource Manager",
    "whoever runs verify may not read the resource",
    "az role assignment create --role Reader --assignee USER --scope {id}",
)
AZURE_REFUSES: Final = Trouble(
    "azure-refuses",
    "another error of Azure Resource Manager",
    "Azure could not answer",
    "try again; else az resource show --ids {id}",
)
TROUBLES: Final = (
    POOL_MISSING,
    POOL_FAILED,
    SUBNET_NOT_DELEGATED,
    VOLUME_MISSING,
    VOLUME_FAILED,
    VOLUME_BUSY,
    VOLUME_DIFFERS,
    VOLUME_NOT_SMB,
    AZURE_FORBIDDEN,
    AZURE_REFUSES,
)


def pool(azure: Azure, pool_id: str) -> str:
    """The capacity pool is there and usable."""
    found: AnfPool | None = azure.pool(pool_id)
    name = pool_id.rpartition("/")[2]
    if found is None:
        raise BrokenError(POOL_MISSING, f"no pool {name}", id=pool_id)
    seen = f"{name}: {found.service_level}, {found.size / GIB / 1024:g} TiB, {found.state}"
    if found.state != "Succeeded":
        raise BrokenError(POOL_FAILED, seen, id=pool_id)
    return seen


def subnet(azure: Azure, subnet_id: str) -> str:
    """The subnet is delegated to Azure NetApp Files."""
    delegations = azure.delegations(subnet_id)
    name = "/".join(subnet_id.split("/")[-3::2])
    if delegations is None:
        raise BrokenError(SUBNET_NOT_DELEGATED, f"no subnet {name}", id=subnet_id)
    if _SERVICE not in {service.lower() for service in delegations}:
        seen = f"{name} is delegated to {', '.join(delegations) or 'nothing'}"
        raise BrokenError(SUBNET_NOT_DELEGATED, seen, id=subnet_id)
    return f"{name}, delegated to {', '.join(delegations)}"


def stack_volume(azure: Azure, share: StaticMount) -> str:
    """A volume of the stack is Succeeded, and what the outputs say of it is so."""
    found = serving(azure, share.volume_id)
    for what, told, is_so in (
        ("creationToken", share.token, found.creation_token),
        ("smbServerFqdn", share.fqdn, found.fqdn),
    ):
        if told != is_so:
            raise BrokenError(VOLUME_DIFFERS, f"{what} is {is_so} in Azure, {told} in the outputs", id=share.volume_id)
    return rf"Succeeded, \\{found.fqdn}\{found.creation_token}, {size(found.size)}"


def serving(azure: Azure, volume_id: str) -> AnfVolume:
    """The volume, which is an SMB one and Succeeded."""
    found = azure.volume(volume_id)
    name = volume_id.rpartition("/")[2]
    if found is None:
        raise BrokenError(VOLUME_MISSING, f"Azure has no volume {name}", id=volume_id)
    if found.state != "Succeeded":
        trouble = VOLUME_BUSY if found.state.lower() in _BUSY else VOLUME_FAILED
        raise BrokenError(trouble, f"{name} is {found.state}", id=volume_id)
    if "CIFS" not in found.protocols or not found.fqdn:
        protocols = ", ".join(found.protocols)
        raise BrokenError(VOLUME_NOT_SMB, f"{name}: {protocols}, smbServerFqdn '{found.fqdn}'", id=volume_id)
    return found


def size(number: int) -> str:
    """Bytes, for people."""
    return f"{number // GIB} GiB" if number % GIB == 0 else f"{number:,} bytes"
