"""Properties of an AKS cluster, read from Azure."""

from typing import Final

import pulumi
from pulumi_azure_native import containerservice

from components import rules
from components.support.cluster_provider import AksArgs, in_subscription_of, subscription_of
from components.support.lookup import LookupFailedError, looked_up

_FIX: Final = "az aks update --enable-oidc-issuer --enable-workload-identity --resource-group {group} --name {name}"
_IDENTITY_FIX: Final = "az aks update --enable-managed-identity --resource-group {group} --name {name}"


def aks_cluster(
    args: AksArgs, owner: pulumi.ComponentResource
) -> pulumi.Output[containerservice.GetManagedClusterResult]:
    """Return the cluster as Azure describes it, for a component; a preview fails when it is missing or unreadable."""
    return looked_up(
        "The AKS cluster",
        containerservice.get_managed_cluster_output(
            resource_group_name=args["resource_group"],
            resource_name=args["name"],
            opts=in_subscription_of(args, "aks-cluster", owner),
        ),
        f"name a cluster that exists in {subscription_of(args)}; the user of pulumi needs the role "
        "'Azure Kubernetes Service Cluster User Role' on it",
    )


def kubernetes_version(cluster: containerservice.GetManagedClusterResult) -> str:
    """Return the version of the API server, such as 1.31.2."""
    return cluster.current_kubernetes_version or cluster.kubernetes_version or ""


def workload_identity_issuer(cluster: containerservice.GetManagedClusterResult) -> str:
    """Return the issuer of its service accounts' tokens, for Entra ID.

    Raises `LookupFailedError` for a cluster without an issuer, or without tokens for Pods.
    """
    issuer = cluster.oidc_issuer_profile
    security = cluster.security_profile
    handed = security.workload_identity if security else None
    if not issuer or not issuer.enabled or not issuer.issuer_url or not handed or not handed.enabled:
        raise LookupFailedError(
            f"The AKS cluster {cluster.name} is not set up for workload identity (OIDC issuer and webhook). "
            f"Fix: {_of(cluster, _FIX)}; or another "
            f"{rules.argument('Trident', 'authentication')}"
        )
    return issuer.issuer_url


def kubelet_principal(cluster: containerservice.GetManagedClusterResult) -> str:
    """Return the principal of the nodes' identity.

    Raises `LookupFailedError` for a cluster whose nodes have none.
    """
    kubelet = (cluster.identity_profile or {}).get("kubeletidentity")
    if not kubelet or not kubelet.object_id:
        raise LookupFailedError(
            f"The nodes of the AKS cluster {cluster.name} have no managed identity. "
            f"Fix: {_of(cluster, _IDENTITY_FIX)}; or another {rules.argument('Trident', 'authentication')}"
        )
    return kubelet.object_id


def _of(cluster: containerservice.GetManagedClusterResult, command: str) -> str:
    return command.format(group=cluster.id.split("/")[4], name=cluster.name)
