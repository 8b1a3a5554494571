"""poolChange: a volume moves to another pool of its account, with files, share, file system and snapshots.

Source: https://learn.microsoft.com/azure/azure-netapp-files/dynamic-change-volume-service-level. What Azure answers:
test_change_pool.yaml of azure-cli's tests; the operation ends with the volume at its new id.
"""

import dataclasses
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import CAPACITY_POOLS, ResourceId
from sandbox.azure.model import Model
from sandbox.azure.netapp.capacity_pools import assigned_mibps, check_room, room_of
from sandbox.azure.netapp.limits import VOLUMES_PER_POOL, check_count
from sandbox.azure.netapp.netapp_type import changing
from sandbox.azure.netapp.properties import invalid, missing
from sandbox.azure.operations import Operation
from sandbox.azure.store import Resource

_POOL: Final = "newPoolResourceId"


def change_pool(model: Model, volume: Resource, body: dict[str, Any]) -> tuple[Resource, Operation]:
    """Move a volume; return it as it is then, and the operation."""
    if not volume.ready:
        raise ArmError(404, "VolumeNotFound", "Volume was not found or was not created successfully.")
    model.type(volume.id).check_idle(model, volume.id, volume)
    pool, before = _pool(model, volume, body), model.store.existing(volume.id.parent.key)
    properties = {**volume.properties, "serviceLevel": pool.properties["serviceLevel"]}
    if pool.properties["qosType"] == "Manual":
        properties["throughputMibps"] = assigned_mibps(volume.properties, before.properties)
    else:
        properties.pop("throughputMibps", None)
    others = room_of(model, pool)
    check_count("volume", VOLUMES_PER_POOL, "capacityPool", len(others))
    check_room(pool.properties, [*others, properties])
    # Guess: A volume that moves has its new id at once, not when the operation ends.
    moved = dataclasses.replace(volume, id=pool.id.child("volumes", volume.id.name), properties=properties)
    snapshots = model.store.children(volume.id.key)
    for resource in (volume, *snapshots):
        model.store.remove(resource.id.key)
    for snapshot in snapshots:
        model.store.save(dataclasses.replace(snapshot, id=moved.id.child("snapshots", snapshot.id.name)))
    return changing(model, moved)


def _pool(model: Model, volume: Resource, body: dict[str, Any]) -> Resource:
    wanted = body.get(_POOL)
    if not isinstance(wanted, str) or not wanted:
        raise missing(_POOL)
    pool_id = ResourceId.of(CAPACITY_POOLS, wanted)
    pool = model.find(pool_id) if pool_id else None
    if pool is None or pool.state == "Deleting":
        raise ArmError(404, "ParentPoolNotFound", "Parent pool not found")
    if pool.id.parent.key != volume.id.parent.parent.key or pool.id.key == volume.id.parent.key:
        # Guess: The words with which Azure refuses a pool of another account.
        raise invalid(wanted, _POOL, "It must be another capacity pool of the volume's account.")
    if model.find(pool.id.child("volumes", volume.id.name)):
        raise invalid(wanted, _POOL, "The capacity pool has a volume of that name.")
    return pool
