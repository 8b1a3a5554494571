"""An SMB share: a CIFS volume of Azure NetApp Files."""

from collections.abc import Sequence
from typing import Final, NamedTuple, NotRequired, TypedDict

import pulumi
from pulumi.output import UNKNOWN
from pulumi_azure_native import netapp

from components import rules
from components.child_options import child_options
from components.lookup import looked_up

_END_OF_A_DESTROY: Final = (
    "what is left of a destroy that was interrupted ends with `pulumi destroy`, without --run-program"
)
"""No program can tell that it runs for a destroy, and so must not go on without a volume.

Source: https://github.com/pulumi/pulumi/issues/23921
"""


class SmbVolumeArgs(TypedDict):
    """Arguments of `SmbVolume`."""

    resource_group_name: pulumi.Input[str]
    """The resource group of the account."""
    account_name: pulumi.Input[str]
    """The account of the pool; it must be joined to an Active Directory."""
    pool_name: pulumi.Input[str]
    """The pool of the volume: the plain name, not account/pool."""
    volume_name: pulumi.Input[str]
    """Its name in Azure. Changing it would replace the volume."""
    creation_token: pulumi.Input[str]
    """The share's name, unique in the region and subnet. Azure refuses to change it."""
    subnet_id: pulumi.Input[str]
    """A subnet delegated to Azure NetApp Files. Azure refuses to change it."""
    size_gib: pulumi.Input[int]
    """Its quota in whole GiB, 50 to 102400. May grow and shrink in place."""
    service_level: pulumi.Input[str]
    """Standard, Premium or Ultra, no higher than the pool's. Azure refuses to change it."""
    throughput_mibps: NotRequired[pulumi.Input[int | None]]
    """Its share of the pool's throughput, 1 to 4500 MiB/s; for a pool of QoS type Manual, and only there."""
    smb_encryption: NotRequired[pulumi.Input[bool]]
    """Let only clients in that encrypt in flight (SMB 3). Default: false."""
    access_based_enumeration: NotRequired[pulumi.Input[bool]]
    """Show a user only the folders that he may read. Default: false."""
    browsable: NotRequired[pulumi.Input[bool]]
    """Show the share in the server's list of shares. Default: true."""
    snapshot_directory_visible: NotRequired[pulumi.Input[bool]]
    """Show the folder ~snapshot to clients. Default: true."""
    snapshot_policy_id: NotRequired[pulumi.Input[str | None]]
    """The id of a snapshot policy of its account. May be another one, or none. Default: none."""
    protect: NotRequired[bool]
    """Refuse to delete or replace it, and keep it in Azure when the stack forgets it. Default: true."""
    timeout_minutes: NotRequired[int]
    """How long Azure may take; a volume usually needs some minutes. Default: 30."""


class SmbVolume(pulumi.ComponentResource):
    """A CIFS volume and what a client needs to mount it, read back from Azure once the volume is ready.

    A change that Azure would refuse (creation_token, subnet_id, service_level) shows as a replacement, which protection
    refuses in the preview. To delete a volume: `protect` off, `pulumi up`, and only then take it away.

    Raises `rules.InvalidArgsError` for values that Azure would refuse, `VolumeNotReadyError` when Azure says that the
    volume did not become ready.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-create-volumes-smb
    """

    smb_server_fqdn: pulumi.Output[str]
    """The SMB server's name in the directory's DNS, such as anf-64d9.contoso.com."""
    creation_token: pulumi.Output[str]
    """The share's name."""
    unc_path: pulumi.Output[str]
    r"""\\server\share, as Windows and csi-driver-smb take it, without a slash at the end."""
    mount_ip_address: pulumi.Output[str]
    """The SMB server's address in the delegated subnet."""
    volume_id: pulumi.Output[str]
    """The volume's resource id."""
    volume_handle: pulumi.Output[str]
    """What tells this volume from any other, one of the same name made later included: server#share#fileSystemId."""

    def __init__(self, name: str, args: SmbVolumeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:SmbVolume", name, {}, opts)
        rules.check_args(
            "SmbVolume",
            args,
            {
                "account_name": rules.ACCOUNT_NAME,
                "pool_name": rules.POOL_NAME,
                "volume_name": rules.VOLUME_NAME,
                "creation_token": rules.CREATION_TOKEN,
                "subnet_id": rules.SUBNET_ID,
                "size_gib": rules.VOLUME_SIZE_GIB,
                "service_level": rules.SERVICE_LEVEL,
                "throughput_mibps": rules.THROUGHPUT_MIBPS,
            },
        )
        policy_id = args.get("snapshot_policy_id")
        volume = netapp.CapacityPoolVolume(
            f"{name}-volume",
            resource_group_name=args["resource_group_name"],
            account_name=args["account_name"],
            pool_name=args["pool_name"],
            volume_name=args["volume_name"],
            creation_token=args["creation_token"],
            subnet_id=args["subnet_id"],
            # Said outright: the SDK would silently make it 100 GiB, and of UNIX style.
            usage_threshold=pulumi.Output.from_input(args["size_gib"]).apply(lambda size: float(size * rules.GIB)),
            security_style="ntfs",
            protocol_types=["CIFS"],
            # Basic would forbid pools below 4 TiB, and is being retired.
            network_features="Standard",
            service_level=args["service_level"],
            throughput_mibps=args.get("throughput_mibps"),
            smb_encryption=args.get("smb_encryption", False),
            smb_access_based_enumeration=_enabled(args.get("access_based_enumeration", False)),
            smb_non_browsable=_enabled(
                pulumi.Output.from_input(args.get("browsable", True)).apply(lambda seen: not seen)
            ),
            snapshot_directory_visible=args.get("snapshot_directory_visible", True),
            # Left out, it is taken off the volume: the provider always sends the whole of it.
            data_protection={"snapshot": {"snapshot_policy_id": policy_id}} if policy_id is not None else None,
            opts=child_options(
                self,
                protect=args.get("protect", True),
                fixed=(
                    "creationToken",
                    "subnetId",
                    "protocolTypes",
                    "networkFeatures",
                    "securityStyle",
                    "serviceLevel",
                ),
                timeout_minutes=args.get("timeout_minutes", 30),
            ),
        )
        # Looked up rather than taken from the resource: an update's preview knows none of the resource's outputs, so
        # a larger size would show every share as replaced. The lookup waits for the volume, and answers even then.
        mounted = looked_up(
            f"The volume of {name}",
            netapp.get_capacity_pool_volume_output(
                resource_group_name=args["resource_group_name"],
                account_name=args["account_name"],
                pool_name=args["pool_name"],
                volume_name=args["volume_name"],
                opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[volume]),
            ),
            "if it is gone from Azure, let the stack forget it with `pulumi refresh`, and run `pulumi up` again; "
            + _END_OF_A_DESTROY,
        ).apply(_mounted)

        self.creation_token = volume.creation_token
        self.volume_id = volume.id
        self.smb_server_fqdn = mounted.apply(lambda mount: mount.server)
        self.mount_ip_address = mounted.apply(lambda mount: mount.ip_address)
        self.unc_path = mounted.apply(lambda mount: rf"\\{mount.server}\{mount.share}")
        self.volume_handle = mounted.apply(lambda mount: f"{mount.server}#{mount.share}#{mount.file_system_id}")
        self.register_outputs(
            {
                "smbServerFqdn": self.smb_server_fqdn,
                "creationToken": self.creation_token,
                "uncPath": self.unc_path,
                "mountIpAddress": self.mount_ip_address,
                "volumeId": self.volume_id,
                "volumeHandle": self.volume_handle,
            }
        )


def in_turn(made: Sequence[SmbVolume], at_once: int) -> Sequence[SmbVolume]:
    """What the next volume has to wait for, when so many of an account may be made at once.

    Azure answers a creation during another one with 409 Conflict ("Another volume creation is in progress"), which the
    provider does not retry.
    """
    return [made[-at_once]] if len(made) >= at_once else []


class VolumeNotReadyError(pulumi.RunError):
    """Azure answers for the volume, but it cannot be mounted."""


class _Mount(NamedTuple):
    server: str
    ip_address: str
    share: str
    file_system_id: str


def _enabled(wanted: pulumi.Input[bool]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(wanted).apply(lambda on: "Enabled" if on else "Disabled")


def _mounted(volume: netapp.GetCapacityPoolVolumeResult) -> _Mount:
    """What a client needs of a volume. Ready means provisioningState Succeeded: an answered request is not enough."""
    server = next((target.smb_server_fqdn for target in volume.mount_targets or [] if target.smb_server_fqdn), None)
    if volume.provisioning_state == "Succeeded" and server:
        return _Mount(server, volume.mount_targets[0].ip_address, volume.creation_token, volume.file_system_id)
    state = volume.provisioning_state
    if state == "Deleting":  # no `up` mends that, so the preview says it, too
        raise VolumeNotReadyError(
            f"The volume {volume.id} is being deleted: its provisioningState is Deleting. Awaited: Succeeded. Mend: "
            f"{_END_OF_A_DESTROY}; to have a new volume, run `pulumi up --refresh` once this one is gone."
        )
    if pulumi.runtime.is_dry_run():
        # The `up` that follows may well mend it: what it will be is not known yet.
        return UNKNOWN  # pyright: ignore[reportReturnType]
    missing = "" if state != "Succeeded" else " but it has no mount target with an SMB server"
    raise VolumeNotReadyError(
        f"The volume {volume.id} is not ready: its provisioningState is {state}{missing}. Awaited: Succeeded, and a "
        "mount target that names an SMB server. Look at the volume in the portal and at the account's activity log: "
        "usually the directory cannot be joined (DNS servers, site, rights of the joining user). Mend that, and run "
        "`pulumi up` again."
    )
