"""Quota limits and usages of a region.

Names and figures: recorded by azure-powershell (TestQuotaLimit), a subscription with default limits. The first API
version of usages: the same tests (TestGetUsages).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sandbox.azure.api_versions import NETAPP_USAGES, is_supported
from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ACCOUNTS, CAPACITY_POOLS, VOLUMES
from sandbox.azure.model import Model
from sandbox.azure.netapp import limits
from sandbox.azure.netapp.limits import TIB
from sandbox.azure.store import Resource

LIMITS: Final = "quotaLimits"
USAGES: Final = "usages"
_TIBS: Final = "totalTiBsPerSubscription"


@dataclass(frozen=True)
class _Quota:
    """One quota; `used` counts what a region has of it, where it is a subscription's."""

    default: int
    used: Callable[[Model, str, str], int] | None = None


def _count(kind: str, wanted: Callable[[Resource], bool] = bool) -> Callable[[Model, str, str], int]:
    def used(model: Model, subscription: str, location: str) -> int:
        found = model.store.of_type(kind, Criteria(subscription, location=location))
        return sum(wanted(each) for each in found)

    return used


def _tebibytes(model: Model, subscription: str, location: str) -> int:
    pools = model.store.of_type(CAPACITY_POOLS, Criteria(subscription, location=location))
    return sum(pool.properties["size"] for pool in pools) // TIB


def _has_backup(volume: Resource) -> bool:
    return "backup" in volume.properties.get("dataProtection", {})


def _has_cool_access(volume: Resource) -> bool:
    return bool(volume.properties["coolAccess"])


_QUOTAS: Final = {
    "accountsPerSubscription": _Quota(limits.ACCOUNTS_PER_REGION, _count(ACCOUNTS)),
    "poolsPerAccount": _Quota(limits.POOLS_PER_ACCOUNT),
    "snapshotsPerVolume": _Quota(limits.SNAPSHOTS_PER_VOLUME),
    "totalBackupEnabledVolumesPerSubscription": _Quota(5, _count(VOLUMES, _has_backup)),
    "totalCoolAccessVolumesPerSubscription": _Quota(10, _count(VOLUMES, _has_cool_access)),
    "totalDPVolumesPerSubscription": _Quota(10),
    _TIBS: _Quota(25, _tebibytes),
    "totalVolumesPerSubscription": _Quota(500, _count(VOLUMES)),
    "volumesPerPool": _Quota(limits.VOLUMES_PER_POOL),
}


def _limits_of(model: Model, subscription: str, location: str, version: str) -> dict[str, Any]:
    """Return the quota limits of a region by name."""
    shown = {name: _limit(model, subscription, location, name, quota) for name, quota in _QUOTAS.items()}
    if not is_supported(version, NETAPP_USAGES):
        # Guess: Quota limits show what is used from the API version on that has usages.
        for each in shown.values():
            each["properties"].pop("usage", None)
    return shown


def _usages_of(model: Model, subscription: str, location: str, version: str) -> dict[str, Any]:
    """Return the usages of a region by name: of the quotas that are a subscription's."""
    counted = {name: quota for name, quota in _QUOTAS.items() if quota.used}
    return {name: _usage(model, subscription, location, name, quota) for name, quota in counted.items()}


_ANSWERS: Final = {LIMITS: _limits_of, USAGES: _usages_of}


def answer(model: Model, subscription: str, location: str, kind: str, name: str, version: str) -> dict[str, Any]:
    """Return all quota limits or usages of a region, or the one of a name."""
    shown = {each.lower(): value for each, value in _ANSWERS[kind](model, subscription, location, version).items()}
    if not name:
        return {"value": list(shown.values())}
    if name.lower() not in shown:
        # Guess: The words with which Azure refuses a quota that it does not have.
        raise ArmError(404, "QuotaLimitNotFound", f"The quota limit '{name}' was not found in {location}.")
    return shown[name.lower()]


def _limit(model: Model, subscription: str, location: str, name: str, quota: _Quota) -> dict[str, Any]:
    current = model.capacity_quota_tib if name == _TIBS else quota.default
    properties = {"current": current, "default": quota.default}
    if quota.used:
        properties["usage"] = quota.used(model, subscription, location)
    return {
        "id": _id(subscription, location, LIMITS, name),
        "name": f"{location}/{name}",
        "type": f"Microsoft.NetApp/locations/{LIMITS}",
        "properties": properties,
    }


def _usage(model: Model, subscription: str, location: str, name: str, quota: _Quota) -> dict[str, Any]:
    limit = _limit(model, subscription, location, name, quota)["properties"]
    # Guess: The localized name of a usage is its name; no answer is recorded.
    return {
        "id": _id(subscription, location, USAGES, name),
        "name": {"value": name, "localizedValue": name},
        "properties": {"currentValue": limit["usage"], "limit": limit["current"], "unit": "Count"},
    }


def _id(subscription: str, location: str, kind: str, name: str) -> str:
    return f"/subscriptions/{subscription}/providers/Microsoft.NetApp/locations/{location}/{kind}/{name}"
