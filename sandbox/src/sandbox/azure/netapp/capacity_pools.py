"""Capacity pools: size, service level, QoS, and what the volumes in them bind them to."""

import uuid
from typing import Any, Final

from azure.mgmt.netapp.models import PoolProperties

from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import CAPACITY_POOLS, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.netapp import limits
from sandbox.azure.netapp.limits import SERVICE_LEVELS, TIB
from sandbox.azure.netapp.netapp_type import NetAppType, check_location
from sandbox.azure.netapp.properties import Properties, choice, flag, integer, invalid, missing, number, unchangeable
from sandbox.azure.store import Resource

_PROPERTIES: Final = Properties(PoolProperties)


class CapacityPools(NetAppType):
    """Microsoft.NetApp/netAppAccounts/capacityPools."""

    name = CAPACITY_POOLS

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        check_location("CapacityPool", desired, model.store.existing(resource_id.parent.key), "NetAppAccount")
        siblings = Criteria(resource_id.subscription, below=resource_id.parent.key)
        count = len(model.store.of_type(CAPACITY_POOLS, siblings))
        limits.check_count("capacityPool", limits.POOLS_PER_ACCOUNT, "netAppAccount", count)
        _PROPERTIES.check_new(desired.properties)
        properties = _properties(desired.properties)
        _check_region_quota(model, resource_id, desired.location, properties["size"])
        return Draft(properties | {"poolId": str(uuid.uuid4())}, envelope=desired.envelope)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        before, volumes = resource.properties, room_of(model, resource)
        # The throughputs may have changed since the client read them.
        _PROPERTIES.check(desired.properties, {"poolId": before["poolId"]})
        after = _properties({**(before if desired.partial else {}), **desired.properties})
        if after["serviceLevel"] != before["serviceLevel"] and volumes:
            raise unchangeable("serviceLevel")
        if after["encryptionType"] != before["encryptionType"]:
            raise unchangeable("encryptionType")
        if before["coolAccess"] and not after["coolAccess"]:
            # Guess: the words for a pool that shall lose cool access, which is documented to stay (manage-cool-access).
            raise unchangeable("coolAccess", "CoolAccess cannot be disabled on a capacity pool.")
        if before["qosType"] == "Manual" and after["qosType"] == "Auto":
            raise unchangeable("qosType", "QosType cannot be changed from Manual to Auto.")
        check_room(after, volumes, before)
        if after["size"] > before["size"]:
            _check_region_quota(model, resource.id, resource.location, after["size"])
        return Draft(after | {"poolId": before["poolId"]}, envelope=desired.envelope)

    def applied(self, model: Model, resource: Resource, desired: Desired) -> None:
        """When QoS becomes manual, leave each volume the throughput that its size gave it."""
        if resource.properties["qosType"] == "Manual":
            automatic = {**resource.properties, "qosType": "Auto"}
            for volume in model.store.children(resource.id.key):
                if "throughputMibps" not in volume.properties:
                    volume.properties["throughputMibps"] = assigned_mibps(volume.properties, automatic)
                    model.store.save(volume)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        pool = resource.properties
        used = sum(assigned_mibps(volume, pool) for volume in room_of(model, resource))
        return {**pool, "totalThroughputMibps": total_mibps(pool), "utilizedThroughputMibps": used}

    def show_new(self, model: Model, resource: Resource, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what was sent; there is no throughput yet."""
        shown = super().show_new(model, resource, asked)
        return shown | {"totalThroughputMibps": 0.0, "utilizedThroughputMibps": 0.0}


def total_mibps(pool: dict[str, Any]) -> float:
    if pool["serviceLevel"] == "Flexible":
        return float(pool["customThroughputMibps"])
    return SERVICE_LEVELS[pool["serviceLevel"]] * pool["size"] / TIB


def assigned_mibps(volume: dict[str, Any], pool: dict[str, Any]) -> float:
    if pool["qosType"] == "Manual":
        return float(volume.get("throughputMibps") or 0)
    return SERVICE_LEVELS[pool["serviceLevel"]] * volume["usageThreshold"] / TIB


def room_of(model: Model, pool: Resource, *, but: ResourceId | None = None) -> list[dict[str, Any]]:
    """Return what the volumes of a pool take of it: those of their properties that `check_room` needs."""
    key = but.key if but else ""
    return model.store.children_with(pool.id.key, "usageThreshold", "throughputMibps", "networkFeatures", but=key)


def check_room(pool: dict[str, Any], volumes: list[dict[str, Any]], before: dict[str, Any] | None = None) -> None:
    """Refuse volumes that a pool cannot hold; `before` is a pool that is changed, whose throughput they have so far."""
    small = limits.SMALL_POOL_TIB
    features = next((v["networkFeatures"] for v in volumes if v["networkFeatures"] != "Standard"), None)
    if pool["size"] < small * TIB and features:
        text = f"A capacity pool smaller than {small} TiB can only hold volumes with Standard network features, not "
        raise ArmError(400, "PoolSizeTooSmallForBasicNetworkFeatures", f"{text}'{features}'.")
    if sum(volume["usageThreshold"] for volume in volumes) > pool["size"]:
        raise ArmError(400, "PoolSizeTooSmall", "Pool size too small for total volume size.")
    throughput = sum(assigned_mibps(volume, before or pool) for volume in volumes)
    if pool["qosType"] == "Manual" and throughput > total_mibps(pool):
        raise ArmError(400, "RequestedThroughputNotAvailable", "Requested throughput not available")


def _properties(wanted: dict[str, Any]) -> dict[str, Any]:
    size, (least, most) = integer(wanted, "size"), limits.POOL_TIB
    if size < least * TIB:
        raise invalid(size, "Pool.Size", "Must be 1 tebibyte in bytes or higher")
    if size % TIB or size > most * TIB:
        # Guess: The words for what is no whole TiB, or too much.
        raise invalid(size, "Pool.Size", f"Must be a multiple of 1 tebibyte in bytes, {most} tebibytes at most")
    if not wanted.get("serviceLevel"):
        raise missing("serviceLevel")
    level = choice(wanted, "serviceLevel", SERVICE_LEVELS, "")
    properties: dict[str, Any] = {
        "size": size,
        "serviceLevel": level,
        "qosType": choice(wanted, "qosType", ("Auto", "Manual"), "Manual" if level == "Flexible" else "Auto"),
        "coolAccess": flag(wanted, "coolAccess", default=False),
        "encryptionType": choice(wanted, "encryptionType", ("Single", "Double"), "Single"),
    }
    custom = number(wanted, "customThroughputMibps")
    if level == "Flexible":
        least, most = limits.FLEXIBLE_MIBPS[0], limits.FLEXIBLE_MIBPS[1] * size / TIB
        properties["customThroughputMibps"] = custom = least if custom is None else custom
        if not least <= custom <= most:
            raise invalid(custom, "customThroughputMibps", f"It must be between {least} and {most:g}.")
        if properties["qosType"] != "Manual":
            raise invalid("Auto", "qosType", "A pool of service level Flexible has QoS type Manual.")
    elif custom is not None:
        raise invalid(custom, "customThroughputMibps", "Only a pool of service level Flexible has it.")
    return properties


def _check_region_quota(model: Model, resource_id: ResourceId, location: str, size: int) -> None:
    pools = model.store.of_type(CAPACITY_POOLS, Criteria(resource_id.subscription, location=location))
    others = [pool for pool in pools if pool.id.key != resource_id.key]
    total, quota = size + sum(pool.properties["size"] for pool in others), model.capacity_quota_tib
    if total > quota * TIB:
        text = (
            f"The total capacity of {total // TIB} TiB would exceed the quota of {quota} TiB per subscription in "
            f"region {location}."
        )
        raise ArmError(400, "QuotaExceeded", text)
