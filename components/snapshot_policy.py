"""A snapshot policy: when Azure takes snapshots of the volumes that have it, and how many of them it keeps."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import netapp

from components import rules, snapshot_rules
from components.child_options import child_options
from components.lookup import looked_up


class HourlyScheduleArgs(TypedDict):
    """A snapshot each hour."""

    snapshots_to_keep: pulumi.Input[int]
    """How many of them are kept, 1 to 255; the oldest goes."""
    minute: pulumi.Input[int]
    """At which minute past the hour, 0 to 59."""


class DailyScheduleArgs(TypedDict):
    """A snapshot each day."""

    snapshots_to_keep: pulumi.Input[int]
    """How many of them are kept, 1 to 255; the oldest goes."""
    hour: pulumi.Input[int]
    """At which hour in UTC, 0 to 23."""
    minute: pulumi.Input[int]
    """At which minute past the hour, 0 to 59."""


class WeeklyScheduleArgs(TypedDict):
    """A snapshot on some days of each week."""

    snapshots_to_keep: pulumi.Input[int]
    """How many of them are kept, 1 to 255; the oldest goes."""
    day: pulumi.Input[str]
    """On which days, by their English names: Sunday, or Monday,Thursday."""
    hour: pulumi.Input[int]
    """At which hour in UTC, 0 to 23."""
    minute: pulumi.Input[int]
    """At which minute past the hour, 0 to 59."""


class MonthlyScheduleArgs(TypedDict):
    """A snapshot on some days of each month."""

    snapshots_to_keep: pulumi.Input[int]
    """How many of them are kept, 1 to 255; the oldest goes."""
    days_of_month: pulumi.Input[str]
    """On which days, 1 to 31: "1", or "1,15". A month that has no such day is left out."""
    hour: pulumi.Input[int]
    """At which hour in UTC, 0 to 23."""
    minute: pulumi.Input[int]
    """At which minute past the hour, 0 to 59."""


class SnapshotPolicyArgs(TypedDict):
    """Arguments of `SnapshotPolicy`."""

    resource_group_name: pulumi.Input[str]
    """The resource group of the account."""
    account_name: pulumi.Input[str]
    """The account of the policy, and of the volumes that may have it."""
    policy_name: pulumi.Input[str]
    """Its name in Azure: the plain name, not account/policy."""
    hourly_schedule: NotRequired[HourlyScheduleArgs | None]
    """Snapshots each hour."""
    daily_schedule: NotRequired[DailyScheduleArgs | None]
    """Snapshots each day."""
    weekly_schedule: NotRequired[WeeklyScheduleArgs | None]
    """Snapshots on days of the week."""
    monthly_schedule: NotRequired[MonthlyScheduleArgs | None]
    """Snapshots on days of the month."""
    enabled: NotRequired[pulumi.Input[bool]]
    """Whether snapshots are taken. Default: true."""
    existing: NotRequired[bool]
    """Use the policy that has this name as it is, and leave it alone. Default: false, it is made."""
    timeout_minutes: NotRequired[int]
    """How long Azure may take. Default: 30."""


_RULES: Final = {
    "snapshots_to_keep": snapshot_rules.SNAPSHOTS_TO_KEEP,
    "minute": snapshot_rules.MINUTE,
    "hour": snapshot_rules.HOUR,
    "day": snapshot_rules.DAYS_OF_WEEK,
    "days_of_month": snapshot_rules.DAYS_OF_MONTH,
}


class SnapshotPolicy(pulumi.ComponentResource):
    """A snapshot policy, made or brought along; one that is brought along must exist, or the preview fails.

    It may change in place. It is not protected: snapshots that it has taken stay when it goes, and Azure refuses to
    delete it while a volume has it. The schedules keep 255 snapshots together at most, and there is at least one of
    them. Volumes of claims have no policy: Trident gives them none.

    Raises `rules.InvalidArgsError` for values that Azure would refuse.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/snapshots-manage-policy
    """

    policy_id: pulumi.Output[str]
    """Its resource id, for the volumes that have it."""

    def __init__(self, name: str, args: SnapshotPolicyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:SnapshotPolicy", name, {}, opts)
        rules.check_args("SnapshotPolicy", args, {"policy_name": snapshot_rules.POLICY_NAME})
        if args.get("existing", False):
            self.policy_id = looked_up(
                "The snapshot policy that is brought along",
                netapp.get_snapshot_policy_output(
                    resource_group_name=args["resource_group_name"],
                    account_name=args["account_name"],
                    snapshot_policy_name=args["policy_name"],
                    opts=pulumi.InvokeOutputOptions(parent=self),
                ),
                "name one that exists in its account and may be read, or let this stack make it",
            ).id
        else:
            hourly, daily = args.get("hourly_schedule"), args.get("daily_schedule")
            weekly, monthly = args.get("weekly_schedule"), args.get("monthly_schedule")
            _check_schedules({"hourly": hourly, "daily": daily, "weekly": weekly, "monthly": monthly})
            policy = netapp.SnapshotPolicy(
                f"{name}-policy",
                resource_group_name=args["resource_group_name"],
                account_name=args["account_name"],
                snapshot_policy_name=args["policy_name"],
                enabled=args.get("enabled", True),
                hourly_schedule={**hourly} if hourly else None,
                daily_schedule={**daily} if daily else None,
                weekly_schedule={**weekly} if weekly else None,
                monthly_schedule={**monthly} if monthly else None,
                opts=child_options(self, timeout_minutes=args.get("timeout_minutes", 30)),
            )
            self.policy_id = policy.id
        self.register_outputs({"policyId": self.policy_id})


def _check_schedules(schedules: Mapping[str, Mapping[str, Any] | None]) -> None:
    given = {name: schedule for name, schedule in schedules.items() if schedule}
    if not given:
        raise rules.InvalidArgsError(
            "SnapshotPolicy: one of hourly_schedule, daily_schedule, weekly_schedule and monthly_schedule is needed"
        )
    for name, schedule in given.items():
        rules.check_args(f"SnapshotPolicy.{name}_schedule", schedule, _RULES)
    counts = [schedule["snapshots_to_keep"] for schedule in given.values()]
    if all(isinstance(count, int) for count in counts) and (allowed := snapshot_rules.too_many_snapshots(counts)):
        raise rules.InvalidArgsError(f"SnapshotPolicy: allowed: {allowed} ({rules.LIMITS})")
