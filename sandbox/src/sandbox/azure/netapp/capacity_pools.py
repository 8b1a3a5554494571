"""Capacity pools: size, service level, QoS, and what the volumes in them bind them to."""

import uuid
from typing import TYPE_CHECKING, Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Desired, Draft
from sandbox.azure.netapp import refusals
from sandbox.azure.netapp.limits import (
    FLEXIBLE_MIBPS,
    POOL_TIB,
    POOLS_PER_ACCOUNT,
    SERVICE_LEVELS,
    SMALL_POOL_TIB,
    TIB,
)
from sandbox.azure.netapp.netapp_type import NetAppType
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

CAPACITY_POOLS: Final = "Microsoft.NetApp/netAppAccounts/capacityPools"

_READ_ONLY: Final = ("poolId", "totalThroughputMibps", "utilizedThroughputMibps")
_KNOWN: Final = (
    *_READ_ONLY,
    "provisioningState",
    "size",
    "serviceLevel",
    "customThroughputMibps",
    "qosType",
    "coolAccess",
    "encryptionType",
)


class CapacityPools(NetAppType):
    """Microsoft.NetApp/netAppAccounts/capacityPools. Its PUT is followed by the Location header."""

    name = CAPACITY_POOLS
    put_by_location = True

    def check_name(self, resource_id: ResourceId) -> None:
        """1 to 64 letters, digits, hyphens and underscores."""
        refusals.check_name(resource_id, r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,63}")

    def create(self, model: "Model", resource_id: ResourceId, desired: Desired) -> Draft:
        """In its account's region, within the quotas of account and region."""
        account = model.store.find(resource_id.parent.key)
        if account is None or account.location != desired.location:
            raise ArmError(
                400, "InvalidLocation", "The property: Location for CapacityPool must be the same as NetAppAccount"
            )
        count = sum(child.id.type.lower() == CAPACITY_POOLS.lower() for child in model.store.children(account.id.key))
        if count >= POOLS_PER_ACCOUNT:
            raise refusals.quota("capacityPool", POOLS_PER_ACCOUNT, "netAppAccount", count)
        refusals.refuse_read_only(desired.properties, _READ_ONLY)
        draft = self._draft(model, None, desired)
        _check_region_quota(model, resource_id, desired.location, draft.properties["size"])
        draft.properties["poolId"] = str(uuid.uuid4())
        return draft

    def update(self, model: "Model", resource: Resource, desired: Desired) -> Draft:
        """Not smaller than its volumes together; level and encryption as they were."""
        draft = self._draft(model, resource, desired)
        before, after = resource.properties, draft.properties
        volumes = model.store.children(resource.id.key)
        if after["serviceLevel"] != before["serviceLevel"] and volumes:
            raise refusals.unchangeable("ServiceLevel")
        if after["encryptionType"] != before["encryptionType"]:
            raise refusals.unchangeable("EncryptionType")
        if before["qosType"] == "Manual" and after["qosType"] == "Auto":
            raise refusals.unchangeable("QosType", "QosType cannot be changed from Manual to Auto.")
        if after["size"] < sum(volume.properties["usageThreshold"] for volume in volumes):
            raise pool_too_small()
        if after["size"] < SMALL_POOL_TIB * TIB:
            for volume in volumes:
                refuse_basic_in_small_pool(volume.properties["networkFeatures"], after["size"])
        if after["qosType"] == "Manual" and total_mibps(after) < sum(
            assigned_mibps(v.properties, before) for v in volumes
        ):
            raise throughput_not_available()
        if after["size"] > before["size"]:
            _check_region_quota(model, resource.id, resource.location, after["size"])
        after["poolId"] = before["poolId"]
        return draft

    def applied(self, model: "Model", resource: Resource, desired: Desired) -> None:
        """When QoS becomes manual, each volume keeps the throughput that its size gave it."""
        if resource.properties["qosType"] == "Manual":
            for volume in model.store.children(resource.id.key):
                if "throughputMibps" not in volume.properties:
                    volume.properties["throughputMibps"] = assigned_mibps(
                        volume.properties, {**resource.properties, "qosType": "Auto"}
                    )
                    model.store.save(volume)

    def show(self, model: "Model", resource: Resource) -> dict[str, Any]:
        """With its throughput, which follows its size and its volumes."""
        pool = resource.properties
        used = sum(assigned_mibps(v.properties, pool) for v in model.store.children(resource.id.key))
        return {**pool, "totalThroughputMibps": total_mibps(pool), "utilizedThroughputMibps": used}

    def _draft(self, model: "Model", current: Resource | None, desired: Desired) -> Draft:
        before: dict[str, Any] = current.properties if current else {}
        kept = before if desired.partial else {}
        shown = self.show(model, current) if current else None
        refusals.check_known(desired.properties, _KNOWN, shown and {"poolId": shown["poolId"]})
        wanted = {**kept, **desired.properties}
        size, level = _size(wanted), wanted.get("serviceLevel")
        if not level:
            raise refusals.missing("serviceLevel")
        level = refusals.choice(wanted, "serviceLevel", SERVICE_LEVELS, "")
        properties: dict[str, Any] = {
            "size": size,
            "serviceLevel": level,
            "qosType": refusals.choice(
                wanted, "qosType", ("Auto", "Manual"), "Manual" if level == "Flexible" else "Auto"
            ),
            "coolAccess": refusals.flag(wanted, "coolAccess", default=False),
            "encryptionType": refusals.choice(wanted, "encryptionType", ("Single", "Double"), "Single"),
        }
        custom = refusals.number(wanted, "customThroughputMibps")
        if level == "Flexible":
            least, most = FLEXIBLE_MIBPS[0], FLEXIBLE_MIBPS[1] * size / TIB
            properties["customThroughputMibps"] = custom = least if custom is None else custom
            if not least <= custom <= most:
                raise refusals.invalid(custom, "customThroughputMibps", f"It must be between {least} and {most:g}.")
            if properties["qosType"] != "Manual":
                raise refusals.invalid("Auto", "qosType", "A pool of service level Flexible has QoS type Manual.")
        elif custom is not None:
            raise refusals.invalid(custom, "customThroughputMibps", "Only a pool of service level Flexible has it.")
        return Draft(properties, envelope=desired.envelope)


def total_mibps(pool: dict[str, Any]) -> float:
    """The throughput of a pool, from its properties."""
    if pool["serviceLevel"] == "Flexible":
        return float(pool["customThroughputMibps"])
    return SERVICE_LEVELS[pool["serviceLevel"]] * pool["size"] / TIB


def assigned_mibps(volume: dict[str, Any], pool: dict[str, Any]) -> float:
    """The throughput of a volume: given (manual QoS), else by its size."""
    if pool["qosType"] == "Manual":
        return float(volume.get("throughputMibps") or 0)
    return SERVICE_LEVELS[pool["serviceLevel"]] * volume["usageThreshold"] / TIB


def pool_too_small() -> ArmError:
    """A pool cannot hold its volumes."""
    return ArmError(400, "PoolSizeTooSmall", "Pool size too small for total volume size.")


def throughput_not_available() -> ArmError:
    """A pool with manual QoS has not that much throughput left."""
    return ArmError(400, "RequestedThroughputNotAvailable", "Requested throughput not available")


def refuse_basic_in_small_pool(network_features: str, pool_size: int) -> None:
    """Below 4 TiB a pool takes only volumes with Standard network features."""
    if network_features != "Standard" and pool_size < SMALL_POOL_TIB * TIB:
        raise ArmError(
            400,
            "PoolSizeTooSmallForBasicNetworkFeatures",
            f"A capacity pool smaller than {SMALL_POOL_TIB} TiB can only hold volumes with Standard network "
            "features, not "
            f"'{network_features}'.",
        )


def _size(wanted: dict[str, Any]) -> int:
    size = refusals.integer(wanted, "size")
    if size is None:
        raise refusals.missing("size")
    least, most = POOL_TIB
    if size % TIB or not least * TIB <= size <= most * TIB:
        raise refusals.invalid(size, "size", f"It must be a multiple of {TIB} bytes (1 TiB), {least} to {most} TiB.")
    return size


def _check_region_quota(model: "Model", resource_id: ResourceId, location: str, size: int) -> None:
    pools = model.store.of_type(CAPACITY_POOLS, resource_id.subscription)
    others = sum(p.properties["size"] for p in pools if p.location == location and p.id.key != resource_id.key)
    if others + size > model.capacity_quota_tib * TIB:
        raise ArmError(
            400,
            "QuotaExceeded",
            f"The total capacity of {(others + size) // TIB} TiB would exceed the quota of "
            f"{model.capacity_quota_tib} TiB per "
            f"subscription in region {location}.",
        )
