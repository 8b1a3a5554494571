"""Snapshot policies: the schedules of an account, which its volumes refer to. A policy that a volume has cannot go.

What Azure answers: the recordings of azure-cli's tests (netappfiles/tests/latest/recordings, *_snapshot_polic*.yaml).
That it refuses to delete a policy in use, and how that text begins: azurerm's netapp_snapshot_policy_resource.go.
A PUT of a volume that names no policy takes it off the volume (github.com/ANFTechTeam/ANFCapacityManager, issue 6); a
PATCH does so with an empty id (azurerm's netapp_volume_resource.go).
"""

from typing import Any, ClassVar, Final

from azure.mgmt.netapp import models

from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import SNAPSHOT_POLICIES, VOLUMES, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.netapp.limits import SNAPSHOTS_PER_VOLUME
from sandbox.azure.netapp.netapp_type import NetAppType, check_location
from sandbox.azure.netapp.properties import Properties, flag, integer, invalid, missing
from sandbox.azure.shapes import mapping
from sandbox.azure.store import Resource

_PROPERTIES: Final = Properties(models.SnapshotPolicyProperties)
_SCHEDULES: Final = {
    "hourlySchedule": Properties(models.HourlySchedule),
    "dailySchedule": Properties(models.DailySchedule),
    "weeklySchedule": Properties(models.WeeklySchedule),
    "monthlySchedule": Properties(models.MonthlySchedule),
}
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RANGES: Final = {"snapshotsToKeep": (0, SNAPSHOTS_PER_VOLUME), "hour": (0, 23), "minute": (0, 59)}
_DAYS: Final = {"day": _WEEKDAYS, "daysOfMonth": tuple(str(day) for day in range(1, 32))}

_POLICY: Final = "snapshotPolicyId"


def volumes_with(model: Model, policy: Resource) -> list[Resource]:
    volumes = model.store.of_type(VOLUMES, Criteria(policy.id.subscription))
    return [volume for volume in volumes if _policy_key(volume) == policy.id.key]


class SnapshotPolicies(NetAppType):
    """Microsoft.NetApp/netAppAccounts/snapshotPolicies, with the volumes that have one listed below it."""

    name = SNAPSHOT_POLICIES
    listings: ClassVar = {"volumes": volumes_with}

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        check_location("SnapshotPolicy", desired, model.store.existing(resource_id.parent.key), "NetAppAccount")
        return _draft({}, desired)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        """Delete the schedules that a PUT does not name; a PATCH leaves them."""
        return _draft(resource.properties if desired.partial else {}, desired)

    def check_delete(self, model: Model, resource: Resource) -> None:
        if users := volumes_with(model, resource):
            # Guess: The code and the end of the text with which Azure keeps a snapshot policy that a volume has.
            text = f"SnapshotPolicy is used by volume '{users[0].id.full_name}' and cannot be deleted."
            raise ArmError(409, "SnapshotPolicyInUse", text)
        super().check_delete(model, resource)


def _policy_key(volume: Resource) -> str | None:
    policy = volume.properties.get("dataProtection", {}).get("snapshot", {}).get(_POLICY)
    return policy.lower() if policy else None


def _draft(before: dict[str, Any], desired: Desired) -> Draft:
    wanted = desired.properties
    _PROPERTIES.check(wanted)
    schedules: dict[str, Any] = {name: before[name] for name in _SCHEDULES if name in before}
    for name, fields in _SCHEDULES.items():
        if given := mapping(wanted.get(name), name):
            fields.check(given)
            schedules[name] = _schedule({**before.get(name, {}), **given}, fields)
    kept = sum(schedule["snapshotsToKeep"] for schedule in schedules.values())
    if kept > SNAPSHOTS_PER_VOLUME:
        raise invalid(kept, "snapshotsToKeep", f"All schedules together can keep {SNAPSHOTS_PER_VOLUME} snapshots.")
    enabled = flag({**before, **wanted}, "enabled", default=True)
    return Draft({"enabled": enabled, **schedules}, envelope=desired.envelope)


def _schedule(wanted: dict[str, Any], fields: Properties) -> dict[str, Any]:
    schedule: dict[str, Any] = {}
    for name in fields.names:
        if name == "usedBytes":  # A request may name it; what it says is Azure's to say.
            continue
        if wanted.get(name) is None:
            raise missing(name)
        schedule[name] = value = wanted[name]
        if (known := _DAYS.get(name)) is None:
            schedule[name], (least, most) = integer(wanted, name), _RANGES[name]
            if not least <= schedule[name] <= most:
                raise invalid(value, name, f"It must be between {least} and {most}.")
        elif not isinstance(value, str) or not set(value.split(",")) <= set(known):
            raise invalid(value, name, f"It must be a comma separated list of {known[0]} to {known[-1]}.")
    return schedule
