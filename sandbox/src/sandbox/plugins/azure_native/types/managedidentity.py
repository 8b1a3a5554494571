"""Microsoft.ManagedIdentity (2023-01-31): identities and what they trust."""

from typing import Final

from sandbox.plugins.azure_native.schema import Invoke, ResourceType, flattened, string, strings
from sandbox.plugins.azure_native.types.common import (
    RESOURCE_GROUP,
    RESOURCE_GROUP_NAME,
    named,
    proxy_resource,
    system_data,
    tracked_resource,
)

_API: Final = "2023-01-31"
_PATH: Final = RESOURCE_GROUP + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"

USER_ASSIGNED_IDENTITIES: Final = ResourceType(
    name="azure-native:managedidentity:UserAssignedIdentity",
    path=_PATH,
    api_version=_API,
    parameters=(RESOURCE_GROUP_NAME, named("resourceName")),
    properties={
        **tracked_resource(),
        **flattened({name: string(read_only=True) for name in ("clientId", "principalId", "tenantId")}),
    },
    autoname="random",
    put_async=False,
    delete_async=False,
)

FEDERATED_IDENTITY_CREDENTIALS: Final = ResourceType(
    name="azure-native:managedidentity:FederatedIdentityCredential",
    path=_PATH + "/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
    api_version=_API,
    parameters=(
        RESOURCE_GROUP_NAME,
        named("resourceName"),
        named("federatedIdentityCredentialResourceName", pattern=r"^[a-zA-Z0-9]{1}[a-zA-Z0-9-_]{2,119}$"),
    ),
    properties={
        **proxy_resource(),
        "systemData": system_data(),
        **flattened(
            {
                "issuer": string(required=True),
                "subject": string(required=True),
                "audiences": strings(required=True),
            }
        ),
    },
    autoname="copy",
    put_async=False,
    delete_async=False,
)

TYPES: Final = (USER_ASSIGNED_IDENTITIES, FEDERATED_IDENTITY_CREDENTIALS)
INVOKES: Final = (
    Invoke(
        "azure-native:managedidentity:getUserAssignedIdentity",
        "GET",
        USER_ASSIGNED_IDENTITIES.path,
        _API,
        USER_ASSIGNED_IDENTITIES.properties,
        of_resource=True,
    ),
)
