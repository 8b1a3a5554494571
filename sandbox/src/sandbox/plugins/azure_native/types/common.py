"""What the types of every Azure provider share."""

from typing import Final

from sandbox.plugins.azure_native.schema import PathParameter, Property, obj, string, string_map

RESOURCE_GROUP: Final = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"

RESOURCE_GROUP_NAME: Final = PathParameter("resourceGroupName", string(min_length=1, max_length=90))
"""As Azure's common types (v3 and later) have it."""


def named(name: str, **limits: object) -> PathParameter:
    """A path parameter with the limits of its name."""
    return PathParameter(name, string(**limits))


def proxy_resource() -> dict[str, Property]:
    """What ARM says of every resource."""
    return {"id": string(read_only=True), "name": string(read_only=True), "type": string(read_only=True)}


def system_data() -> Property:
    """Who made and changed the resource, and when."""
    names = ("createdAt", "createdBy", "createdByType", "lastModifiedAt", "lastModifiedBy", "lastModifiedByType")
    return obj({name: string() for name in names}, read_only=True)


def tracked_resource() -> dict[str, Property]:
    """What ARM says of a resource that lives in a region."""
    return {
        **proxy_resource(),
        "location": string(required=True, replaces=True),
        "tags": string_map(),
        "systemData": system_data(),
    }
