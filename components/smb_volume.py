"""An SMB share: a CIFS volume of Azure NetApp Files."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict, cast

import pulumi
from pulumi.type_token import get_type_token
from pulumi_azure_native import netapp

from components import rules
from components.capacity_pool import POOL_REF_RULES, PoolRef
from components.guest.created_before import CreatedBefore
from components.guest.existing_objects import refuse_existing
from components.guest.kept_settings import KeptSettings
from components.guest.prior_state import PriorState
from components.rules import network as network_rules
from components.rules import volumes as volume_rules
from components.rules.tags import check_tags
from components.support.failed_volume import FailedVolumes
from components.support.lookup import looked_up
from components.support.mounted_volume import IF_GONE, IF_MISSING, mounted, share
from components.support.options import Limits, after, child_options
from components.support.references import fields
from components.support.transient_errors import VOLUME_CREATION, wait_out
from components.volume_type import SDK_DEFAULTS, VOLUME, unchangeable


class BackupArgs(TypedDict):
    """The backup of a volume, into a vault that exists."""

    vault_id: pulumi.Input[str]
    """The id of a backup vault of the volume's region. Without a policy, backups are taken by hand."""
    policy_id: NotRequired[pulumi.Input[str] | None]
    """The id of a backup policy of the account. Default: none."""
    enforced: NotRequired[pulumi.Input[bool] | None]
    """Take the backups of the policy; false suspends it. Default: true with a policy."""


class SmbVolumeArgs(TypedDict):
    """Arguments of `SmbVolume`."""

    pool: pulumi.Input[PoolRef]
    """The pool of the volume; its account must have an Active Directory connection."""
    name: pulumi.Input[str]
    """The volume's name in Azure: 1 to 64 letters, digits, underscores and hyphens. It cannot be changed."""
    creation_token: NotRequired[pulumi.Input[str] | None]
    """The share's name, unique in the region and subnet. Azure refuses to change it. Default: the volume's name."""
    subnet_id: pulumi.Input[str]
    """A subnet delegated to Azure NetApp Files. Azure refuses to change it."""
    size_gib: NotRequired[pulumi.Input[int | None]]
    """The volume's quota in whole GiB, 50 to 102400. Needed unless it exists. It can grow and shrink in place."""
    service_level: NotRequired[pulumi.Input[str] | None]
    """Standard, Premium or Ultra, no higher than the pool's. Azure refuses to change it. Default: the pool's."""
    throughput_mibps: NotRequired[pulumi.Input[int | None]]
    """The volume's share of the pool's throughput, 1 to 4500 MiB/s: needed with QoS type Manual, refused with Auto."""
    smb_encryption: NotRequired[pulumi.Input[bool]]
    """Accept only clients that encrypt in flight (SMB 3). Default: false."""
    access_based_enumeration: NotRequired[pulumi.Input[bool]]
    """Show users only the folders that they may read. Default: false."""
    browsable: NotRequired[pulumi.Input[bool]]
    """Show the share in the server's list of shares. Default: true."""
    snapshot_directory_visible: NotRequired[pulumi.Input[bool]]
    """Show the folder ~snapshot to clients. Default: true."""
    existing: NotRequired[bool]
    """Use the CIFS volume of this name in the pool, and never change or delete it. Default: false, it is created."""
    snapshot_policy_id: NotRequired[pulumi.Input[str | None]]
    """The id of a snapshot policy of the account. It can change in place. Default: none."""
    backup: NotRequired[pulumi.Input[BackupArgs | None]]
    """The backup of the volume. It can change in place. Default: none, or as others have set it."""
    zone: NotRequired[pulumi.Input[str | None]]
    """The availability zone: 1, 2 or 3. Azure refuses to change it. Default: Azure chooses."""
    continuously_available: NotRequired[pulumi.Input[bool | None]]
    """SMB Continuous Availability, for SQL Server and FSLogix alone. Azure refuses to change it. Default: false."""
    cool_access: NotRequired[pulumi.Input[bool | None]]
    """Move data that nobody reads to cheaper storage. The pool must have it too. Default: false. Changes in place."""
    coolness_period: NotRequired[pulumi.Input[int | None]]
    """After how many days without a read data is moved, 2 to 183. Default: 31."""
    cool_access_retrieval_policy: NotRequired[pulumi.Input[str | None]]
    """Which reads bring data back: Default (random ones), OnRead (all) or Never."""
    cool_access_tiering_policy: NotRequired[pulumi.Input[str | None]]
    """What may be moved: Auto (files and snapshots) or SnapshotOnly. Default: Auto."""
    tags: NotRequired[pulumi.Input[dict[str, str] | None]]
    """Tags of a volume to create, by their names. Tags that others put on it stay. Default: none."""


class SmbVolume(pulumi.ComponentResource):
    """A CIFS volume, created or existing, and what a client needs to mount it, read from Azure.

    A preview fails when an existing volume is missing in its pool, or is no CIFS volume. A component that has created
    such a volume forgets it.

    A created volume is protected unless the options say `protect: false`. No change replaces it: a preview refuses what
    Azure cannot change (share name, subnet, service level, zone, encryption). Two steps delete it: an `up` with
    `protect: false`, then its removal from the program. What others set on it (tags, backup) stays. The custom timeouts
    of the options count, each 30 minutes by default. While Azure creates another volume of the account, the creation is
    tried again, for as long. Values that Azure would refuse are an error, as is a volume that is not ready.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-create-volumes-smb
    """

    smb_server_fqdn: pulumi.Output[str]
    """The SMB server's name in the directory's DNS, such as ANF-64d9.contoso.com."""
    creation_token: pulumi.Output[str]
    """The share's name."""
    unc_path: pulumi.Output[str]
    r"""\\server\share, as Windows and csi-driver-smb take it, without a slash at the end."""
    mount_ip_address: pulumi.Output[str]
    """The SMB server's address in the delegated subnet."""
    volume_id: pulumi.Output[str]
    """The volume's resource id."""
    volume_handle: pulumi.Output[str]
    """The volume's identity, server#share#fileSystemId: a later volume of the same name has another one."""
    size_gib: pulumi.Output[int]
    """The volume's quota in GiB."""

    def __init__(self, name: str, args: SmbVolumeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        existing, before = args.get("existing", False), CreatedBefore(netapp.CapacityPoolVolume)
        prior = PriorState({str(get_type_token(netapp.CapacityPoolVolume))}, with_inputs=True)
        super().__init__("anf-smb:index:SmbVolume", name, {}, before.options(opts) if existing else prior.options(opts))
        rules.check_args(
            "SmbVolume",
            args,
            {
                "name": rules.VOLUME_NAME,
                "creation_token": rules.CREATION_TOKEN,
                "subnet_id": network_rules.SUBNET_ID,
                "size_gib": rules.VOLUME_SIZE_GIB,
                "service_level": rules.SERVICE_LEVEL,
                "throughput_mibps": rules.THROUGHPUT_MIBPS,
            },
        )
        check_tags("SmbVolume", args.get("tags"))
        volume_rules.check_options("SmbVolume", args)
        given = [name for argument, name in SDK_DEFAULTS.items() if args.get(argument) is not None]
        fixed = unchangeable([*given, *(["zones"] if args.get("zone") is not None else [])])
        settings = KeptSettings(self, f"{name}-volume", VOLUME, lambda _: fixed, given=given)
        pool = fields(args["pool"], PoolRef)
        rules.check_args("SmbVolume.pool", pool, POOL_REF_RULES)
        if not existing:
            pool = cast("PoolRef", {**pool, "name": self._unmoved(name, pool, prior)})
        created = None if existing else self._created(name, args, pool, settings, opts)
        if existing:
            before.forget(self)
        # A look-up, as the preview of an update knows none of the resource's outputs: with these, a larger size would
        # show every share as replaced. The look-up waits for the volume, and answers in a preview too.
        found = looked_up(
            f"The existing volume of {name}" if existing else f"The volume of {name}",
            netapp.get_capacity_pool_volume_output(
                resource_group_name=pool["resource_group_name"],
                account_name=pool["account_name"],
                pool_name=pool["name"],
                volume_name=args["name"],
                opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[created] if created else None),
            ),
            IF_MISSING if existing else IF_GONE,
        )
        mount = (found.apply(share, run_with_unknowns=True) if existing else found).apply(mounted)
        self.creation_token = created.creation_token if created else found.creation_token
        self.volume_id = created.id if created else found.id
        self.size_gib = (
            pulumi.Output.from_input(args.get("size_gib")).apply(lambda size: size or 0)
            if created
            else found.usage_threshold.apply(lambda size: int(size) // rules.GIB)
        )
        self.smb_server_fqdn = mount.apply(lambda mount: mount.server)
        self.mount_ip_address = mount.apply(lambda mount: mount.ip_address)
        self.unc_path = mount.apply(lambda mount: rf"\\{mount.server}\{mount.share}")
        self.volume_handle = mount.apply(lambda mount: f"{mount.server}#{mount.share}#{mount.file_system_id}")
        self.register_outputs(
            {
                "smbServerFqdn": self.smb_server_fqdn,
                "creationToken": self.creation_token,
                "uncPath": self.unc_path,
                "mountIpAddress": self.mount_ip_address,
                "volumeId": self.volume_id,
                "volumeHandle": self.volume_handle,
                "sizeGib": self.size_gib,
                **settings.outputs(self.volume_id),
            }
        )

    def _unmoved(self, name: str, pool: PoolRef, prior: PriorState) -> pulumi.Output[str]:
        """Return the pool's name. Another one is refused, protected or not: Azure moves files without loss."""
        return prior.unmoved(
            self,
            pool["name"],
            lambda child: child.input("poolName"),
            lambda was, wanted: _another_pool(name, was, wanted),
            protect=True,
        )

    def _created(
        self,
        name: str,
        args: SmbVolumeArgs,
        pool: PoolRef,
        settings: KeptSettings,
        opts: pulumi.ResourceOptions | None,
    ) -> netapp.CapacityPoolVolume:
        size_gib, zone = args.get("size_gib"), args.get("zone")
        if size_gib is None:
            raise rules.InvalidArgsError(
                f"SmbVolume: a volume to create needs {rules.argument('SmbVolume', 'size_gib')}"
            )
        limits = Limits.of(opts, 30)
        return netapp.CapacityPoolVolume(
            f"{name}-volume",
            resource_group_name=pool["resource_group_name"],
            account_name=pool["account_name"],
            pool_name=pool["name"],
            volume_name=args["name"],
            tags=args.get("tags"),
            creation_token=args.get("creation_token") or args["name"],
            subnet_id=args["subnet_id"],
            # Always given: the defaults of the SDK are 100 GiB and UNIX style.
            usage_threshold=pulumi.Output.from_input(size_gib).apply(lambda size: float((size or 0) * rules.GIB)),
            security_style="ntfs",
            protocol_types=["CIFS"],
            # Basic would forbid pools below 4 TiB, and is being retired.
            network_features="Standard",
            service_level=args.get("service_level") or pool["service_level"],
            throughput_mibps=args.get("throughput_mibps"),
            smb_encryption=args.get("smb_encryption", False),
            smb_access_based_enumeration=_enabled(args.get("access_based_enumeration", False)),
            smb_non_browsable=_enabled(
                pulumi.Output.from_input(args.get("browsable", True)).apply(lambda seen: not seen)
            ),
            snapshot_directory_visible=args.get("snapshot_directory_visible", True),
            zones=pulumi.Output.from_input(zone).apply(_zones) if zone is not None else None,
            smb_continuously_available=args.get("continuously_available"),
            cool_access=args.get("cool_access"),
            coolness_period=args.get("coolness_period"),
            cool_access_retrieval_policy=args.get("cool_access_retrieval_policy"),
            cool_access_tiering_policy=args.get("cool_access_tiering_policy"),
            # None removes what was there: the provider always sends the whole volume.
            data_protection=_data_protection(args),
            opts=settings.options(
                child_options(
                    self,
                    opts,
                    data=True,
                    unread=True,
                    limits=limits,
                    before_create=refuse_existing(f"{name}-volume-exists", self, "volume"),
                    hooks=pulumi.ResourceHookBinding(
                        on_error=[
                            wait_out(
                                self,
                                f"{name}-volume-creation",
                                limits.create,
                                VOLUME_CREATION,
                                # Azure may also accept the creation, and refuse it at its end.
                                before_retry=FailedVolumes(self, limits.delete).deleted,
                            )
                        ]
                    ),
                )
            ),
        )


def created_before(volume: SmbVolume | None) -> pulumi.Input[Sequence[pulumi.Resource]]:
    """Return a `depends_on` that waits in an `up` until a volume is created, and leaves no dependency.

    Azure creates one volume of an account at a time. Volumes in turn occupy no worker of the engine while they wait,
    and stop with the first that fails. A dependency would also order previews and deletions, which need no order.
    """
    return [] if volume is None or pulumi.runtime.is_dry_run() else after(volume.volume_id)


def _another_pool(name: str, was: object, wanted: object) -> str:
    return (
        f"SmbVolume {name}: {rules.argument('SmbVolume', 'pool')} is {wanted!r}; allowed: {was!r}, where the volume "
        f"is. Fix: {was!r}; or let Azure move the volume without loss, and the stack follow: az netappfiles volume "
        "pool-change --ids VOLUME_ID --new-pool-resource-id POOL_ID; then see docs/operate.md, Another pool"
    )


def _data_protection(args: SmbVolumeArgs) -> netapp.VolumePropertiesDataProtectionArgsDict | None:
    """Return snapshot policy and backup; without one, the provider removes what the component gave before."""
    policy_id, backup = args.get("snapshot_policy_id"), args.get("backup")
    protection: dict[str, Any] = {"snapshot": {"snapshot_policy_id": policy_id}} if policy_id is not None else {}
    if backup is not None:
        parts = fields(cast("pulumi.Input[BackupArgs]", backup), BackupArgs)
        backup_policy, enforced = parts.get("policy_id"), parts.get("enforced")
        given: dict[str, Any] = {
            "backup_vault_id": parts["vault_id"],
            "backup_policy_id": backup_policy,
            "policy_enforced": enforced if backup_policy is None or enforced is not None else True,
        }
        protection["backup"] = {name: value for name, value in given.items() if value is not None}
    return cast("netapp.VolumePropertiesDataProtectionArgsDict", protection) if protection else None


def _zones(zone: str | None) -> list[str]:
    return [zone] if zone else []


def _enabled(wanted: pulumi.Input[bool]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(wanted).apply(lambda on: "Enabled" if on else "Disabled")
