"""Volumes: made one after the other in an account, joined to its domain, and sold by their quota."""

import uuid
from typing import TYPE_CHECKING, Any, Final

from sandbox.azure.errors import ArmError, parent_not_found
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Desired, Draft
from sandbox.azure.netapp import data_protection, refusals
from sandbox.azure.netapp.active_directory import check_join
from sandbox.azure.netapp.capacity_pools import (
    assigned_mibps,
    pool_too_small,
    refuse_basic_in_small_pool,
    throughput_not_available,
    total_mibps,
)
from sandbox.azure.netapp.limits import SERVICE_LEVELS, TIB, VOLUMES_PER_POOL
from sandbox.azure.netapp.mount_targets import machine_account, mount_target
from sandbox.azure.netapp.netapp_type import NetAppType
from sandbox.azure.netapp.volume_network import check_creation_token, check_subnet
from sandbox.azure.netapp.volume_properties import PATCHABLE, check_known, refuse_changes, volume_properties
from sandbox.azure.operations import Kind
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

VOLUMES: Final = "Microsoft.NetApp/netAppAccounts/capacityPools/volumes"

_PROGRESS: Final = {"Creating": "created", "Deleting": "deleted", "Patching": "updated"}
_LEVELS: Final = list(SERVICE_LEVELS)
_FILES_PER_TIB: Final = 106_255_630


class Volumes(NetAppType):
    """Microsoft.NetApp/netAppAccounts/capacityPools/volumes."""

    name = VOLUMES
    update_status = 202

    def check_name(self, resource_id: ResourceId) -> None:
        """Begins with a letter; 1 to 64 letters, digits, hyphens and underscores; not default or bin."""
        refusals.check_name(resource_id, r"[a-zA-Z][a-zA-Z0-9\-_]{0,63}", reserved=("default", "bin"))

    def create(self, model: "Model", resource_id: ResourceId, desired: Desired) -> Draft:
        """In a pool with room for it, in a delegated subnet, and for SMB in an account that has a directory."""
        pool, account = _pool(model, resource_id), _account(model, resource_id)
        if pool.state == "Deleting":
            raise ArmError(404, "ParentPoolNotFound", "Parent pool not found")
        if pool.location != desired.location:
            raise ArmError(400, "InvalidLocation", "The property: Location for Volume must be the same as CapacityPool")
        if pool.state != "Succeeded":
            raise ArmError(409, "PoolNotReady", "Volume cannot be created in a pool that is not in state succeeded.")
        count = len(model.store.children(pool.id.key))
        if count >= VOLUMES_PER_POOL:
            raise refusals.quota("volume", VOLUMES_PER_POOL, "capacityPool", count)
        check_known(desired.properties, None)
        properties = volume_properties(desired.properties, pool.properties)
        subnet = check_subnet(model, properties["subnetId"], desired.location, resource_id.subscription)
        properties["subnetId"] = str(subnet.id)
        check_creation_token(model, properties["creationToken"], properties["subnetId"], desired.location)
        _check_account(account, properties)
        _check_pool(model, pool, resource_id, properties)
        _check_alone(model, account, resource_id)
        properties |= data_protection.checked(model, resource_id, desired.properties)
        properties |= {
            "fileSystemId": str(uuid.uuid4()),
            "baremetalTenantId": f"baremetalTenant_svm_{uuid.uuid4().hex[:16]}",
            "networkSiblingSetId": str(uuid.uuid5(uuid.NAMESPACE_URL, subnet.id.key)),
            "mountTargets": [],
            "fileAccessLogs": "Disabled",
            "storageToNetworkProximity": "T2",
            "isRestoring": False,
            "encrypted": True,
            "volumeGroupName": "",
        }
        return Draft(properties, envelope=desired.envelope)

    def update(self, model: "Model", resource: Resource, desired: Desired) -> Draft:
        """Another size within the pool, not below what is stored; what a volume is made with stays."""
        if not resource.ready:
            raise ArmError(404, "VolumeNotFound", "Volume was not found or was not created successfully.")
        before, pool = resource.properties, _pool(model, resource.id)
        check_known(desired.properties, self.show(model, resource))
        wanted = desired.properties
        if desired.partial:
            for name in wanted:
                if name not in PATCHABLE:
                    raise refusals.invalid(wanted[name], name, "It cannot be changed by PATCH.")
            wanted = {**before, **wanted, **data_protection.patched(before, wanted)}
        after = volume_properties(wanted, pool.properties)
        refuse_changes(before, after)
        after["subnetId"] = before["subnetId"]
        _check_pool(model, pool, resource.id, after)
        if model.files and after["usageThreshold"] < (used := model.files.used_bytes(before)):
            raise refusals.invalid(after["usageThreshold"], "usageThreshold", f"{used} bytes are in use.")
        after |= data_protection.checked(model, resource.id, wanted)
        envelope = resource.envelope if desired.partial else desired.envelope
        if envelope.get("zones", []) != resource.envelope.get("zones", []):
            raise refusals.unchangeable("Zones")
        kept = {name: value for name, value in before.items() if name != "dataProtection"}
        return Draft(kept | after, resource.private, envelope)

    def check_delete(self, model: "Model", resource: Resource) -> None:
        """A volume goes only from a state of rest."""
        if progress := _PROGRESS.get(resource.state):
            raise ArmError(409, "Conflict", f"Volume is being {progress} and cannot be deleted at the moment.")
        super().check_delete(model, resource)

    def completed(self, model: "Model", resource: Resource, kind: Kind) -> None:
        """A new volume gets its mount target; an SMB volume's server joins the domain for it."""
        if kind != "create":
            return
        account = _account(model, resource.id)
        if "CIFS" in resource.properties["protocolTypes"]:
            check_join(model, account, machine_account(account, resource))
        resource.properties["mountTargets"] = [mount_target(model, resource, account)]

    def removed(self, model: "Model", resource: Resource) -> None:
        """With the volume goes what was stored on it."""
        if model.files:
            model.files.delete(resource.properties)

    def show(self, model: "Model", resource: Resource) -> dict[str, Any]:
        """With what follows from the pool."""
        pool, properties = _pool(model, resource.id), resource.properties
        return {
            "snapshotId": "",
            "volumeType": "",
            **properties,
            "actualThroughputMibps": assigned_mibps(properties, pool.properties),
            "effectiveNetworkFeatures": properties["networkFeatures"],
            "maximumNumberOfFiles": max(properties["usageThreshold"] // TIB, 1) * _FILES_PER_TIB,
        }


def _pool(model: "Model", volume_id: ResourceId) -> Resource:
    pool = model.store.find(volume_id.parent.key)
    if pool is None:
        raise parent_not_found(volume_id.parent.full_name)
    return pool


def _account(model: "Model", volume_id: ResourceId) -> Resource:
    account = model.store.find(volume_id.parent.parent.key)
    if account is None:
        raise parent_not_found(volume_id.parent.parent.full_name)
    return account


def _check_account(account: Resource, properties: dict[str, Any]) -> None:
    ready = account.ready and account.state != "Deleting"
    if "CIFS" in properties["protocolTypes"] and not (ready and account.properties["activeDirectories"]):
        raise ArmError(400, "NoActiveDirectoryCredentials", "No Active Directory credentials found in region")
    if properties["encryptionKeySource"] == "Microsoft.KeyVault":
        if account.properties["encryption"]["keySource"] != "Microsoft.KeyVault":
            raise refusals.invalid(
                "Microsoft.KeyVault", "encryptionKeySource", "The account's encryption does not use a key vault."
            )
        if not properties.get("keyVaultPrivateEndpointResourceId"):
            raise refusals.missing("keyVaultPrivateEndpointResourceId")


def _check_pool(model: "Model", pool: Resource, volume_id: ResourceId, properties: dict[str, Any]) -> None:
    """Service level, room, throughput and network features, against the pool and the other volumes in it."""
    level, highest = properties["serviceLevel"], pool.properties["serviceLevel"]
    if _LEVELS.index(level) > _LEVELS.index(highest):
        raise ArmError(
            400, "ServiceLevelHigherThanParent", f"Service level '{level}' is higher than parent '{highest}'"
        )
    if properties["coolAccess"] and not pool.properties["coolAccess"]:
        raise refusals.invalid(value=True, name="coolAccess", why="The capacity pool does not have cool access.")
    refuse_basic_in_small_pool(properties["networkFeatures"], pool.properties["size"])
    others = [v.properties for v in model.store.children(pool.id.key) if v.id.key != volume_id.key]
    if properties["usageThreshold"] + sum(other["usageThreshold"] for other in others) > pool.properties["size"]:
        raise pool_too_small()
    if pool.properties["qosType"] == "Manual":
        assigned = sum(assigned_mibps(each, pool.properties) for each in [*others, properties])
        if assigned > total_mibps(pool.properties):
            raise throughput_not_available()


def _check_alone(model: "Model", account: Resource, volume_id: ResourceId) -> None:
    """An account makes one volume at a time."""
    for volume in model.store.of_type(VOLUMES, account.id.subscription):
        if volume.id.key.startswith(f"{account.id.key}/") and volume.state == "Creating":
            raise ArmError(
                409,
                "Conflict",
                f"Unable to create volume '{volume_id.name}'. Another volume creation is in progress. Please try "
                "again in a few "
                "minutes.",
            )
