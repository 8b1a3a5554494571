"""Subnets: their range, their delegation, and who uses them."""

import re
from typing import Any, Final

from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ROUTE_TABLES, SECURITY_GROUPS, SUBNETS, VOLUMES, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.network.address_space import check_range, network
from sandbox.azure.network.machines import user_of_subnet
from sandbox.azure.network.part_of_network import PartOfNetwork
from sandbox.azure.network.references import referenced
from sandbox.azure.shapes import mapping, mappings, texts
from sandbox.azure.store import Resource

_SERVICE: Final = re.compile(r"[A-Za-z]+\.[A-Za-z]+/[A-Za-z/]+")
_REFERENCES: Final = {"networkSecurityGroup": SECURITY_GROUPS, "routeTable": ROUTE_TABLES}
_ACTIONS: Final = ("Microsoft.Network/networkinterfaces/*", f"{SUBNETS}/join/action")


class Subnets(PartOfNetwork):
    """Microsoft.Network/virtualNetworks/subnets."""

    name = SUBNETS

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        return self._draft(model, resource_id, desired.properties, None)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        return self._draft(model, resource.id, desired.properties, resource)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        """Give the delegations the subnet's etag, and a delegated subnet its purpose."""
        shown = dict(resource.properties)
        shown["delegations"] = [{**each, "etag": resource.etag} for each in shown["delegations"]]
        return shown | ({"purpose": "HostedWorkloads"} if shown["delegations"] else {})

    def check_delete(self, model: Model, resource: Resource) -> None:
        if user := user_of(model, resource):
            text = (
                f"Subnet {resource.id.name} is in use by {user} and cannot be deleted. In order to delete the subnet, "
                "delete all the resources within the subnet. See aka.ms/deletesubnet."
            )
            raise ArmError(400, "InUseSubnetCannotBeDeleted", text)

    def blocked_by(self, model: Model, resource: Resource, group_key: str) -> str | None:
        return user_of(model, resource, outside=group_key)

    def _draft(
        self, model: Model, resource_id: ResourceId, properties: dict[str, Any], current: Resource | None
    ) -> Draft:
        parent = model.store.existing(resource_id.parent.key)
        draft = subnet_draft(model, resource_id, properties, current)
        others = [other for other in subnets_of(model, parent.id) if other.id.key != resource_id.key]
        siblings = [(other.id.name, other.properties["addressPrefix"]) for other in others]
        prefix, space = draft.properties["addressPrefix"], parent.properties["addressSpace"]["addressPrefixes"]
        check_range(prefix, resource_id.name, parent.id.name, space, siblings)
        return draft


def subnets_of(model: Model, network_id: ResourceId) -> list[Resource]:
    return [each for each in model.store.children(network_id.key) if each.id.type == SUBNETS]


def subnet_draft(model: Model, resource_id: ResourceId, properties: dict[str, Any], current: Resource | None) -> Draft:
    """Return a subnet, checked by all that needs neither its network's address space nor its siblings."""
    vnet, name = resource_id.parent.name, resource_id.name
    prefixes = texts(properties.get("addressPrefixes"), "addressPrefixes")
    prefix = properties.get("addressPrefix") or (prefixes[0] if len(prefixes) == 1 else None)
    if not isinstance(prefix, str):
        text = f"No address prefix or pool has been provided for subnet {resource_id}."
        raise ArmError(400, "NoAddressPrefixOrPoolProvided", text)
    if network(prefix, name).prefixlen > 29:
        raise ArmError(400, "NetcfgInvalidSubnet", f"Subnet '{name}' is not valid in virtual network '{vnet}'.")
    delegations = [_delegation(resource_id, each) for each in mappings(properties.get("delegations"), "delegations")]
    if current is not None and (user := user_of(model, current)):
        _check_in_use(current, prefix, delegations, user)
    defaults = {"privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Enabled"}
    shown = {
        key: value
        for key, value in properties.items()
        if key not in {"addressPrefixes", "provisioningState", "purpose"}
    }
    for key, kind in _REFERENCES.items():
        shown.pop(key, None)
        if (other := referenced(model, properties, key, kind, resource_id)) is not None:
            shown[key] = {"id": other}
    return Draft({**defaults, **shown, "addressPrefix": prefix, "delegations": delegations})


def is_delegated(subnet: Resource) -> bool:
    """Return True for a subnet delegated to Azure NetApp Files, whose name is compared without regard to case."""
    return "microsoft.netapp/volumes" in {s.lower() for s in _services(subnet.properties["delegations"])}


def user_of(model: Model, subnet: Resource, *, outside: str | None = None) -> str | None:
    """Return the id of what is in a subnet: a volume, a machine (of one outside the group whose key is `outside`)."""
    for volume in model.store.of_type(VOLUMES, Criteria(texts={"subnetId": str(subnet.id)})):
        if volume.id.resource_group.key != outside:
            return str(volume.id)
    return user_of_subnet(model.store, subnet, outside=outside)


def _check_in_use(current: Resource, prefix: str, delegations: list[dict[str, Any]], user: str) -> None:
    before, after = _services(current.properties["delegations"]), _services(delegations)
    if {s.lower() for s in before} != {s.lower() for s in after}:
        text = (
            f"Delegations of subnet {current.id} cannot be changed from [{', '.join(before)}] to [{', '.join(after)}] "
            f"because it is being used by the resource {user}."
        )
        raise ArmError(400, "SubnetDelegationsCannotChangeWhenSubnetUsedByResource", text)
    if prefix != (old := current.properties["addressPrefix"]):
        text = f"IpPrefix {old} on Subnet {current.id.name} has active allocations and cannot be deleted."
        raise ArmError(400, "InUsePrefixCannotBeDeleted", text)


def _services(delegations: list[dict[str, Any]]) -> list[str]:
    return [each["properties"]["serviceName"] for each in delegations]


def _delegation(subnet_id: ResourceId, wanted: dict[str, Any]) -> dict[str, Any]:
    service = mapping(wanted.get("properties"), "properties").get("serviceName") or wanted.get("serviceName")
    name = wanted.get("name")
    if not isinstance(service, str) or not _SERVICE.fullmatch(service) or not isinstance(name, str):
        text = f"Delegation '{name}' of subnet {subnet_id.name} needs a name and a valid service name, not '{service}'."
        raise ArmError(400, "SubnetDelegationServiceNameInvalid", text)
    return {
        "name": name,
        "id": f"{subnet_id}/delegations/{name}",
        "type": f"{SUBNETS}/delegations",
        "properties": {"provisioningState": "Succeeded", "serviceName": service, "actions": list(_ACTIONS)},
    }
