"""SMB shares on Azure NetApp Files for Windows workloads on AKS: settings in, components, outputs out."""

import pulumi
from pulumi_azure_native.authorization import get_client_config_output

from components.aks import aks_provider
from components.aks_cluster import aks_cluster, kubelet_principal, kubernetes_version, workload_identity_issuer
from components.capacity_pool import CapacityPool
from components.delegated_subnet import DelegatedSubnet
from components.dynamic_share import DynamicShare
from components.iis_pod import IisPod
from components.netapp_account import NetAppAccount
from components.resource_group import ResourceGroup
from components.share_namespace import ShareNamespace
from components.smb_csi_driver import SmbCsiDriver
from components.smb_volume import SmbVolume, in_turn
from components.static_share import StaticShare
from components.trident import Trident
from components.trident_backend import TridentSmbBackend
from components.trident_identity import TridentIdentity
from components.trident_role import TridentRole, role_definitions
from components.trident_rules import MANAGED_IDENTITY
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
    if settings.installs_smb_driver
    else None
)
namespaces = {name: ShareNamespace(name, args, on_cluster()) for name, args in settings.namespaces.items()}
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

azure = get_client_config_output() if settings.has_backend else None
aks = aks_cluster(aks_args) if settings.installs_trident and (aks_args := settings.cluster.args.get("aks")) else None
identity = (
    TridentIdentity(
        "trident",
        {
            "resource_group_name": group.name,
            "identity_name": f"{settings.account.name}-trident",
            "oidc_issuer": aks.apply(workload_identity_issuer),
            "namespace": settings.trident.namespace,
        },
    )
    if settings.makes_identity and aks
    else None
)
principal = identity.principal_id if identity else None
if aks and settings.trident.authentication == MANAGED_IDENTITY:
    principal = aks.apply(kubelet_principal)
role = (
    TridentRole(
        "trident",
        {
            "subscription_id": azure.subscription_id,
            "resource_group_name": group.name,
            "network_resource_group_name": settings.network_resource_group,
            "principal_id": principal,
            "label": settings.trident_label,
        },
    )
    if azure and principal and settings.trident.role_assignment
    else None
)
trident = (
    Trident(
        "trident",
        {
            "version": settings.trident.version,
            "authentication": settings.trident.authentication,
            "client_id": identity.client_id if identity else settings.trident.client_id,
            "repository": settings.trident.repository,
            "namespace": settings.trident.namespace,
            "values": settings.trident.values,
            "kubernetes_version": aks.apply(kubernetes_version) if aks else None,
            "any_kubernetes": settings.trident.any_kubernetes,
            "claims": [claim.claim_name for claim in settings.dynamic_claims],
            "wipeout": settings.trident.wipeout,
            "timeout_minutes": kubernetes_minutes,
        },
        on_cluster(),
    )
    if settings.installs_trident
    else None
)
backend = (
    TridentSmbBackend(
        "anf-smb",
        {
            "subscription_id": azure.subscription_id,
            "tenant_id": settings.trident.tenant_id or azure.tenant_id,
            "location": account.location,
            "resource_group_name": group.name,
            "account_name": account.name,
            "pool_name": pool.name,
            "service_level": pool.service_level,
            "qos_type": pool.qos_type,
            "subnet_id": network.subnet_id,
            "nas_type": settings.trident.nas_type,
            "client_secret": settings.client_secret,
            "namespace": trident.namespace if trident else settings.trident.namespace,
            "credentials_namespace": namespaces[settings.trident.credentials_namespace].namespace,
            "credentials_secret": namespaces[settings.trident.credentials_namespace].secret_name,
            "reclaim_policy": settings.trident.reclaim_policy,
            "timeout_minutes": kubernetes_minutes,
            "delete_timeout_minutes": azure_minutes,
        },
        on_cluster(trident, role),
    )
    if azure
    else None
)
claims = {
    claim.name: DynamicShare(
        claim.name,
        {
            "storage_class_name": backend.storage_class_name,
            "size_gib": claim.size_gib,
            "namespace": namespaces[claim.namespace].namespace,
            "claim_name": claim.claim_name,
            "protect": settings.protect,
            "timeout_minutes": azure_minutes,
        },
        # After the volumes: Azure would refuse one of them while it makes one for a claim.
        on_cluster(backend, *volumes.values()),
    )
    for claim in settings.dynamic_claims
    if backend
}
dynamic_pods = {
    claim.name: IisPod(
        f"dynamic-{claim.name}",
        {
            "namespace": namespaces[claim.namespace].namespace,
            "claim_name": claims[claim.name].claim_name,
            "pod_name": pod_name,
            "timeout_minutes": kubernetes_minutes,
        },
        on_cluster(trident),
    )
    for claim, pod_name in settings.dynamic_pods
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
described_claims = {
    claim.name: {
        "namespace": namespaces[claim.namespace].namespace,
        "claimName": claims[claim.name].claim_name,
        "persistentVolumeName": claims[claim.name].persistent_volume_name,
        **({"podName": dynamic_pods[claim.name].pod_name} if claim.name in dynamic_pods else {}),
    }
    for claim in settings.dynamic_claims
}
outputs: dict[str, pulumi.Input[object]] = {
    "resourceGroupName": group.name,
    "accountName": account.name,
    "poolName": pool.name,
    "poolId": pool.pool_id,
    "subnetId": network.subnet_id,
    "cluster": settings.cluster.model_dump(by_alias=True, exclude_none=True),
    "volumes": described,
    "dynamicClaims": described_claims,
}
for way, all_of_it in (("static", described), ("dynamic", described_claims)):
    first = next(iter(all_of_it.values()), {})  # flat outputs are of the first one
    here = {"namespace": f"{way}Namespace", "claimName": f"{way}ClaimName", "podName": f"{way}PodName"}
    outputs |= {here.get(key, key): value for key, value in first.items() if key != "persistentVolumeName"}
if driver:
    outputs["smbDriverVersion"] = driver.version
if trident:
    outputs["tridentVersion"] = trident.version
if azure and backend:
    outputs["tridentNamespace"] = trident.namespace if trident else settings.trident.namespace
    outputs["storageClassName"] = backend.storage_class_name
    outputs["tridentBackendName"] = backend.backend_name
    outputs["tridentBackendConfigName"] = backend.backend_config_name
    if not role:  # for whoever may give Trident its rights: az role definition create --role-definition …
        scopes = pulumi.Output.all(azure.subscription_id, group.name, settings.network_resource_group)
        outputs["tridentRoles"] = scopes.apply(
            lambda names: role_definitions(settings.trident_label, names[0], names[1:])
        )
for name, output in outputs.items():
    pulumi.export(name, output)
