"""The cluster that the shares are mounted in: the one that the stack of the shares works on."""

import base64
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_azure_native import containerservice


class ClusterError(pulumi.RunError):
    """The cluster cannot be found from here. `pulumi` prints it without a traceback."""


def cluster_provider(cluster: pulumi.Output[Mapping[str, Any]], config: pulumi.Config) -> kubernetes.Provider:
    """The provider of that cluster, from the output `cluster`, or by the settings `kubeconfig` and `context`.

    Args:
        cluster: the output. Azure is asked for the credentials of an AKS cluster; whoever runs `pulumi` needs the role
            'Azure Kubernetes Service Cluster User Role' on it.
        config: `kubeconfig` (a secret, the content) or `context` of one's own kubeconfig, for every other cluster.

    """
    kubeconfig, context = config.get_secret("kubeconfig"), config.get("context")
    if kubeconfig is None and context is None:
        aks = cluster.apply(_aks)
        credentials = containerservice.list_managed_cluster_user_credentials_output(
            resource_group_name=aks["resourceGroup"], resource_name=aks["name"]
        )
        kubeconfig = pulumi.Output.secret(
            credentials.apply(lambda found: base64.b64decode(found.kubeconfigs[0].value).decode())
        )
    return kubernetes.Provider(
        "cluster",
        kubeconfig=kubeconfig,
        context=context,
        # With a constant one no new credentials and no new spelling of the cluster's name replace everything; a state
        # keeps the one that it has. The stack of the shares refuses another cluster.
        cluster_identifier="that of the shares",
        opts=pulumi.ResourceOptions(ignore_changes=["clusterIdentifier"]),
    )


def _aks(cluster: Mapping[str, Any]) -> Mapping[str, str]:
    if "aks" not in cluster:
        raise ClusterError(
            f"The stack of the shares finds its cluster by {', '.join(cluster)}, which says nothing here. "
            "Fix: pulumi config set context NAME, or pulumi config set --secret kubeconfig"
        )
    aks, own = cluster["aks"], pulumi.Config("azure-native").get("subscriptionId")
    if aks.get("subscriptionId", own) != own:
        raise ClusterError(
            f"The cluster of the shares is in subscription {aks['subscriptionId']}. "
            "Fix: that one as azure-native:subscriptionId, or pulumi config set context NAME"
        )
    return aks
