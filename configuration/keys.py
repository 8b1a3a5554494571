"""The keys of the stack file for the component arguments that errors name."""

from typing import Final

KEYS: Final = {
    "CapacityPool.service_level": "anf-smb:pool.serviceLevel",
    "CapacityPool.size_tib": "anf-smb:pool.sizeTiB",
    "NetAppAccount.active_directory": "anf-smb:activeDirectory",
    "Trident.any_kubernetes": "anf-smb:trident.anyKubernetes",
    "Trident.authentication": "anf-smb:trident.authentication",
    "Trident.claims": "anf-smb:dynamicClaims",
    "Trident.client_id": "anf-smb:trident.clientId",
    "Trident.version": "anf-smb:trident.version",
    "Trident.wipeout": "anf-smb:trident.wipeout",
    "TridentSmbBackend.pool": "anf-smb:pool",
}
"""By COMPONENT.ARGUMENT."""
