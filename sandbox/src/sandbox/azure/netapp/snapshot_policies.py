"""Snapshot policies: the schedules of an account, which its volumes refer to. A policy that a volume has cannot go.

What Azure answers: the recordings of azure-cli's tests (netappfiles/tests/latest/recordings, *_snapshot_polic*.yaml).
That it refuses to delete a policy in use, and how that text begins: azurerm's netapp_snapshot_policy_resource.go.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Desired, Draft
from sandbox.azure.netapp import refusals
from sandbox.azure.netapp.data_protection import policy_key
from sandbox.azure.netapp.limits import SNAPSHOTS_PER_VOLUME
from sandbox.azure.netapp.netapp_type import NetAppType
from sandbox.azure.shapes import mapping
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

SNAPSHOT_POLICIES: Final = "Microsoft.NetApp/netAppAccounts/snapshotPolicies"

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RANGES: Final = {"snapshotsToKeep": (0, SNAPSHOTS_PER_VOLUME), "hour": (0, 23), "minute": (0, 59)}
_DAYS: Final = {"day": _WEEKDAYS, "daysOfMonth": tuple(str(day) for day in range(1, 32))}
_SCHEDULES: Final = {
    "hourlySchedule": ("snapshotsToKeep", "minute"),
    "dailySchedule": ("snapshotsToKeep", "hour", "minute"),
    "weeklySchedule": ("snapshotsToKeep", "day", "hour", "minute"),
    "monthlySchedule": ("snapshotsToKeep", "daysOfMonth", "hour", "minute"),
}
_KNOWN: Final = ("provisioningState", "enabled", *_SCHEDULES)


def volumes_with(model: "Model", policy: Resource) -> list[Resource]:
    """The volumes that have a policy, those that are being made or deleted included."""
    volumes = model.store.of_type("Microsoft.NetApp/netAppAccounts/capacityPools/volumes", policy.id.subscription)
    return [volume for volume in volumes if policy_key(volume.properties) == policy.id.key]


class SnapshotPolicies(NetAppType):
    """Microsoft.NetApp/netAppAccounts/snapshotPolicies, with the volumes that have one listed below it."""

    name = SNAPSHOT_POLICIES
    listings: ClassVar = {"volumes": volumes_with}

    def check_name(self, resource_id: ResourceId) -> None:
        """1 to 64 letters, digits, hyphens and underscores."""
        refusals.check_name(resource_id, r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,63}")

    def create(self, model: "Model", resource_id: ResourceId, desired: Desired) -> Draft:
        """In its account's region."""
        account = model.store.find(resource_id.parent.key)
        if account is None or account.location != desired.location:
            raise ArmError(
                400, "InvalidLocation", "The property: Location for SnapshotPolicy must be the same as NetAppAccount"
            )
        return _draft({}, desired)

    def update(self, model: "Model", resource: Resource, desired: Desired) -> Draft:
        """A PUT takes away the schedules that it does not name, a PATCH leaves them."""
        return _draft(resource.properties if desired.partial else {}, desired)

    def check_delete(self, model: "Model", resource: Resource) -> None:
        """Not while a volume has it."""
        if users := volumes_with(model, resource):
            raise ArmError(
                409,
                "SnapshotPolicyInUse",
                f"SnapshotPolicy is used by volume '{users[0].id.full_name}' and cannot be deleted.",
            )
        super().check_delete(model, resource)


def _draft(before: dict[str, Any], desired: Desired) -> Draft:
    wanted = desired.properties
    refusals.check_known(wanted, _KNOWN)
    properties: dict[str, Any] = {
        "enabled": refusals.flag({**before, **wanted}, "enabled", default=True),
        **{name: before[name] for name in _SCHEDULES if name in before},
    }
    for name, fields in _SCHEDULES.items():
        if given := mapping(wanted.get(name), name):
            refusals.check_known(given, (*fields, "usedBytes"))
            properties[name] = _schedule({**before.get(name, {}), **given}, fields)
    kept = sum(properties[name]["snapshotsToKeep"] for name in _SCHEDULES if name in properties)
    if kept > SNAPSHOTS_PER_VOLUME:
        raise refusals.invalid(
            kept, "snapshotsToKeep", f"All schedules together can keep {SNAPSHOTS_PER_VOLUME} snapshots."
        )
    return Draft(properties, envelope=desired.envelope)


def _schedule(wanted: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    schedule: dict[str, Any] = {}
    for name in fields:
        if wanted.get(name) is None:
            raise refusals.missing(name)
        if name in _DAYS:
            schedule[name] = _days(wanted, name, _DAYS[name])
            continue
        value, (least, most) = refusals.integer(wanted, name), _RANGES[name]
        if value is None or not least <= value <= most:
            raise refusals.invalid(wanted[name], name, f"It must be between {least} and {most}.")
        schedule[name] = value
    return schedule


def _days(wanted: dict[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = wanted[name]
    listed = value.split(",") if isinstance(value, str) else []
    if not listed or not set(listed) <= set(known):
        raise refusals.invalid(value, name, f"It must be a comma separated list of {known[0]} to {known[-1]}.")
    return ",".join(listed)
