"""Network security groups: their rules are kept and shown, and filter nothing here."""

import uuid
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import SECURITY_GROUPS, ResourceId
from sandbox.azure.model import Desired, Draft, Model, ResourceType
from sandbox.azure.network.references import subnets_with
from sandbox.azure.shapes import mapping, mappings
from sandbox.azure.store import Resource

_PRIORITIES: Final = range(100, 4097)
_VNET, _ANY = "VirtualNetwork", "*"
_DEFAULT_RULES: Final = (
    ("AllowVnetInBound", 65000, "Allow", "Inbound", _VNET, _VNET),
    ("AllowAzureLoadBalancerInBound", 65001, "Allow", "Inbound", "AzureLoadBalancer", _ANY),
    ("DenyAllInBound", 65500, "Deny", "Inbound", _ANY, _ANY),
    ("AllowVnetOutBound", 65000, "Allow", "Outbound", _VNET, _VNET),
    ("AllowInternetOutBound", 65001, "Allow", "Outbound", _ANY, "Internet"),
    ("DenyAllOutBound", 65500, "Deny", "Outbound", _ANY, _ANY),
)
"""Name, priority, access, direction, source and destination of the rules that every group has."""


class NetworkSecurityGroups(ResourceType):
    """Microsoft.Network/networkSecurityGroups."""

    name = SECURITY_GROUPS
    creating = "Updating"

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        rules = mappings(desired.properties.get("securityRules"), "securityRules")
        guid = str(uuid.uuid5(uuid.NAMESPACE_URL, resource_id.key))
        return Draft({"resourceGuid": guid, "securityRules": [_rule(resource_id, each) for each in rules]})

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        """Change only tags by a PATCH."""
        return Draft(resource.properties) if desired.partial else self.create(model, resource.id, desired)

    def check_delete(self, model: Model, resource: Resource) -> None:
        if users := subnets_with(model, "networkSecurityGroup", resource):
            text = (
                f"Network security group {resource.id} cannot be deleted because it is in use by the following "
                f"resources: {', '.join(users)}. In order to delete the Network security group, remove the association "
                "with the resource(s). To learn how to do this, see aka.ms/deletensg."
            )
            raise ArmError(400, "InUseNetworkSecurityGroupCannotBeDeleted", text)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        defaults = [_default_rule(resource.id, *each) for each in _DEFAULT_RULES]
        shown = {**resource.properties, "defaultSecurityRules": defaults}
        if users := subnets_with(model, "networkSecurityGroup", resource):
            shown["subnets"] = [{"id": user} for user in users]
        return shown


def _rule(group: ResourceId, wanted: dict[str, Any]) -> dict[str, Any]:
    name, properties = wanted.get("name"), mapping(wanted.get("properties"), "properties")
    if not isinstance(name, str) or not name:
        raise ArmError(400, "InvalidRequestFormat", "Cannot parse the request. A security rule has no name.")
    if properties.get("priority") not in _PRIORITIES:
        text = (
            f"Security rule has invalid Priority. Value provided: {properties.get('priority')} Allowed range 100-4096."
        )
        raise ArmError(400, "SecurityRuleInvalidPriority", text)
    return _shown(group, "securityRules", name, properties)


def _default_rule(
    group: ResourceId, name: str, priority: int, access: str, direction: str, source: str, destination: str
) -> dict[str, Any]:
    properties = {
        "protocol": _ANY,
        "sourcePortRange": _ANY,
        "destinationPortRange": _ANY,
        "sourceAddressPrefix": source,
        "destinationAddressPrefix": destination,
        "access": access,
        "priority": priority,
        "direction": direction,
    }
    return _shown(group, "defaultSecurityRules", name, properties)


def _shown(group: ResourceId, kind: str, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "id": f"{group}/{kind}/{name}",
        "type": f"{SECURITY_GROUPS}/{kind}",
        "properties": {**properties, "provisioningState": "Succeeded"},
    }
