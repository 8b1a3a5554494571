"""Microsoft.Resources (2024-03-01)."""

from typing import Final

from sandbox.plugins.azure_native.schema import Invoke, ResourceType, obj, string, string_map
from sandbox.plugins.azure_native.types.common import RESOURCE_GROUP, named, proxy_resource

_API: Final = "2024-03-01"

RESOURCE_GROUPS: Final = ResourceType(
    name="azure-native:resources:ResourceGroup",
    path=RESOURCE_GROUP,
    api_version=_API,
    parameters=(named("resourceGroupName", pattern=r"^[-\p{L}\._\(\)\w]+$", min_length=1, max_length=90),),
    properties={
        **proxy_resource(),
        "location": string(required=True, replaces=True),
        "managedBy": string(),
        "tags": string_map(),
        "properties": obj({"provisioningState": string(read_only=True)}, read_only=True),
    },
    autoname="random",
    put_async=False,
)

TYPES: Final = (RESOURCE_GROUPS,)
INVOKES: Final = (
    Invoke(
        "azure-native:resources:getResourceGroup",
        "GET",
        RESOURCE_GROUPS.path,
        _API,
        RESOURCE_GROUPS.properties,
        of_resource=True,
    ),
)
