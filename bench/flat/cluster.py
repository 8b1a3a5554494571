"""The provider of the cluster, from the user credentials that AKS gives."""

import base64
from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s
from pulumi_azure_native import containerservice


def cluster(aks: Mapping[str, str]) -> k8s.Provider:
    """Return the provider of an AKS cluster."""
    credentials = containerservice.list_managed_cluster_user_credentials_output(
        resource_group_name=aks["resourceGroup"], resource_name=aks["name"]
    )
    kubeconfig = credentials.apply(lambda found: base64.b64decode(found.kubeconfigs[0].value).decode())
    return k8s.Provider("aks", kubeconfig=pulumi.Output.secret(kubeconfig), enable_secret_mutable=True)
