"""The sections for Azure: resource group, network, account, pool, snapshot policies and volumes."""

from typing import Annotated

from pydantic import Field
from pydantic.alias_generators import to_snake

from components import rules
from components.capacity_pool import CapacityPoolArgs
from components.delegated_subnet import DelegatedSubnetArgs
from components.netapp_account import ActiveDirectoryArgs, NetAppAccountArgs
from components.resource_group import ResourceGroupArgs
from components.rules import snapshots as snapshot_rules
from components.smb_volume import SmbVolumeArgs
from components.snapshot_policy import SnapshotPolicyArgs
from components.static_share import StaticShareArgs
from configuration.section import Namespace, Section, ServiceLevel, obeys


class ResourceGroupSettings(Section):
    """anf-smb:resourceGroup."""

    name: Annotated[str, obeys(rules.RESOURCE_GROUP_NAME)]
    existing: bool = False

    @property
    def args(self) -> ResourceGroupArgs:
        """Return the arguments of the component."""
        return self.arguments_of(ResourceGroupArgs)


class NetworkSettings(Section):
    """anf-smb:network: either the four keys of a new network, or the id of an existing subnet."""

    virtual_network: Annotated[str, obeys(rules.VIRTUAL_NETWORK_NAME)] | None = None
    address_space: Annotated[str, obeys(rules.ADDRESS_SPACE)] | None = None
    subnet: Annotated[str, obeys(rules.SUBNET_NAME)] | None = None
    subnet_prefix: Annotated[str, obeys(rules.SUBNET_PREFIX)] | None = None
    subnet_id: Annotated[str, obeys(rules.SUBNET_ID)] | None = None

    @property
    def args(self) -> DelegatedSubnetArgs:
        """Return the arguments of the component."""
        return self.arguments_of(DelegatedSubnetArgs)


class ActiveDirectorySettings(Section):
    """anf-smb:activeDirectory."""

    domain: Annotated[str, obeys(rules.DOMAIN_NAME)]
    dns_servers: Annotated[
        list[Annotated[str, obeys(rules.DNS_SERVER)]], Field(min_length=1, max_length=rules.MOST_DNS_SERVERS)
    ]
    smb_server_name: Annotated[str, obeys(rules.SMB_SERVER_NAME)]
    username: Annotated[str, obeys(rules.USERNAME)]
    site: Annotated[str, obeys(rules.SITE)] = "Default-First-Site-Name"
    organizational_unit: Annotated[str, obeys(rules.ORGANIZATIONAL_UNIT)] | None = None

    @property
    def args(self) -> ActiveDirectoryArgs:
        """Return the arguments of the directory, without the password."""
        return self.arguments_of(ActiveDirectoryArgs)


class AccountSettings(Section):
    """anf-smb:account."""

    name: Annotated[str, obeys(rules.ACCOUNT_NAME)]
    existing: bool = False

    @property
    def args(self) -> NetAppAccountArgs:
        """Return the arguments of the component."""
        return self.arguments_of(NetAppAccountArgs)


class PoolSettings(Section):
    """anf-smb:pool; an existing pool keeps its service level, size and QoS type."""

    name: Annotated[str, obeys(rules.POOL_NAME)]
    service_level: ServiceLevel | None = None
    size_tib: Annotated[int, obeys(rules.POOL_SIZE_TIB)] | None = Field(default=None, alias="sizeTiB")
    qos_type: Annotated[str, obeys(rules.QOS_TYPE)] | None = None
    existing: bool = False

    @property
    def args(self) -> CapacityPoolArgs:
        """Return the arguments of the component."""
        return self.arguments_of(CapacityPoolArgs)


SnapshotsToKeep = Annotated[int, obeys(snapshot_rules.SNAPSHOTS_TO_KEEP)]
Hour = Annotated[int, obeys(snapshot_rules.HOUR)]
Minute = Annotated[int, obeys(snapshot_rules.MINUTE)]


class HourlyScheduleSettings(Section):
    """The hourlySchedule of a snapshot policy."""

    snapshots_to_keep: SnapshotsToKeep
    minute: Minute


class DailyScheduleSettings(HourlyScheduleSettings):
    """The dailySchedule of a snapshot policy."""

    hour: Hour


class WeeklyScheduleSettings(DailyScheduleSettings):
    """The weeklySchedule of a snapshot policy."""

    day: Annotated[str, obeys(snapshot_rules.DAYS_OF_WEEK)]


class MonthlyScheduleSettings(DailyScheduleSettings):
    """The monthlySchedule of a snapshot policy."""

    days_of_month: Annotated[str, obeys(snapshot_rules.DAYS_OF_MONTH)]


class SnapshotPolicySettings(Section):
    """One of anf-smb:snapshotPolicies; an existing policy keeps its schedules."""

    name: Annotated[str, obeys(snapshot_rules.POLICY_NAME)]
    hourly_schedule: HourlyScheduleSettings | None = None
    daily_schedule: DailyScheduleSettings | None = None
    weekly_schedule: WeeklyScheduleSettings | None = None
    monthly_schedule: MonthlyScheduleSettings | None = None
    enabled: bool = True
    existing: bool = False

    @property
    def schedules(self) -> dict[str, HourlyScheduleSettings]:
        """Return the schedules of the stack file by their keys."""
        return {key: schedule for key in snapshot_rules.SCHEDULES if (schedule := getattr(self, to_snake(key)))}

    @property
    def args(self) -> SnapshotPolicyArgs:
        """Return the arguments of the component."""
        return self.arguments_of(SnapshotPolicyArgs)


class VolumeSettings(Section):
    """One of anf-smb:volumes; an existing volume keeps its settings."""

    name: Annotated[str, obeys(rules.VOLUME_NAME)]
    size_gib: Annotated[int, obeys(rules.VOLUME_SIZE_GIB)] | None = Field(default=None, alias="sizeGiB")
    creation_token: Annotated[str, obeys(rules.CREATION_TOKEN)] | None = None
    claim: Annotated[str, obeys(rules.OBJECT_NAME)] | None = None
    """The claim's name. Default: anf-pvc-NAME."""
    persistent_volume: Annotated[str, obeys(rules.OBJECT_NAME)] | None = None
    """The PersistentVolume's name, unique in the cluster. Default: anf-pv-NAME."""
    volume_handle: str | None = None
    """The PersistentVolume's volumeHandle, unique in the cluster. Default: server#share#fileSystemId."""
    namespace: Namespace = "smb-static"
    """The namespace of the claim, of its Pods and of the Secret smbcreds."""
    service_level: ServiceLevel | None = None
    throughput_mibps: Annotated[int, obeys(rules.THROUGHPUT_MIBPS)] | None = None
    smb_encryption: bool = False
    access_based_enumeration: bool = False
    browsable: bool = True
    snapshot_directory_visible: bool = True
    existing: bool = False
    snapshot_policy: str | None = None
    """The name of one of snapshotPolicies. Default: none."""

    @property
    def share(self) -> str:
        """Return the share's name: the creation token, by default the volume's name."""
        return self.creation_token or self.name

    @property
    def claim_name(self) -> str:
        """Return the claim's name, by default anf-pvc-NAME."""
        return self.claim or f"anf-pvc-{self.name}"

    @property
    def persistent_volume_name(self) -> str:
        """Return the PersistentVolume's name, by default anf-pv-NAME."""
        return self.persistent_volume or f"anf-pv-{self.name}"

    @property
    def args(self) -> SmbVolumeArgs:
        """Return the arguments of the volume."""
        return self.arguments_of(SmbVolumeArgs)

    @property
    def share_args(self) -> StaticShareArgs:
        """Return the arguments of the share in the cluster."""
        return self.arguments_of(StaticShareArgs)
