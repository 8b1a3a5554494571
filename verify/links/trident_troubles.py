"""Troubles between Trident and Azure, by the messages of statuses and events."""

from typing import Final

from verify.trouble import Trouble

LOGIN: Final = Trouble(
    "trident-login",
    "`AADSTS…` in the TridentBackendConfig's message",
    "Trident cannot sign in: its client secret or its federated credential (issuer, ServiceAccount, audience) is wrong",
    "`pulumi up --refresh --stack {stack}` restores the identity and its credential; for a client secret first "
    "`pulumi config set --secret anf-smb:tridentClientSecret --stack {stack}`",
    pattern=r"AADSTS\d+|authentication failed|Credential authentication",
)
ROLES: Final = Trouble(
    "trident-roles",
    "`capacity pool query returned no data`, `AuthorizationFailed`",
    "Trident's identity lacks the roles to read or change pool, volumes or subnet",
    "`pulumi up --refresh --stack {stack}`; with trident.roleAssignment: false, assign the roles of the output "
    "tridentRoles",
    pattern=r"capacity pool query returned no data|AuthorizationFailed|does not have authorization",
)
NO_SUBNET: Final = Trouble(
    "trident-no-subnet",
    "`subnet query returned no data`",
    "the backend's subnet is not delegated to Microsoft.NetApp/volumes, or Trident may not read it",
    "`az network vnet subnet show --ids {subnet} --query delegations`; `pulumi up --refresh --stack {stack}`",
    pattern=r"subnet query returned no data|no subnets? found",
)
NO_POOL: Final = Trouble(
    "trident-no-pool",
    "`no capacity pools found for storage pool`",
    "the backend's pool, service level or QoS type does not exist",
    "compare spec.capacityPools and spec.serviceLevel of the TridentBackendConfig with the pool; "
    "`pulumi up --refresh --stack {stack}`",
    pattern=r"no capacity pools found",
)
BACKEND_SECRET: Final = Trouble(
    "trident-secret",
    "`backend credentials not found`, `missing from backend secrets`",
    "the Secret of the TridentBackendConfig does not exist, or lacks clientID or clientSecret",
    "`pulumi up --refresh --stack {stack}`",
    pattern=r"backend credentials not found|missing from backend secrets",
)
ORPHAN: Final = Trouble(
    "backend-of-another-config",
    "`update initiated using an invalid configRef`",
    "the TridentBackend belongs to an earlier TridentBackendConfig; Trident's controller keeps that in memory",
    '`kubectl patch tridentbackend {backend} -n {namespace} --type merge -p \'{{"configRef":""}}\'`, '
    "`kubectl rollout restart deployment/trident-controller -n {namespace}`",
    pattern=r"invalid configRef",
)
POOL_FULL: Final = Trouble(
    "pool-too-small",
    "the claim is Pending, or Azure refuses a volume: `Pool size too small for total volume size`",
    "the volumes together exceed the pool's size",
    "increase sizeTiB of the pool in the stack file, `pulumi up --stack {stack}`; Trident retries",
    pattern=r"Pool size too small|PoolSizeTooSmall|not enough (space|capacity)",
)
QUOTA: Final = Trouble(
    "anf-quota",
    "the claim is Pending, or Azure refuses a volume: a quota is exceeded",
    "the subscription's quota in the region (25 TiB by default), or the maximum number of volumes",
    "`az netappfiles quota-limit list --location REGION`; request more in the portal (service Azure NetApp Files)",
    pattern=r"quota|limit (has been )?(reached|exceeded)",
)
DIRECTORY: Final = Trouble(
    "active-directory",
    "`Could not query DNS server`, `No Active Directory credentials found`, `Failed to create … in Active Directory`",
    "ANF cannot join the directory: the subnet cannot reach DNS or a domain controller, or site, user or password "
    "is wrong",
    "check activeDirectory (dnsServers, site, username) and activeDirectoryPassword in the stack file; `pulumi up "
    "--stack {stack}`",
    pattern=r"DNS server|Active ?Directory",
)
IN_PROGRESS: Final = Trouble(
    "anf-busy",
    "the claim is Pending: `Another volume creation is in progress`",
    "Azure creates one volume of an account at a time",
    "wait: Trident retries",
    pattern=r"Another volume creation is in progress|volume state is (still )?(Creating|Accepted)",
)
NO_BACKEND: Final = Trouble(
    "no-backend",
    "the claim is Pending: `no available backends for storage class`",
    "no online backend matches the StorageClass",
    "`kubectl get tridentbackendconfig -n {trident_namespace}` must show Bound and Success; otherwise verify reports "
    "the reason",
    pattern=r"no available backends|backend .* not found",
)
CLASS_UNKNOWN: Final = Trouble(
    "storage-class-unknown-to-trident",
    "the claim is Pending: `unknown storage class`",
    "the StorageClass has a parameter that Trident does not know, or a value of another type: Trident ignores the "
    "whole class, and the log of trident-controller names the parameter",
    "`kubectl delete storageclass {storage_class}`, `pulumi up --refresh --stack {stack}`, or create your own "
    "class without the parameter; existing claims remain",
    pattern=r"unknown storage class",
)
BACKEND: Final = (LOGIN, BACKEND_SECRET, ROLES, NO_SUBNET, NO_POOL, ORPHAN)
"""The troubles in a TridentBackendConfig's message."""
PROVISIONING: Final = (
    POOL_FULL,
    QUOTA,
    DIRECTORY,
    IN_PROGRESS,
    CLASS_UNKNOWN,
    NO_BACKEND,
    LOGIN,
    ROLES,
    NO_SUBNET,
    NO_POOL,
)
"""The troubles in a claim's events."""
TROUBLES: Final = (
    LOGIN,
    BACKEND_SECRET,
    ROLES,
    NO_SUBNET,
    NO_POOL,
    ORPHAN,
    CLASS_UNKNOWN,
    NO_BACKEND,
    POOL_FULL,
    QUOTA,
    DIRECTORY,
    IN_PROGRESS,
)
