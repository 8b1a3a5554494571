"""The sections of a stack file, each by itself: keys, types, and the rules of single values."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel, to_snake
from pydantic_core import PydanticCustomError

from components import rules, snapshot_rules, trident_rules
from components.aks import ClusterArgs
from components.snapshot_policy import (
    DailyScheduleArgs,
    HourlyScheduleArgs,
    MonthlyScheduleArgs,
    WeeklyScheduleArgs,
)


def obeys(rule: rules.Rule[Any]) -> AfterValidator:
    """Validate a value of the right type by a rule of `components/rules.py`."""

    def check(value: Any) -> Any:
        if not rule.holds(value):
            raise PydanticCustomError("rule", "{allowed}", {"allowed": rule.allowed, "source": rule.source})
        return value

    return AfterValidator(check)


Namespace = Annotated[str, obeys(rules.NAMESPACE)]
ServiceLevel = Annotated[str, obeys(rules.SERVICE_LEVEL)]
Minutes = Annotated[int, obeys(rules.MINUTES)]


class Section(BaseModel):
    """A mapping of the stack file: camelCase keys, no others, and types as YAML gives them."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, strict=True, hide_input_in_errors=True
    )


class ResourceGroupSettings(Section):
    """anf-smb:resourceGroup."""

    name: Annotated[str, obeys(rules.RESOURCE_GROUP_NAME)]
    existing: bool = False


class NetworkSettings(Section):
    """anf-smb:network: the four of a network that is made, or the id of a subnet that exists."""

    virtual_network: Annotated[str, obeys(rules.VIRTUAL_NETWORK_NAME)] | None = None
    address_space: Annotated[str, obeys(rules.ADDRESS_SPACE)] | None = None
    subnet: Annotated[str, obeys(rules.SUBNET_NAME)] | None = None
    subnet_prefix: Annotated[str, obeys(rules.SUBNET_PREFIX)] | None = None
    subnet_id: Annotated[str, obeys(rules.SUBNET_ID)] | None = None


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


class AccountSettings(Section):
    """anf-smb:account."""

    name: Annotated[str, obeys(rules.ACCOUNT_NAME)]
    existing: bool = False


class PoolSettings(Section):
    """anf-smb:pool; one that exists has its own level, size and QoS type."""

    name: Annotated[str, obeys(rules.POOL_NAME)]
    service_level: ServiceLevel | None = None
    size_tib: Annotated[int, obeys(rules.POOL_SIZE_TIB)] | None = Field(default=None, alias="sizeTiB")
    qos_type: Annotated[str, obeys(rules.QOS_TYPE)] | None = None
    existing: bool = False


SnapshotsToKeep = Annotated[int, obeys(snapshot_rules.SNAPSHOTS_TO_KEEP)]
Hour = Annotated[int, obeys(snapshot_rules.HOUR)]
Minute = Annotated[int, obeys(snapshot_rules.MINUTE)]


class HourlyScheduleSettings(Section):
    """The hourlySchedule of a snapshot policy."""

    snapshots_to_keep: SnapshotsToKeep
    minute: Minute

    @property
    def args(self) -> HourlyScheduleArgs:
        """The same, for the component."""
        return {"snapshots_to_keep": self.snapshots_to_keep, "minute": self.minute}


class DailyScheduleSettings(HourlyScheduleSettings):
    """The dailySchedule of a snapshot policy."""

    hour: Hour

    @property
    def args(self) -> DailyScheduleArgs:
        """The same, for the component."""
        return {**super().args, "hour": self.hour}


class WeeklyScheduleSettings(DailyScheduleSettings):
    """The weeklySchedule of a snapshot policy."""

    day: Annotated[str, obeys(snapshot_rules.DAYS_OF_WEEK)]

    @property
    def args(self) -> WeeklyScheduleArgs:
        """The same, for the component."""
        return {**super().args, "day": self.day}


class MonthlyScheduleSettings(DailyScheduleSettings):
    """The monthlySchedule of a snapshot policy."""

    days_of_month: Annotated[str, obeys(snapshot_rules.DAYS_OF_MONTH)]

    @property
    def args(self) -> MonthlyScheduleArgs:
        """The same, for the component."""
        return {**super().args, "days_of_month": self.days_of_month}


class SnapshotPolicySettings(Section):
    """One of anf-smb:snapshotPolicies; one that exists has its own schedules."""

    name: Annotated[str, obeys(snapshot_rules.POLICY_NAME)]
    hourly_schedule: HourlyScheduleSettings | None = None
    daily_schedule: DailyScheduleSettings | None = None
    weekly_schedule: WeeklyScheduleSettings | None = None
    monthly_schedule: MonthlyScheduleSettings | None = None
    enabled: bool = True
    existing: bool = False

    @property
    def schedules(self) -> dict[str, HourlyScheduleSettings]:
        """The schedules that are given, by their keys."""
        return {key: given for key in snapshot_rules.SCHEDULES if (given := getattr(self, to_snake(key)))}


class VolumeSettings(Section):
    """One of anf-smb:volumes."""

    name: Annotated[str, obeys(rules.VOLUME_NAME)]
    size_gib: Annotated[int, obeys(rules.VOLUME_SIZE_GIB)] = Field(alias="sizeGiB")
    creation_token: Annotated[str, obeys(rules.CREATION_TOKEN)] | None = None
    claim: Annotated[str, obeys(rules.OBJECT_NAME)] | None = None
    persistent_volume: Annotated[str, obeys(rules.OBJECT_NAME)] | None = None
    namespace: Namespace = "smb-static"
    service_level: ServiceLevel | None = None
    throughput_mibps: Annotated[int, obeys(rules.THROUGHPUT_MIBPS)] | None = None
    smb_encryption: bool = False
    access_based_enumeration: bool = False
    browsable: bool = True
    snapshot_directory_visible: bool = True
    snapshot_policy: str | None = None

    @property
    def share(self) -> str:
        """The share's name."""
        return self.creation_token or self.name

    @property
    def claim_name(self) -> str:
        """The claim's name."""
        return self.claim or f"anf-pvc-{self.name}"

    @property
    def persistent_volume_name(self) -> str:
        """The PersistentVolume's name."""
        return self.persistent_volume or f"anf-pv-{self.name}"


class SmbUserSettings(Section):
    """anf-smb:smbUser."""

    domain: Annotated[str, obeys(rules.USER_DOMAIN)]
    username: Annotated[str, obeys(rules.USERNAME)]


class AksSettings(Section):
    """The AKS cluster of anf-smb:cluster."""

    resource_group: Annotated[str, obeys(rules.RESOURCE_GROUP_NAME)]
    name: Annotated[str, obeys(rules.AKS_NAME)]


class ClusterSettings(Section):
    """anf-smb:cluster: one of aks, stack (with output), kubeconfig (with context), or context."""

    aks: AksSettings | None = None
    stack: str | None = None
    output: str | None = None
    kubeconfig: str | None = None
    context: str | None = None

    @property
    def kubeconfig_file(self) -> Path | None:
        """The file that `kubeconfig` names: relative to the project, `~` being the home directory."""
        return Path(self.kubeconfig).expanduser() if self.kubeconfig else None

    @property
    def args(self) -> ClusterArgs:
        """The same, for the provider; a kubeconfig is read now, for its path would differ from machine to machine."""
        file = self.kubeconfig_file
        return {
            "aks": {"resource_group": self.aks.resource_group, "name": self.aks.name} if self.aks else None,
            "stack": self.stack,
            "output": self.output,
            "kubeconfig": file.read_text() if file else None,
            "context": self.context,
            "identity": self.model_dump_json(by_alias=True, exclude_none=True),
        }


class SmbDriverSettings(Section):
    """anf-smb:smbDriver; enabled: false for a cluster that has the driver already. Default: if there are volumes."""

    enabled: bool | None = None
    version: Annotated[str, obeys(rules.DRIVER_VERSION)] = "1.20.3"
    repository: Annotated[str, obeys(rules.REPOSITORY)] | None = None
    namespace: Namespace = "kube-system"
    values: dict[str, Any] = {}


class TridentSettings(Section):
    """anf-smb:trident; enabled: false for a cluster that has Trident already. Default: if there are dynamicClaims."""

    enabled: bool | None = None
    version: Annotated[str, obeys(trident_rules.VERSION)] = "100.2606.0"
    authentication: Annotated[str, obeys(trident_rules.AUTHENTICATION)] = trident_rules.WORKLOAD_IDENTITY
    client_id: Annotated[str, obeys(rules.GUID)] | None = None
    tenant_id: Annotated[str, obeys(rules.GUID)] | None = None
    role_assignment: bool = True
    repository: Annotated[str, obeys(rules.REPOSITORY)] | None = None
    namespace: Namespace = "trident"
    values: dict[str, Any] = {}
    any_kubernetes: bool = False
    nas_type: Annotated[str, obeys(trident_rules.NAS_TYPE)] = "smb"
    credentials_namespace: Namespace = "smb-dynamic"
    reclaim_policy: Annotated[str, obeys(trident_rules.RECLAIM_POLICY)] = "Retain"
    wipeout: bool = False

    @property
    def makes_identity(self) -> bool:
        """Whether the stack makes the identity that Trident signs in as."""
        return self.authentication == trident_rules.WORKLOAD_IDENTITY and self.client_id is None


class DynamicClaimSettings(Section):
    """One of anf-smb:dynamicClaims."""

    name: Annotated[str, obeys(rules.VOLUME_NAME)]
    size_gib: Annotated[int, obeys(trident_rules.CLAIM_SIZE_GIB)] = Field(alias="sizeGiB")
    namespace: Namespace = "smb-dynamic"
    claim: Annotated[str, obeys(rules.OBJECT_NAME)] | None = None

    @property
    def claim_name(self) -> str:
        """The claim's name."""
        return self.claim or f"anf-pvc-{self.name}"


class TimeoutSettings(Section):
    """anf-smb:timeouts: how long each thing may take that Azure or Kubernetes is asked for."""

    azure_minutes: Minutes = 30
    kubernetes_minutes: Minutes = 15
