"""Questions about names, file paths and quotas: POST to a location of Microsoft.NetApp."""

import re
from typing import TYPE_CHECKING, Any

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.netapp.accounts import ACCOUNTS
from sandbox.azure.netapp.capacity_pools import CAPACITY_POOLS
from sandbox.azure.netapp.limits import ACCOUNTS_PER_REGION
from sandbox.azure.netapp.refusals import missing
from sandbox.azure.netapp.volume_network import CREATION_TOKEN, parse_subnet_id, token_taken
from sandbox.azure.netapp.volumes import VOLUMES

if TYPE_CHECKING:
    from sandbox.azure.model import Model

_AVAILABLE = {"isAvailable": True}


def check_file_path(model: "Model", subscription: str, location: str, body: dict[str, Any]) -> dict[str, Any]:
    """Whether a creation token is free in a subnet."""
    name, subnet_id = _required(body, "name"), _required(body, "subnetId")
    subnet = parse_subnet_id(subnet_id)
    if not re.fullmatch(CREATION_TOKEN, name) or name.lower() in {"default", "none"}:
        return _unavailable("Invalid", 'The file path name can contain letters, numbers, and hyphens (""-"") only.')
    if model.find(subnet) is None:
        raise ArmError(404, "SubnetNotFound", f"The requested subnet '{subnet_id}' was not found.")
    if token_taken(model, name, subnet_id, location):
        return _unavailable("AlreadyExists", "File path already in use.")
    return _AVAILABLE


def check_name(model: "Model", subscription: str, location: str, body: dict[str, Any]) -> dict[str, Any]:
    """Whether a resource of that name (`account/pool/volume`) can be made in a resource group."""
    resource_id = _resource(subscription, body)
    try:
        model.type(resource_id).check_name(resource_id)
    except ArmError as error:
        return _unavailable("Invalid", error.message)
    return _unavailable("AlreadyExists", "Name already in use.") if model.find(resource_id) else _AVAILABLE


def check_quota(model: "Model", subscription: str, location: str, body: dict[str, Any]) -> dict[str, Any]:
    """Whether the subscription's quota allows one more resource of that type."""
    resource_id = _resource(subscription, body)
    accounts = [a for a in model.list(ACCOUNTS, subscription) if a.location == location]
    if resource_id.type == ACCOUNTS and len(accounts) >= ACCOUNTS_PER_REGION:
        return _unavailable(
            "AlreadyExists", f"The quota of {ACCOUNTS_PER_REGION} resources of type netAppAccount is used up."
        )
    return _AVAILABLE


def _resource(subscription: str, body: dict[str, Any]) -> ResourceId:
    names = tuple(_required(body, "name").split("/"))
    kind, group = _required(body, "type"), _required(body, "resourceGroup")
    known = next((each for each in (ACCOUNTS, CAPACITY_POOLS, VOLUMES) if each.lower() == kind.lower()), None)
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


def _unavailable(reason: str, message: str) -> dict[str, Any]:
    return {"isAvailable": False, "reason": reason, "message": message}
