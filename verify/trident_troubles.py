"""What goes wrong between Trident and Azure, by the words of its statuses and events."""

from typing import Final

from verify.trouble import Trouble

LOGIN: Final = Trouble(
    "trident-login",
    "`AADSTS…` in the TridentBackendConfig's message",
    "who Trident signs in as: its client secret, or the trust of its identity (issuer, ServiceAccount, audience)",
    "pulumi up --refresh makes identity and trust again; a client secret: pulumi config set --secret "
    "anf-smb:tridentClientSecret, then pulumi up",
    words=r"AADSTS\d+|authentication failed|Credential authentication",
)
ROLES: Final = Trouble(
    "trident-roles",
    "`capacity pool query returned no data`, `AuthorizationFailed`",
    "Trident's identity may not read or change pool, volumes or subnet: its roles are missing",
    "pulumi up --refresh; with trident.roleAssignment: false, assign what the output tridentRoles says",
    words=r"capacity pool query returned no data|AuthorizationFailed|does not have authorization",
)
NO_SUBNET: Final = Trouble(
    "trident-no-subnet",
    "`subnet query returned no data`",
    "Trident finds no subnet delegated to Microsoft.NetApp/volumes where the backend says, or may not read it",
    "az network vnet subnet show --ids SUBNET --query delegations; pulumi up --refresh",
    words=r"subnet query returned no data|no subnets? found",
)
NO_POOL: Final = Trouble(
    "trident-no-pool",
    "`no capacity pools found for storage pool`",
    "the backend names another pool, service level or QoS type than there is",
    "compare spec.capacityPools and spec.serviceLevel of the TridentBackendConfig with the pool; pulumi up --refresh",
    words=r"no capacity pools found",
)
BACKEND_SECRET: Final = Trouble(
    "trident-secret",
    "`backend credentials not found`, `missing from backend secrets`",
    "the Secret of the TridentBackendConfig is not there, or lacks clientID or clientSecret",
    "pulumi up --refresh",
    words=r"backend credentials not found|missing from backend secrets",
)
ORPHAN: Final = Trouble(
    "backend-of-another-config",
    "`update initiated using an invalid configRef`",
    "a TridentBackend of that name belongs to an earlier TridentBackendConfig",
    'kubectl patch tridentbackend {backend} -n {namespace} --type merge -p \'{{"configRef":""}}\'',
    words=r"invalid configRef",
)
POOL_FULL: Final = Trouble(
    "pool-too-small",
    "claim Pending, or a volume refused: `Pool size too small for total volume size`",
    "the volumes together would be larger than the pool",
    "a larger pool.sizeTiB in the stack file, pulumi up; Trident tries again by itself",
    words=r"Pool size too small|PoolSizeTooSmall|not enough (space|capacity)",
)
QUOTA: Final = Trouble(
    "anf-quota",
    "claim Pending, or a volume refused: a quota is exceeded",
    "the region's quota of the subscription (25 TiB unless raised), or a number of volumes",
    "az netappfiles quota-limit list --location REGION; ask for more in the portal (service Azure NetApp Files)",
    words=r"quota|limit (has been )?(reached|exceeded)",
)
DIRECTORY: Final = Trouble(
    "active-directory",
    "`Could not query DNS server`, `No Active Directory credentials found`, `Failed to create … in Active Directory`",
    "ANF cannot join the directory: DNS or a domain controller is not reached from the subnet, or site, user or "
    "password are wrong",
    "activeDirectory in the stack file (dnsServers, site, username) and anf-smb:activeDirectoryPassword; pulumi up",
    words=r"DNS server|Active ?Directory",
)
IN_PROGRESS: Final = Trouble(
    "anf-busy",
    "claim Pending: `Another volume creation is in progress`",
    "Azure makes one volume of an account at a time",
    "wait: Trident tries again by itself",
    words=r"Another volume creation is in progress|volume state is (still )?(Creating|Accepted)",
)
NO_BACKEND: Final = Trouble(
    "no-backend",
    "claim Pending: `no available backends for storage class`",
    "no backend is online that fits the StorageClass",
    "kubectl get tridentbackendconfig -n trident must say Bound and Success; verify says why it does not",
    words=r"no available backends|backend .* not found",
)
BACKEND: Final = (LOGIN, BACKEND_SECRET, ROLES, NO_SUBNET, NO_POOL, ORPHAN)
"""What a TridentBackendConfig's message may speak of."""
PROVISIONING: Final = (POOL_FULL, QUOTA, DIRECTORY, IN_PROGRESS, NO_BACKEND, LOGIN, ROLES, NO_SUBNET, NO_POOL)
"""What a claim's events may speak of."""
TROUBLES: Final = (
    LOGIN,
    BACKEND_SECRET,
    ROLES,
    NO_SUBNET,
    NO_POOL,
    ORPHAN,
    NO_BACKEND,
    POOL_FULL,
    QUOTA,
    DIRECTORY,
    IN_PROGRESS,
)
