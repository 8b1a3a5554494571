"""The keys of the stack file for the component arguments that errors name."""

from typing import Final

KEYS: Final = {
    "CapacityPool.service_level": "anf-smb:pool.serviceLevel",
    "CapacityPool.size_tib": "anf-smb:pool.sizeTiB",
    "ClusterProvider.cluster": "anf-smb:cluster",
    "DynamicShare.namespace": "anf-smb:dynamicClaims[].namespace",
    "DynamicShare.protect": "anf-smb:protect",
    "NetAppAccount.active_directory": "anf-smb:activeDirectory",
    "NetAppAccount.active_directory.domain": "anf-smb:activeDirectory.domain",
    "NetAppAccount.active_directory.organizational_unit": "anf-smb:activeDirectory.organizationalUnit",
    "NetAppAccount.active_directory.smb_server_name": "anf-smb:activeDirectory.smbServerName",
    "SmbCsiDriver.values": "anf-smb:smbDriver.values",
    "SmbVolume.creation_token": "anf-smb:volumes[].creationToken",
    "SmbVolume.service_level": "anf-smb:volumes[].serviceLevel",
    "SmbVolume.smb_encryption": "anf-smb:volumes[].smbEncryption",
    "SmbVolume.snapshot_directory_visible": "anf-smb:volumes[].snapshotDirectoryVisible",
    "SmbVolume.subnet_id": "anf-smb:network",
    "StaticShare.namespace": "anf-smb:volumes[].namespace",
    "StaticShare.protect": "anf-smb:protect",
    "Trident.any_kubernetes": "anf-smb:trident.anyKubernetes",
    "Trident.authentication": "anf-smb:trident.authentication",
    "Trident.claims": "anf-smb:dynamicClaims",
    "Trident.client_id": "anf-smb:trident.clientId",
    "Trident.values": "anf-smb:trident.values",
    "Trident.version": "anf-smb:trident.version",
    "Trident.wipeout": "anf-smb:trident.wipeout",
    "TridentSmbBackend.pool": "anf-smb:pool",
}
"""By COMPONENT.ARGUMENT."""
