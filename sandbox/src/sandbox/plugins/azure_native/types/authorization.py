"""Microsoft.Authorization: role definitions (2022-05-01-preview) and assignments (2022-04-01), at any scope."""

from typing import Final

from sandbox.plugins.azure_native.schema import PathParameter, ResourceType, array, flattened, obj, string, strings
from sandbox.plugins.azure_native.types.common import named, proxy_resource, system_data

_SCOPE: Final = PathParameter("scope", subpath=True)
_AUDIT: Final = {name: string(read_only=True) for name in ("createdBy", "createdOn", "updatedBy", "updatedOn")}
_ACTIONS: Final = {name: strings() for name in ("actions", "notActions", "dataActions", "notDataActions")}

ROLE_DEFINITIONS: Final = ResourceType(
    name="azure-native:authorization:RoleDefinition",
    path="/{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
    api_version="2022-05-01-preview",
    parameters=(_SCOPE, named("roleDefinitionId")),
    properties={
        **proxy_resource(),
        "systemData": system_data(),
        **flattened(
            {
                "roleName": string(),
                "description": string(),
                "roleType": string(wire="type"),
                "permissions": array(obj(_ACTIONS)),
                "assignableScopes": strings(),
                **_AUDIT,
            }
        ),
    },
    autoname="uuid",
    put_async=False,
    delete_async=False,
)

ROLE_ASSIGNMENTS: Final = ResourceType(
    name="azure-native:authorization:RoleAssignment",
    path="/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    api_version="2022-04-01",
    parameters=(_SCOPE, named("roleAssignmentName")),
    properties={
        **proxy_resource(),
        "systemData": system_data(),
        **flattened(
            {
                "principalId": string(required=True, replaces=True),
                "roleDefinitionId": string(required=True),
                "principalType": string(default="User"),
                "description": string(),
                "condition": string(),
                "conditionVersion": string(),
                "delegatedManagedIdentityResourceId": string(),
                "scope": string(read_only=True),
                **_AUDIT,
            }
        ),
    },
    autoname="uuid",
    put_async=False,
    delete_async=False,
)

TYPES: Final = (ROLE_DEFINITIONS, ROLE_ASSIGNMENTS)
INVOKES: Final = ()
