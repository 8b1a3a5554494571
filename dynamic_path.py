"""The dynamic path: Trident with its rights and its backend, and claims for which it makes volumes in the pool."""

from collections.abc import Mapping

import pulumi_kubernetes as kubernetes
from pulumi_azure_native.authorization import get_client_config_output

from components.aks import on_cluster
from components.aks_cluster import aks_cluster, kubelet_principal, kubernetes_version, workload_identity_issuer
from components.capacity_pool import CapacityPool
from components.delegated_subnet import DelegatedSubnet
from components.dynamic_share import DynamicShare
from components.iis_pod import IisPod
from components.netapp_account import NetAppAccount
from components.resource_group import ResourceGroup
from components.share_namespace import ShareNamespace
from components.smb_volume import SmbVolume
from components.trident import Trident
from components.trident_backend import TridentSmbBackend
from components.trident_identity import TridentIdentity
from components.trident_role import TridentRole
from components.trident_rules import MANAGED_IDENTITY
from settings import Settings


class DynamicPath:
    """What the dynamic path makes in Azure and in the cluster; a stack without claims and Trident makes none of it."""

    def __init__(
        self,
        settings: Settings,
        cluster: kubernetes.Provider,
        namespaces: Mapping[str, ShareNamespace],
        *,
        group: ResourceGroup,
        network: DelegatedSubnet,
        account: NetAppAccount,
        pool: CapacityPool,
        volumes: Mapping[str, SmbVolume],
    ) -> None:
        azure_minutes, kubernetes_minutes = settings.timeouts.azure_minutes, settings.timeouts.kubernetes_minutes
        self.azure = get_client_config_output() if settings.has_backend else None
        aks = aks_cluster(args) if settings.installs_trident and (args := settings.cluster.args.get("aks")) else None
        self.identity = (
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
        principal = self.identity.principal_id if self.identity else None
        if aks and settings.trident.authentication == MANAGED_IDENTITY:
            principal = aks.apply(kubelet_principal)
        self.role = (
            TridentRole(
                "trident",
                {
                    "subscription_id": self.azure.subscription_id,
                    "resource_group_name": group.name,
                    "network_resource_group_name": settings.network_resource_group,
                    "principal_id": principal,
                    "label": settings.trident_label,
                },
            )
            if self.azure and principal and settings.trident.role_assignment
            else None
        )
        self.trident = (
            Trident(
                "trident",
                {
                    "version": settings.trident.version,
                    "authentication": settings.trident.authentication,
                    "client_id": self.identity.client_id if self.identity else settings.trident.client_id,
                    "repository": settings.trident.repository,
                    "namespace": settings.trident.namespace,
                    "values": settings.trident.values,
                    "kubernetes_version": aks.apply(kubernetes_version) if aks else None,
                    "any_kubernetes": settings.trident.any_kubernetes,
                    "claims": [claim.claim_name for claim in settings.dynamic_claims],
                    "wipeout": settings.trident.wipeout,
                    "timeout_minutes": kubernetes_minutes,
                },
                on_cluster(cluster),
            )
            if settings.installs_trident
            else None
        )
        self.backend = (
            TridentSmbBackend(
                "anf-smb",
                {
                    "subscription_id": self.azure.subscription_id,
                    "tenant_id": settings.trident.tenant_id or self.azure.tenant_id,
                    "location": account.location,
                    "resource_group_name": group.name,
                    "account_name": account.name,
                    "pool_name": pool.name,
                    "service_level": pool.service_level,
                    "qos_type": pool.qos_type,
                    "subnet_id": network.subnet_id,
                    "nas_type": settings.trident.nas_type,
                    "client_secret": settings.client_secret,
                    "namespace": self.trident.namespace if self.trident else settings.trident.namespace,
                    "credentials_namespace": namespaces[settings.trident.credentials_namespace].namespace,
                    "credentials_secret": namespaces[settings.trident.credentials_namespace].secret_name,
                    "reclaim_policy": settings.trident.reclaim_policy,
                    "timeout_minutes": kubernetes_minutes,
                    "delete_timeout_minutes": azure_minutes,
                },
                on_cluster(cluster, self.trident, self.role),
            )
            if self.azure
            else None
        )
        self.claims = {
            claim.name: DynamicShare(
                claim.name,
                {
                    "storage_class_name": self.backend.storage_class_name,
                    "size_gib": claim.size_gib,
                    "namespace": namespaces[claim.namespace].namespace,
                    "claim_name": claim.claim_name,
                    "protect": settings.protect,
                    "timeout_minutes": azure_minutes,
                },
                # After the volumes: Azure would refuse one of them while it makes one for a claim.
                on_cluster(cluster, self.backend, *volumes.values()),
            )
            for claim in settings.dynamic_claims
            if self.backend
        }
        self.pods = {
            claim.name: IisPod(
                f"dynamic-{claim.name}",
                {
                    "namespace": namespaces[claim.namespace].namespace,
                    "claim_name": self.claims[claim.name].claim_name,
                    "pod_name": pod_name,
                    "timeout_minutes": kubernetes_minutes,
                },
                on_cluster(cluster, self.trident),
            )
            for claim, pod_name in settings.dynamic_pods
        }
