"""The section anf-smb:snapshotPolicies, and the rules in policies, between them, and with their volumes."""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any

from pydantic.alias_generators import to_snake

from components.rules import snapshots as snapshot_rules
from components.snapshot_policy import SnapshotPolicyArgs
from configuration.errors import Problem, missing_key, shown
from configuration.section import Section, obeys
from configuration.tags import TaggedSection
from configuration.volumes import VolumeSettings

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


class SnapshotPolicySettings(TaggedSection):
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


Policies = Mapping[int, SnapshotPolicySettings]
"""Snapshot policies by their place in the list."""


def snapshot_inconsistencies(
    parts: Mapping[str, Any], policies: Policies, volumes: Mapping[int, VolumeSettings], given: Collection[str]
) -> Iterator[Problem]:
    """Yield each contradiction between valid policies and volumes."""
    account = parts.get("account")
    first: dict[str, int] = {}
    for index, policy in policies.items():
        key = f"anf-smb:snapshotPolicies[{index}]"
        yield from _existing(key, policy) if policy.existing else _new(key, policy)
        if policy.existing and account and not account.existing:
            yield Problem(
                f"{key}.existing",
                "is true",
                "true only when anf-smb:account.existing is true",
                "pulumi config set --path 'anf-smb:account.existing' true, or let this stack create the policy",
            )
        same = first.setdefault(policy.name.lower(), index)
        if same != index:
            yield Problem(
                f"{key}.name",
                f"is the same as that of anf-smb:snapshotPolicies[{same}]",
                "a name that no other policy has",
            )
    broken = "snapshotPolicies" in given and "snapshot_policies" not in parts
    if not broken:
        yield from _named({policy.name for policy in policies.values()}, volumes)


def _new(key: str, policy: SnapshotPolicySettings) -> Iterator[Problem]:
    if not policy.schedules:
        listed = ", ".join(snapshot_rules.SCHEDULES)
        yield Problem(
            key,
            "has no schedule",
            f"one or more of {listed}",
            f"pulumi config set --path '{key}.dailySchedule' …, or edit the stack file",
        )
    allowed = snapshot_rules.too_many_snapshots(each.snapshots_to_keep for each in policy.schedules.values())
    if allowed:
        yield Problem(key, "keeps too many snapshots", allowed, "reduce snapshotsToKeep of some schedules")


def _existing(key: str, policy: SnapshotPolicySettings) -> Iterator[Problem]:
    for name in (*policy.schedules, *(["enabled"] if "enabled" in policy.model_fields_set else [])):
        yield Problem(f"{key}.{name}", "is set", "nothing: an existing policy keeps its own", "remove it")


def _named(names: Collection[str], volumes: Mapping[int, VolumeSettings]) -> Iterator[Problem]:
    """Check that each policy that a volume names is in the list."""
    for index, volume in volumes.items():
        if volume.snapshot_policy is None or volume.snapshot_policy in names:
            continue
        key = f"anf-smb:volumes[{index}].snapshotPolicy"
        what = f"is {shown(volume.snapshot_policy)}"
        if names:
            yield Problem(key, what, f"the name of one of anf-smb:snapshotPolicies: {', '.join(sorted(names))}")
        else:
            example = "[{name: daily, dailySchedule: {snapshotsToKeep: 7, hour: 1, minute: 0}}]"
            yield missing_key("anf-smb:snapshotPolicies", f"{example}, for {key}")
