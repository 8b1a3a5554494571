"""Microsoft.NetApp (2024-09-01): accounts and capacity pools. Limits as in Azure's REST specification."""

from typing import Final

from sandbox.plugins.azure_native.schema import (
    Invoke,
    Property,
    ResourceType,
    array,
    boolean,
    flattened,
    integer,
    number,
    obj,
    string,
    string_set,
)
from sandbox.plugins.azure_native.types.common import RESOURCE_GROUP, RESOURCE_GROUP_NAME, named, tracked_resource

API: Final = "2024-09-01"
STATE: Final = string(read_only=True)
ACCOUNT_PATH: Final = RESOURCE_GROUP + "/providers/Microsoft.NetApp/netAppAccounts/{accountName}"
POOL_PATH: Final = ACCOUNT_PATH + "/capacityPools/{poolName}"
ACCOUNT_NAME: Final = named("accountName", pattern=r"^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,127}$")
POOL_NAME: Final = named("poolName", pattern=r"^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,63}$", min_length=1, max_length=64)

_BYTE: Final = r"(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
_IPV4: Final = rf"{_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}"


def _users() -> Property:
    return array(string(min_length=1, max_length=255))


_ACTIVE_DIRECTORY: Final = obj(
    {
        "activeDirectoryId": string(),
        "username": string(),
        "password": string(max_length=64),
        "domain": string(),
        "dns": string(pattern=rf"^{_IPV4}((, ?){_IPV4})*$"),
        "smbServerName": string(),
        "organizationalUnit": string(default="CN=Computers"),
        "site": string(),
        "backupOperators": _users(),
        "administrators": _users(),
        "securityOperators": _users(),
        "kdcIP": string(pattern=rf"^{_IPV4}$"),
        "adName": string(min_length=1, max_length=64),
        "serverRootCACertificate": string(min_length=1, max_length=10240),
        "aesEncryption": boolean(),
        "ldapSigning": boolean(),
        "ldapOverTLS": boolean(),
        "allowLocalNfsUsersWithLdap": boolean(),
        "encryptDCConnections": boolean(),
        "ldapSearchScope": obj(
            {name: string(max_length=255) for name in ("userDN", "groupDN", "groupMembershipFilter")}
        ),
        "preferredServersForLdapClient": string(max_length=32, pattern=rf"^({_IPV4}((, ?){_IPV4})?)?$"),
        "status": STATE,
        "statusDetails": STATE,
    }
)
_ENCRYPTION: Final = obj(
    {
        "keySource": string(default="Microsoft.NetApp"),
        "keyVaultProperties": obj(
            {
                "keyVaultUri": string(required=True),
                "keyName": string(required=True),
                "keyVaultResourceId": string(),
                "keyVaultId": STATE,
                "status": STATE,
            }
        ),
        "identity": obj({"principalId": STATE, "userAssignedIdentity": string()}),
    }
)
_IDENTITY: Final = obj(
    {
        "type": string(required=True),
        "userAssignedIdentities": string_set(),
        "principalId": STATE,
        "tenantId": STATE,
    }
)

ACCOUNTS: Final = ResourceType(
    name="azure-native:netapp:Account",
    path=ACCOUNT_PATH,
    api_version=API,
    parameters=(RESOURCE_GROUP_NAME, ACCOUNT_NAME),
    properties={
        **tracked_resource(),
        "etag": STATE,
        "identity": _IDENTITY,
        **flattened(
            {
                "activeDirectories": array(_ACTIVE_DIRECTORY, identifiers=("activeDirectoryId",)),
                "encryption": _ENCRYPTION,
                "disableShowmount": boolean(read_only=True),
                "provisioningState": STATE,
            }
        ),
    },
    autoname="random",
)

POOLS: Final = ResourceType(
    name="azure-native:netapp:CapacityPool",
    path=POOL_PATH,
    api_version=API,
    parameters=(RESOURCE_GROUP_NAME, ACCOUNT_NAME, POOL_NAME),
    properties={
        **tracked_resource(),
        "etag": STATE,
        **flattened(
            {
                "size": integer(required=True, default=4398046511104),
                "serviceLevel": string(required=True, default="Premium"),
                "qosType": string(default="Auto"),
                "coolAccess": boolean(default=False),
                "encryptionType": string(replaces=True, default="Single"),
                "poolId": STATE,
                "provisioningState": STATE,
                "totalThroughputMibps": number(read_only=True),
                "utilizedThroughputMibps": number(read_only=True),
            }
        ),
    },
    autoname="copy",
)

TYPES: Final = (ACCOUNTS, POOLS)
INVOKES: Final = (
    Invoke("azure-native:netapp:getAccount", "GET", ACCOUNTS.path, API, ACCOUNTS.properties, of_resource=True),
    Invoke("azure-native:netapp:getCapacityPool", "GET", POOLS.path, API, POOLS.properties, of_resource=True),
)
