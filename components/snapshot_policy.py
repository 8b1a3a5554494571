"""A snapshot policy: when Azure takes snapshots of volumes, and how many it keeps."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import netapp

from components import rules
from components.guest.azure_types import AzureType
from components.guest.created_before import CreatedBefore
from components.guest.existing_objects import refuse_existing
from components.guest.kept_settings import KeptSettings
from components.netapp_account import AccountRef
from components.rules import snapshots as snapshot_rules
from components.rules.tags import check_tags
from components.support.lookup import looked_up
from components.support.options import Limits, child_options
from components.support.references import fields

SNAPSHOT_POLICY: Final = AzureType(
    title="The snapshot policy",
    look_up="azure-native:netapp:getSnapshotPolicy",
    names=("resourceGroupName", "accountName", "snapshotPolicyName"),
    inputs=netapp.SnapshotPolicyArgs,
    no_settings=("location",),
)


class HourlyScheduleArgs(TypedDict):
    """A snapshot each hour."""

    snapshots_to_keep: pulumi.Input[int]
    """How many snapshots Azure keeps, 1 to 255; it deletes the oldest."""
    minute: pulumi.Input[int]
    """The minute past the hour, 0 to 59."""


class DailyScheduleArgs(TypedDict):
    """A snapshot each day."""

    snapshots_to_keep: pulumi.Input[int]
    """How many snapshots Azure keeps, 1 to 255; it deletes the oldest."""
    hour: pulumi.Input[int]
    """The hour in UTC, 0 to 23."""
    minute: pulumi.Input[int]
    """The minute past the hour, 0 to 59."""


class WeeklyScheduleArgs(TypedDict):
    """A snapshot on some days of each week."""

    snapshots_to_keep: pulumi.Input[int]
    """How many snapshots Azure keeps, 1 to 255; it deletes the oldest."""
    day: pulumi.Input[str]
    """The days, by their English names: Sunday, or Monday,Thursday."""
    hour: pulumi.Input[int]
    """The hour in UTC, 0 to 23."""
    minute: pulumi.Input[int]
    """The minute past the hour, 0 to 59."""


class MonthlyScheduleArgs(TypedDict):
    """A snapshot on some days of each month."""

    snapshots_to_keep: pulumi.Input[int]
    """How many snapshots Azure keeps, 1 to 255; it deletes the oldest."""
    days_of_month: pulumi.Input[str]
    """The days, 1 to 31: "1", or "1,15". A month without such a day has no snapshot."""
    hour: pulumi.Input[int]
    """The hour in UTC, 0 to 23."""
    minute: pulumi.Input[int]
    """The minute past the hour, 0 to 59."""


class SnapshotPolicyArgs(TypedDict):
    """Arguments of `SnapshotPolicy`."""

    account: pulumi.Input[AccountRef]
    """The account of the policy and of its volumes."""
    name: pulumi.Input[str]
    """The policy's plain name in Azure, not account/policy."""
    hourly_schedule: NotRequired[HourlyScheduleArgs | None]
    """Snapshots each hour."""
    daily_schedule: NotRequired[DailyScheduleArgs | None]
    """Snapshots each day."""
    weekly_schedule: NotRequired[WeeklyScheduleArgs | None]
    """Snapshots on days of the week."""
    monthly_schedule: NotRequired[MonthlyScheduleArgs | None]
    """Snapshots on days of the month."""
    enabled: NotRequired[pulumi.Input[bool]]
    """Take snapshots. Default: true."""
    existing: NotRequired[bool]
    """Use the policy of this name, and never change or delete it. Default: false, the component creates it."""
    tags: NotRequired[pulumi.Input[dict[str, str] | None]]
    """Tags of a policy to create, by their names. Tags that others put on it stay. Default: none."""


_RULES: Final = {
    "snapshots_to_keep": snapshot_rules.SNAPSHOTS_TO_KEEP,
    "minute": snapshot_rules.MINUTE,
    "hour": snapshot_rules.HOUR,
    "day": snapshot_rules.DAYS_OF_WEEK,
    "days_of_month": snapshot_rules.DAYS_OF_MONTH,
}


class SnapshotPolicy(pulumi.ComponentResource):
    """A snapshot policy, created or existing; a preview fails when an existing one is missing.

    It can change in place. It is not protected: its snapshots outlive it, and Azure refuses to delete it while a volume
    has it. It has at least one schedule, and its schedules keep 255 snapshots together at most. Trident gives its
    volumes no policy. Values that Azure would refuse are an error.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/snapshots-manage-policy
    """

    policy_id: pulumi.Output[str]
    """The policy's resource id, for volumes."""

    def __init__(self, name: str, args: SnapshotPolicyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        created, existing = CreatedBefore(netapp.SnapshotPolicy), args.get("existing", False)
        super().__init__("anf-smb:index:SnapshotPolicy", name, {}, created.options(opts) if existing else opts)
        rules.check_args("SnapshotPolicy", args, {"name": snapshot_rules.POLICY_NAME})
        check_tags("SnapshotPolicy", args.get("tags"))
        account = fields(args["account"], AccountRef)
        settings = KeptSettings(self, f"{name}-policy", SNAPSHOT_POLICY)
        if existing:
            created.forget(self)
            self.policy_id = looked_up(
                "The existing snapshot policy",
                netapp.get_snapshot_policy_output(
                    resource_group_name=account["resource_group_name"],
                    account_name=account["name"],
                    snapshot_policy_name=args["name"],
                    opts=pulumi.InvokeOutputOptions(parent=self),
                ),
                "name one that exists in its account and that you may read, or let the stack create it",
            ).id
        else:
            hourly, daily = args.get("hourly_schedule"), args.get("daily_schedule")
            weekly, monthly = args.get("weekly_schedule"), args.get("monthly_schedule")
            _check_schedules({"hourly": hourly, "daily": daily, "weekly": weekly, "monthly": monthly})
            policy = netapp.SnapshotPolicy(
                f"{name}-policy",
                resource_group_name=account["resource_group_name"],
                account_name=account["name"],
                snapshot_policy_name=args["name"],
                tags=args.get("tags"),
                enabled=args.get("enabled", True),
                hourly_schedule={**hourly} if hourly else None,
                daily_schedule={**daily} if daily else None,
                weekly_schedule={**weekly} if weekly else None,
                monthly_schedule={**monthly} if monthly else None,
                opts=settings.options(
                    child_options(
                        self,
                        opts,
                        limits=Limits.of(opts, 30),
                        before_create=refuse_existing(f"{name}-policy-exists", self, "snapshot policy"),
                    )
                ),
            )
            self.policy_id = policy.id
        self.register_outputs({"policyId": self.policy_id, **settings.outputs(self.policy_id)})


def _check_schedules(schedules: Mapping[str, Mapping[str, Any] | None]) -> None:
    given = {name: schedule for name, schedule in schedules.items() if schedule}
    if not given:
        named = ", ".join(rules.argument("SnapshotPolicy", f"{name}_schedule") for name in schedules)
        raise rules.InvalidArgsError(f"SnapshotPolicy: at least one schedule is needed: {named}")
    for name, schedule in given.items():
        rules.check_args(f"SnapshotPolicy.{name}_schedule", schedule, _RULES)
    counts = [schedule["snapshots_to_keep"] for schedule in given.values()]
    if all(isinstance(count, int) for count in counts) and (allowed := snapshot_rules.too_many_snapshots(counts)):
        raise rules.InvalidArgsError(f"SnapshotPolicy: allowed: {allowed} ({rules.LIMITS})")
