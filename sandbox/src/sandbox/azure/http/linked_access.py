"""Access to what a request links to: who peers with a network or joins a subnet to a group needs a right there too."""

from collections.abc import Iterator
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import PEERINGS, ROUTE_TABLES, SECURITY_GROUPS, SUBNETS, VIRTUAL_NETWORKS, ResourceId
from sandbox.azure.roles.access import Access
from sandbox.azure.shapes import mapping, mappings

_LINKS: Final = {
    PEERINGS: {"remoteVirtualNetwork": (VIRTUAL_NETWORKS, f"{VIRTUAL_NETWORKS}/peer/action")},
    SUBNETS: {
        "networkSecurityGroup": (SECURITY_GROUPS, f"{SECURITY_GROUPS}/join/action"),
        "routeTable": (ROUTE_TABLES, f"{ROUTE_TABLES}/join/action"),
    },
}
"""The properties `{id: …}` of a type, with the type that they name and the action that it takes there."""
_CHILDREN: Final = {"subnets": SUBNETS, "virtualNetworkPeerings": PEERINGS}


def check(access: Access, resource_id: ResourceId, body: dict[str, Any]) -> None:
    """Refuse a PUT that links a network, a subnet or a peering to what the caller may not use."""
    kind = resource_id.type.lower()
    properties = mapping(body.get("properties"), "properties")
    links = [*_links(kind, properties)]
    if kind == VIRTUAL_NETWORKS.lower():
        for name, child in _CHILDREN.items():
            for each in mappings(properties.get(name), name):
                links += _links(child.lower(), mapping(each.get("properties"), "properties"))
    for action, scope in links:
        if not access.allows(action, scope):
            who = f"The client '{access.caller.client_id}' with object id '{access.caller.object_id}'"
            text = (
                f"{who} has permission to perform action '{resource_id.type}/write' on scope '{resource_id}'; however, "
                f"it does not have permission to perform action(s) '{action}' on the linked scope(s) '{scope}' "
                "(respectively) or the linked scope(s) are invalid."
            )
            raise ArmError(403, "LinkedAuthorizationFailed", text)


def _links(kind: str, properties: dict[str, Any]) -> Iterator[tuple[str, str]]:
    known = next((links for name, links in _LINKS.items() if name.lower() == kind), {})
    for name, (type_name, action) in known.items():
        if linked := ResourceId.of(type_name, mapping(properties.get(name), name).get("id")):
            yield action, str(linked)
