"""Questions about names, file paths and quotas: POST to a location of Microsoft.NetApp."""

from collections.abc import Callable
from typing import Any

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ACCOUNTS, CAPACITY_POOLS, VOLUMES, ResourceId
from sandbox.azure.model import Model
from sandbox.azure.netapp import mount_targets
from sandbox.azure.netapp.limits import ACCOUNTS_PER_REGION
from sandbox.azure.netapp.properties import missing

Question = Callable[[Model, str, str, dict[str, Any]], dict[str, Any]]
"""It asks with a subscription, a location and the request's body."""


def check_file_path(model: Model, subscription: str, location: str, body: dict[str, Any]) -> dict[str, Any]:
    name, subnet = _required(body, "name"), mount_targets.parse_subnet_id(_required(body, "subnetId"))
    if not mount_targets.CREATION_TOKEN.fullmatch(name) or name.lower() in mount_targets.RESERVED_TOKENS:
        return _answer("Invalid", mount_targets.FILE_PATH_RULE)
    if model.find(subnet) is None:
        raise ArmError(404, "SubnetNotFound", f"The requested subnet '{subnet}' was not found.")
    taken = mount_targets.is_taken(model, name, subnet, location)
    return _answer("AlreadyExists", "File path already in use.") if taken else _answer()


def check_name(model: Model, subscription: str, location: str, body: dict[str, Any]) -> dict[str, Any]:
    resource_id = _resource(subscription, body)
    try:
        model.type(resource_id).check_name(resource_id)
    except ArmError as error:
        return _answer("Invalid", error.message)
    return _answer("AlreadyExists", "Name already in use.") if model.find(resource_id) else _answer()


def check_quota(model: Model, subscription: str, location: str, body: dict[str, Any]) -> dict[str, Any]:
    accounts = [account for account in model.list(ACCOUNTS, subscription) if account.location == location]
    if _resource(subscription, body).type != ACCOUNTS or len(accounts) < ACCOUNTS_PER_REGION:
        return _answer()
    return _answer("AlreadyExists", f"The quota of {ACCOUNTS_PER_REGION} resources of type netAppAccount is used up.")


def _resource(subscription: str, body: dict[str, Any]) -> ResourceId:
    names = tuple(_required(body, "name").split("/"))
    kind, group = _required(body, "type").lower(), _required(body, "resourceGroup")
    known = next((each for each in (ACCOUNTS, CAPACITY_POOLS, VOLUMES) if each.lower() == kind), None)
    if known is None:
        raise ArmError(400, "UnknownResourceType", "The specified resource type is unknown/not applicable.")
    provider, *types = known.split("/")
    if len(names) != len(types):
        raise ArmError(400, "InvalidName", f"A name of {known} has {len(types)} parts, parted by slashes.")
    return ResourceId(subscription, group, provider, tuple(types), names)


def _required(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise missing(name)
    return value


def _answer(reason: str | None = None, message: str | None = None) -> dict[str, Any]:
    return {"isAvailable": False, "reason": reason, "message": message} if reason else {"isAvailable": True}
