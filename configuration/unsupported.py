"""Keys that a stack file might be expected to have, after Azure's names, and why it has none."""

from typing import Final

_ONLY_SMB: Final = "volumes are SMB volumes alone (protocol CIFS, security style ntfs)"
_NO_KERBEROS: Final = "Kerberos is a setting of NFSv4.1 volumes; SMB uses it without one"
_NO_LARGE: Final = "large volumes are left out; a volume has 50 GiB to 100 TiB"
_NO_KEYS: Final = "customer-managed keys are left out; Azure encrypts with keys of its own (Microsoft.NetApp)"
_NO_LDAP_OVER_TLS: Final = "LDAP over TLS is for users of NFS"
_NO_RESTORE: Final = "a volume is created empty; restore it with the Azure CLI, and use it by existing: true"

UNSUPPORTED: Final = {
    **dict.fromkeys(("protocolTypes", "protocolType", "protocols", "nasType"), _ONLY_SMB),
    **dict.fromkeys(("exportPolicy", "unixPermissions", "securityStyle", "ldapEnabled"), _ONLY_SMB),
    **dict.fromkeys(("kerberosEnabled", "kdcIp", "kdcIP", "adName"), _NO_KERBEROS),
    **dict.fromkeys(("isLargeVolume", "largeVolume", "largeVolumes"), _NO_LARGE),
    **dict.fromkeys(
        (
            *("encryptionKeySource", "keyVaultPrivateEndpointResourceId", "encryption", "keyVault", "keyVaultId"),
            *("keyVaultProperties", "keyVaultUri", "customerManagedKey", "identity"),
        ),
        _NO_KEYS,
    ),
    "encryptionType": "double encryption at rest is left out; Azure's default is Single",
    "networkFeatures": "it is always Standard: Basic forbids small pools and network security groups",
    **dict.fromkeys(("ldapOverTls", "ldapOverTLS", "serverRootCaCertificate"), _NO_LDAP_OVER_TLS),
    **dict.fromkeys(("snapshotId", "backupId"), _NO_RESTORE),
    **dict.fromkeys(("replication", "replicationSchedule"), "replication is set up beside the stack"),
}
"""The reasons by name; an error says `is not supported` before them."""
