"""Checks of Azure NetApp Files: the pool, the delegated subnet, and each volume against the stack's outputs."""

from typing import Final

from verify.clients.azure import Azure
from verify.clients.azure_netapp import AnfAccount, AnfPool, AnfVolume
from verify.stack.parts import StaticMount
from verify.trouble import BrokenError, Trouble, WarningError

GIB: Final = 2**30
ALMOST_FULL: Final = 80
"""Percent of a volume or a pool from which a check warns; Microsoft's baseline alerts have the same."""
_SERVICE: Final = "microsoft.netapp/volumes"
_BUSY: Final = {"accepted", "creating", "patching", "updating", "moving"}

ACCOUNT_MISSING: Final = Trouble(
    "account-missing",
    "the NetApp account's id gives 404",
    "the account was deleted; it contained no pool",
    "`pulumi up --refresh --stack {stack}`",
)
ACCOUNT_NOT_JOINED: Final = Trouble(
    "account-not-joined",
    "`No Active Directory credentials found in region`; the account has no Active Directory connection",
    "somebody removed the connection: no SMB volume can be created",
    "`pulumi up --refresh --stack {stack}` restores it; an existing account (@- reads the password from standard "
    "input): `az netappfiles account ad add --resource-group {account_group} --account-name {account} --username USER "
    "--password @- --smb-server-name PREFIX --dns SERVERS --domain DOMAIN --aes-encryption true`",
)
ACCOUNT_WITHOUT_AES: Final = Trouble(
    "account-without-aes",
    "the account's Active Directory connection has aesEncryption false",
    "a domain with the Windows updates of 2026 lets no new volume join, and no share be mounted, without AES",
    "`pulumi config set --path 'anf-smb:activeDirectory.aesEncryption' true --stack {stack}`, "
    "`pulumi up --stack {stack}`; an existing account: `az netappfiles account ad update --resource-group "
    "{account_group} --account-name {account} --active-directory-id {directory} --aes-encryption true`",
)
POOL_MISSING: Final = Trouble(
    "pool-missing",
    "`Parent pool not found`; the pool's id gives 404",
    "the capacity pool was deleted; it contained no volume",
    "`pulumi up --refresh --stack {stack}`",
)
POOL_FAILED: Final = Trouble(
    "pool-not-succeeded",
    "the pool's provisioningState is not Succeeded",
    "Azure is changing the pool, or an operation failed",
    "`az netappfiles pool show --ids {id}`; if it stays Failed, create a support request",
)
POOL_ALMOST_FULL: Final = Trouble(
    "pool-almost-full",
    "`Pool size too small for total volume size`; claims stay Pending",
    f"the sizes of the pool's volumes add up to {ALMOST_FULL} % of its size or more: Trident creates and enlarges no "
    "volume that does not fit",
    "enlarge sizeTiB of pool {pool} in the stack file, then `pulumi up --stack {stack}`; an existing pool: "
    "`az netappfiles pool update --ids {id} --size {size}`",
)
SUBNET_NOT_DELEGATED: Final = Trouble(
    "subnet-not-delegated",
    "`Subnet must have a 'Microsoft.NetApp/volumes' delegation`; Trident: `subnet query returned no data`",
    "the subnet was deleted, or is not delegated to Azure NetApp Files",
    "`pulumi up --refresh --stack {stack}`, for a subnet of the stack. For another one with nothing else in it, never "
    "that of AKS nodes: `az network vnet subnet update --ids {id} --delegations Microsoft.Netapp/volumes`",
)
VOLUME_MISSING: Final = Trouble(
    "volume-missing",
    "`The network name cannot be found`; the volume's id gives 404",
    "the volume and its data were deleted in Azure",
    "only a backup restores the data: docs/operate.md, Restore a volume. For an empty volume: "
    "`kubectl delete pvc {claim} -n {namespace} --wait=false`, `kubectl delete pod {pods} -n {namespace}`, "
    "`kubectl delete pv {pv}`, `pulumi up --refresh --stack {stack}`, which creates all of them",
)
VOLUME_FAILED: Final = Trouble(
    "volume-failed",
    "`Volume was not found or was not created successfully`; provisioningState Failed",
    "its creation failed (Active Directory: DNS, site, rights); it contains no data and must be deleted",
    "`az netappfiles volume delete --ids {id}`, fix the error in the activity log, `pulumi up --refresh --stack "
    "{stack}`",
)
VOLUME_BUSY: Final = Trouble(
    "volume-not-succeeded",
    "provisioningState is Creating, Updating or similar",
    "an operation is in progress",
    "wait: `az netappfiles volume wait --ids {id} --updated`; then run verify again",
)
VOLUME_DIFFERS: Final = Trouble(
    "volume-differs",
    "the volume's share or server name differs from the stack's outputs",
    "the volume was replaced outside the stack",
    "`pulumi refresh --stack {stack}`, check its changes, `pulumi up --stack {stack}`",
)
VOLUME_NOT_SMB: Final = Trouble(
    "volume-not-smb",
    "the volume's protocolTypes do not include CIFS, or it has no smbServerFqdn",
    "the volume is an NFS volume",
    "create another volume: Azure cannot change a volume's protocol",
)
AZURE_FORBIDDEN: Final = Trouble(
    "azure-forbidden",
    "`AuthorizationFailed` from Azure Resource Manager",
    "the user who runs verify may not read the resource",
    "`az role assignment create --role Reader --assignee USER --scope {id}`",
)
AZURE_REFUSES: Final = Trouble(
    "azure-refuses",
    "another error of Azure Resource Manager",
    "Azure cannot answer",
    "try again; if it fails again: `az resource show --ids {id}`",
)
TROUBLES: Final = (
    ACCOUNT_MISSING,
    ACCOUNT_NOT_JOINED,
    ACCOUNT_WITHOUT_AES,
    POOL_MISSING,
    POOL_FAILED,
    POOL_ALMOST_FULL,
    SUBNET_NOT_DELEGATED,
    VOLUME_MISSING,
    VOLUME_FAILED,
    VOLUME_BUSY,
    VOLUME_DIFFERS,
    VOLUME_NOT_SMB,
    AZURE_FORBIDDEN,
    AZURE_REFUSES,
)


def account_of(resource_id: str) -> str:
    """Return the id of the account of a pool or a volume."""
    return resource_id.partition("/capacityPools/")[0]


def account(azure: Azure, account_id: str) -> str:
    """Check that the account has its Active Directory connection, and report one that Windows refuses since 2026."""
    found: AnfAccount | None = azure.account(account_id)
    name = account_id.rpartition("/")[2]
    if found is None:
        raise BrokenError(ACCOUNT_MISSING, f"no account {name}", id=account_id)
    if not found.domain:
        seen = f"{name} has no Active Directory connection"
        raise BrokenError(ACCOUNT_NOT_JOINED, seen, account=name, account_group=account_id.split("/")[4])
    if not found.aes_encryption:
        values = {"account": name, "account_group": account_id.split("/")[4], "directory": found.directory_id}
        raise WarningError(ACCOUNT_WITHOUT_AES, f"{name}, {found.domain}, without AES", **values)
    return f"{name}, {found.domain}, Kerberos with AES"


def pool(azure: Azure, pool_id: str, *, has_class: bool = False) -> str:
    """Check that the capacity pool exists and is Succeeded; warn of one with a StorageClass that is almost full.

    A pool is full when the sizes of its volumes add up to its own; what is in them does not count. Without a
    StorageClass only people create volumes in it, and an allotment of the whole pool is their plan: no warning.
    """
    found: AnfPool | None = azure.pool(pool_id)
    name = pool_id.rpartition("/")[2]
    if found is None:
        raise BrokenError(POOL_MISSING, f"no pool {name}", id=pool_id)
    seen = f"{name}: {found.service_level}, {found.size / GIB / 1024:g} TiB, {found.state}"
    if found.state != "Succeeded":
        raise BrokenError(POOL_FAILED, seen, id=pool_id)
    if not has_class:
        return seen
    share = 100 * azure.allotted(pool_id) // found.size
    seen = f"{seen}, {share} % allotted to volumes"
    if share >= ALMOST_FULL:
        raise WarningError(POOL_ALMOST_FULL, seen, id=pool_id, pool=name, size=str(found.size // GIB // 1024 + 1))
    return seen


def subnet(azure: Azure, subnet_id: str) -> str:
    """Check that the subnet is delegated to Azure NetApp Files."""
    delegations = azure.delegations(subnet_id)
    name = "/".join(subnet_id.split("/")[-3::2])
    if delegations is None:
        raise BrokenError(SUBNET_NOT_DELEGATED, f"no subnet {name}", id=subnet_id)
    if _SERVICE not in {service.lower() for service in delegations}:
        seen = f"{name} is delegated to {', '.join(delegations) or 'nothing'}"
        raise BrokenError(SUBNET_NOT_DELEGATED, seen, id=subnet_id)
    return f"{name}, delegated to {', '.join(delegations)}"


def stack_volume(azure: Azure, share: StaticMount) -> str:
    """Check that a volume of the stack is Succeeded and matches the outputs."""
    values = {"claim": share.claim, "namespace": share.namespace, "pods": share.pod or "", "pv": f"anf-pv-{share.name}"}
    found = serving(azure, share.volume_id, VOLUME_MISSING, **values)
    for field, expected, actual, form in (
        ("creationToken", share.token, found.creation_token, str),
        ("smbServerFqdn", share.fqdn, found.fqdn, str.lower),  # DNS ignores case
    ):
        if form(expected) != form(actual):
            raise BrokenError(
                VOLUME_DIFFERS, f"{field} is {actual} in Azure, {expected} in the outputs", id=share.volume_id
            )
    options = [f"zone {found.zone}" if found.zone else "", f"backup {found.backup}" if found.backup else ""]
    return ", ".join([rf"Succeeded, \\{found.fqdn}\{found.creation_token}, {size(found.size)}", *filter(None, options)])


def serving(azure: Azure, volume_id: str, missing: Trouble = VOLUME_MISSING, **values: str) -> AnfVolume:
    """Return the volume; raise `BrokenError` unless it is a Succeeded SMB volume."""
    found = azure.volume(volume_id)
    name = volume_id.rpartition("/")[2]
    if found is None:
        raise BrokenError(missing, f"Azure has no volume {name}", id=volume_id, **values)
    if found.state != "Succeeded":
        trouble = VOLUME_BUSY if found.state.lower() in _BUSY else VOLUME_FAILED
        raise BrokenError(trouble, f"{name} is {found.state}", id=volume_id)
    if "CIFS" not in found.protocols or not found.fqdn:
        protocols = ", ".join(found.protocols)
        raise BrokenError(VOLUME_NOT_SMB, f"{name}: {protocols}, smbServerFqdn '{found.fqdn}'", id=volume_id)
    return found


def size(number: int) -> str:
    """Return a number of bytes as text for people."""
    return f"{number // GIB} GiB" if number % GIB == 0 else f"{number:,} bytes"
