"""Route tables: their routes are kept and shown, and lead nowhere here."""

import uuid
from typing import Any

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ROUTE_TABLES, ResourceId
from sandbox.azure.model import Desired, Draft, Model, ResourceType
from sandbox.azure.network.references import subnets_with
from sandbox.azure.shapes import mapping, mappings
from sandbox.azure.store import Resource


class RouteTables(ResourceType):
    """Microsoft.Network/routeTables."""

    name = ROUTE_TABLES
    creating = "Updating"

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        given = desired.properties
        routes = [_route(resource_id, each) for each in mappings(given.get("routes"), "routes")]
        guid = str(uuid.uuid5(uuid.NAMESPACE_URL, resource_id.key))
        propagation = given.get("disableBgpRoutePropagation", False)
        return Draft({"resourceGuid": guid, "disableBgpRoutePropagation": propagation, "routes": routes})

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        """Change only tags by a PATCH."""
        return Draft(resource.properties) if desired.partial else self.create(model, resource.id, desired)

    def check_delete(self, model: Model, resource: Resource) -> None:
        if subnets_with(model, "routeTable", resource):
            text = f"Route table {resource.id.name} is in use and cannot be deleted."
            raise ArmError(400, "InUseRouteTableCannotBeDeleted", text)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        users = subnets_with(model, "routeTable", resource)
        return {**resource.properties, **({"subnets": [{"id": user} for user in users]} if users else {})}


def _route(table: ResourceId, wanted: dict[str, Any]) -> dict[str, Any]:
    name, properties = wanted.get("name"), mapping(wanted.get("properties"), "properties")
    if not isinstance(name, str) or not name:
        raise ArmError(400, "InvalidRequestFormat", "Cannot parse the request. A route has no name.")
    return {
        "name": name,
        "id": f"{table}/routes/{name}",
        "type": f"{ROUTE_TABLES}/routes",
        "properties": {"hasBgpOverride": False, **properties, "provisioningState": "Succeeded"},
    }
