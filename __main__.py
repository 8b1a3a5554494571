"""SMB shares on Azure NetApp Files for Windows workloads on AKS: settings in, components, outputs out."""

import pulumi

from components.aks import aks_provider
from components.capacity_pool import CapacityPool
from components.delegated_subnet import DelegatedSubnet
from components.iis_pod import IisPod
from components.netapp_account import NetAppAccount
from components.resource_group import ResourceGroup
from components.share_namespace import ShareNamespace
from components.smb_csi_driver import SmbCsiDriver
from components.smb_volume import SmbVolume, in_turn
from components.static_share import StaticShare
from settings import Settings

settings = Settings.load()  # every error of the stack at once
azure_minutes, kubernetes_minutes = settings.timeouts.azure_minutes, settings.timeouts.kubernetes_minutes

group = ResourceGroup(
    "anf",
    {
        "resource_group_name": settings.resource_group.name,
        "existing": settings.resource_group.existing,
        "protect": settings.protect,
    },
)
network = DelegatedSubnet(
    "anf",
    {
        "resource_group_name": group.name,
        "virtual_network_name": settings.network.virtual_network,
        "address_space": settings.network.address_space,
        "subnet_name": settings.network.subnet,
        "subnet_prefix": settings.network.subnet_prefix,
        "subnet_id": settings.network.subnet_id,
        "protect": settings.protect,
    },
)
account = NetAppAccount(
    "anf",
    {
        "resource_group_name": group.name,
        "account_name": settings.account.name,
        "active_directory": settings.directory,
        "existing": settings.account.existing,
        "protect": settings.protect,
        "timeout_minutes": azure_minutes,
    },
)
pool = CapacityPool(
    "anf",
    {
        "resource_group_name": group.name,
        "account_name": account.name,
        "pool_name": settings.pool.name,
        "service_level": settings.pool.service_level,
        "size_tib": settings.pool.size_tib,
        "qos_type": settings.pool.qos_type,
        "existing": settings.pool.existing,
        "protect": settings.protect,
        "timeout_minutes": azure_minutes,
    },
)
volumes: dict[str, SmbVolume] = {}
for volume in settings.volumes:
    volumes[volume.name] = SmbVolume(
        volume.name,
        {
            "resource_group_name": group.name,
            "account_name": account.name,
            "pool_name": pool.name,
            "volume_name": volume.name,
            "creation_token": volume.share,
            "subnet_id": network.subnet_id,
            "size_gib": volume.size_gib,
            "service_level": volume.service_level or pool.service_level,
            "throughput_mibps": volume.throughput_mibps,
            "smb_encryption": volume.smb_encryption,
            "access_based_enumeration": volume.access_based_enumeration,
            "browsable": volume.browsable,
            "snapshot_directory_visible": volume.snapshot_directory_visible,
            "protect": settings.protect,
            "timeout_minutes": azure_minutes,
        },
        pulumi.ResourceOptions(depends_on=in_turn([*volumes.values()], settings.volume_concurrency)),
    )

cluster = aks_provider("aks", settings.cluster.args)


def on_cluster(*after: pulumi.Resource | None) -> pulumi.ResourceOptions:
    """Options of what is made in the cluster, once the given resources are there."""
    return pulumi.ResourceOptions(provider=cluster, depends_on=[resource for resource in after if resource])


driver = (
    SmbCsiDriver(
        "csi-driver-smb",
        {
            "version": settings.smb_driver.version,
            "repository": settings.smb_driver.repository,
            "namespace": settings.smb_driver.namespace,
            "values": settings.smb_driver.values,
            "timeout_minutes": kubernetes_minutes,
        },
        on_cluster(),
    )
    if settings.smb_driver.enabled
    else None
)
namespaces = {
    name: ShareNamespace(
        name,
        {
            "namespace": name,
            "existing": existing,
            "domain": settings.smb_user.domain,
            "username": settings.smb_user.username,
            "password": settings.smb_password,
        },
        on_cluster(),
    )
    for name, existing in settings.namespaces.items()
}
shares = {
    volume.name: StaticShare(
        volume.name,
        {
            "unc_path": volumes[volume.name].unc_path,
            "volume_handle": volumes[volume.name].volume_handle,
            "size_gib": volume.size_gib,
            "namespace": namespaces[volume.namespace].namespace,
            "secret_name": namespaces[volume.namespace].secret_name,
            "persistent_volume_name": volume.persistent_volume_name,
            "claim_name": volume.claim_name,
            "timeout_minutes": kubernetes_minutes,
        },
        on_cluster(driver),
    )
    for volume in settings.volumes
}
pods = {
    volume.name: IisPod(
        volume.name,
        {
            "namespace": namespaces[volume.namespace].namespace,
            "claim_name": shares[volume.name].claim_name,
            "pod_name": pod_name,
            "timeout_minutes": kubernetes_minutes,
        },
        on_cluster(driver),
    )
    for volume, pod_name in settings.sample_pods
}

described = {
    volume.name: {
        "smbServerFqdn": volumes[volume.name].smb_server_fqdn,
        "creationToken": volumes[volume.name].creation_token,
        "uncPath": volumes[volume.name].unc_path,
        "mountIpAddress": volumes[volume.name].mount_ip_address,
        "volumeId": volumes[volume.name].volume_id,
        "namespace": namespaces[volume.namespace].namespace,
        "claimName": shares[volume.name].claim_name,
        **({"podName": pods[volume.name].pod_name} if volume.name in pods else {}),
    }
    for volume in settings.volumes
}
first = described[settings.volumes[0].name]
pulumi.export("volumes", described)
for output in ("smbServerFqdn", "creationToken", "uncPath", "mountIpAddress", "volumeId"):
    pulumi.export(output, first[output])
pulumi.export("resourceGroupName", group.name)
pulumi.export("accountName", account.name)
pulumi.export("poolName", pool.name)
pulumi.export("staticNamespace", first["namespace"])
pulumi.export("staticClaimName", first["claimName"])
if "podName" in first:
    pulumi.export("staticPodName", first["podName"])
if driver:
    pulumi.export("smbDriverVersion", driver.version)
