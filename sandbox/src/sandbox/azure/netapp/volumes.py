"""Volumes: created one after the other in an account, joined to its domain, and sold by their quota."""

import secrets
import uuid
from dataclasses import replace
from typing import Any, ClassVar, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import VOLUMES, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.netapp.capacity_pools import assigned_mibps, check_room, room_of
from sandbox.azure.netapp.domain_join import check_join
from sandbox.azure.netapp.limits import SERVICE_LEVELS, VOLUMES_PER_POOL, check_count
from sandbox.azure.netapp.mount_targets import check_creation_token, check_subnet, mount_target
from sandbox.azure.netapp.netapp_type import NetAppType, check_location, volumes_in
from sandbox.azure.netapp.pool_change import change_pool
from sandbox.azure.netapp.properties import invalid, missing, unchangeable
from sandbox.azure.netapp.protection.backups import latest_status
from sandbox.azure.netapp.protection.data_protection import data_protection
from sandbox.azure.netapp.protection.origins import check_origin, origin, restore
from sandbox.azure.netapp.protection.snapshots import check_without_snapshots, revert
from sandbox.azure.netapp.volume_properties import PATCHABLE, PROPERTIES, RULE, refuse_changes, volume_properties
from sandbox.azure.operations import Kind
from sandbox.azure.shapes import mapping, texts
from sandbox.azure.store import Resource

_PROGRESS: Final = {"Creating": "created", "Deleting": "deleted", "Patching": "updated"}
_LEVELS: Final = list(SERVICE_LEVELS)
# Guess: A volume for which nobody chose a zone is in the first.
_ZONES: Final = ("1", "2", "3")


class Volumes(NetAppType):
    """Microsoft.NetApp/netAppAccounts/capacityPools/volumes."""

    name = VOLUMES
    update_status = 202
    pattern = r"[a-zA-Z][a-zA-Z0-9\-_]{0,63}"
    reserved = ("default", "bin")
    actions: ClassVar = {"poolchange": change_pool, "revert": revert}
    readings: ClassVar = {"latestbackupstatus/current": latest_status}

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        pool, account = (
            model.store.existing(resource_id.parent.key),
            model.store.existing(resource_id.parent.parent.key),
        )
        if pool.state == "Deleting":
            raise ArmError(404, "ParentPoolNotFound", "Parent pool not found")
        check_location("Volume", desired, pool, "CapacityPool")
        if pool.state != "Succeeded":
            # Code and words are from github.com/Azure/azure-quickstart-templates/issues/8646.
            # Guess: The status is 412, which that code has elsewhere.
            text = "Volume Cannot be created in a pool that is not in state succeded."
            raise ArmError(412, "PreconditionFailed", text)
        _check_zones(desired.envelope)
        check_count("volume", VOLUMES_PER_POOL, "capacityPool", model.store.count_children(pool.id.key))
        PROPERTIES.check_new(desired.properties)
        properties = volume_properties(desired.properties, pool.properties)
        subnet = check_subnet(model, properties["subnetId"], desired.location, resource_id.subscription)
        properties["subnetId"] = str(subnet.id)
        check_creation_token(model, properties["creationToken"], subnet.id, desired.location)
        _check_account(account, properties)
        _check_pool(model, pool, resource_id, properties)
        _check_alone(model, account, resource_id)
        properties |= data_protection(model, resource_id, desired.location, desired.properties)
        properties |= {
            "fileSystemId": str(uuid.uuid4()),
            "baremetalTenantId": f"baremetalTenant_svm_{uuid.uuid4().hex}_{secrets.token_hex(4)}",
            "networkSiblingSetId": str(uuid.uuid5(uuid.NAMESPACE_URL, subnet.id.key)),
            "mountTargets": [],
            "storageToNetworkProximity": "T2",
        }
        private = origin(model, desired.location, properties, desired.properties)
        return Draft(properties, private, desired.envelope)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        if not resource.ready:
            raise ArmError(404, "VolumeNotFound", "Volume was not found or was not created successfully.")
        before, wanted, pool = resource.properties, desired.properties, model.store.existing(resource.id.parent.key)
        shown = self.show(model, resource)
        PROPERTIES.check(wanted, {name: shown.get(name) for name in PROPERTIES.read_only})
        check_origin(resource, wanted)
        if desired.partial:
            wanted = _patched(before, wanted)
        after = volume_properties(wanted, pool.properties)
        refuse_changes(before, after)
        after["subnetId"] = before["subnetId"]
        _check_pool(model, pool, resource.id, after)
        if model.files and after["usageThreshold"] < (used := model.files.used_bytes(before)):
            raise invalid(after["usageThreshold"], "usageThreshold", f"{used} bytes are in use.")
        after |= data_protection(model, resource.id, resource.location, wanted)
        envelope = resource.envelope if desired.partial else desired.envelope
        if envelope.get("zones", []) != resource.envelope.get("zones", []):
            raise unchangeable("zones")
        kept = {name: value for name, value in before.items() if name != "dataProtection"}
        return Draft(kept | after, resource.private, envelope)

    def check_delete(self, model: Model, resource: Resource) -> None:
        if progress := _PROGRESS.get(resource.state):
            raise ArmError(409, "Conflict", f"Volume is being {progress} and cannot be deleted at the moment.")
        check_without_snapshots(model, resource)

    def completed(self, model: Model, resource: Resource, kind: Kind) -> None:
        """Give a new volume its mount target; the server of an SMB volume joins the domain for it."""
        if kind == "create":
            account = model.store.existing(resource.id.parent.parent.key)
            if "CIFS" in resource.properties["protocolTypes"]:
                check_join(model, account, resource)
            resource.properties["mountTargets"] = [mount_target(model, account, resource)]
            restore(model, resource)

    def removed(self, model: Model, resource: Resource) -> None:
        if model.files:
            model.files.delete(resource.properties)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        pool, properties = model.store.existing(resource.id.parent.key), resource.properties
        return {
            **properties,
            "securityStyle": properties["securityStyle"].capitalize(),
            "actualThroughputMibps": assigned_mibps(properties, pool.properties),
            "effectiveNetworkFeatures": properties["networkFeatures"],
            "provisionedAvailabilityZone": resource.envelope.get("zones", _ZONES)[0],
        }

    def show_new(self, model: Model, resource: Resource, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what was sent, with all that a rule of an export policy says."""
        shown = super().show_new(model, resource, asked)
        if rules := mapping(asked.get("exportPolicy"), "exportPolicy").get("rules"):
            shown["exportPolicy"] = {"rules": [RULE | rule for rule in rules]}
        return shown | {"effectiveNetworkFeatures": resource.properties["networkFeatures"]}


def _check_zones(envelope: dict[str, Any]) -> None:
    """Refuse more than one zone, or another than the regions have."""
    # Guess: the words for zones that a volume cannot have.
    zones = texts(envelope.get("zones"), "zones")
    if len(zones) > 1 or not {*zones} <= {*_ZONES}:
        raise invalid(",".join(zones), "zones", f"A volume has one zone: {', '.join(_ZONES)}.")


def _patched(before: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the properties that a PATCH asks for: what it does not name stays, parts of dataProtection too."""
    for name, value in wanted.items():
        if name not in PATCHABLE:
            raise invalid(value, name, "It cannot be changed by PATCH.")
    name = "dataProtection"
    merged = {name: {**before.get(name, {}), **mapping(wanted[name], name)}} if name in wanted else {}
    return {**before, **wanted, **merged}


def _check_account(account: Resource, properties: dict[str, Any]) -> None:
    ready = account.ready and account.state != "Deleting"
    if "CIFS" in properties["protocolTypes"] and not (ready and account.properties["activeDirectories"]):
        raise ArmError(400, "NoActiveDirectoryCredentials", "No Active Directory credentials found in region")
    source = properties["encryptionKeySource"]
    if source == "Microsoft.KeyVault":
        if account.properties["encryption"]["keySource"] != source:
            raise invalid(source, "encryptionKeySource", "The account's encryption does not use a key vault.")
        if not properties.get("keyVaultPrivateEndpointResourceId"):
            raise missing("keyVaultPrivateEndpointResourceId")


def _check_pool(model: Model, pool: Resource, volume_id: ResourceId, properties: dict[str, Any]) -> None:
    level, highest = properties["serviceLevel"], pool.properties["serviceLevel"]
    if _LEVELS.index(level) > _LEVELS.index(highest):
        text = f"Service level '{level}' is higher than parent '{highest}'"
        raise ArmError(400, "ServiceLevelHigherThanParent", text)
    if properties["coolAccess"] and not pool.properties["coolAccess"]:
        raise invalid(value=True, name="coolAccess", why="The capacity pool does not have cool access.")
    check_room(pool.properties, [*room_of(model, pool, but=volume_id), properties])


def _check_alone(model: Model, account: Resource, volume_id: ResourceId) -> None:
    if model.store.first_of_type(VOLUMES, replace(volumes_in(account), state="Creating")):
        text = f"Unable to create volume '{volume_id.name}'. Another volume creation is in progress. "
        raise ArmError(409, "Conflict", f"{text}Please try again in a few minutes.")
