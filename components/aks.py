"""The Kubernetes cluster that the stack works on: found out once, then pinned by an explicit provider."""

import base64
from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_azure_native import containerservice

from components.lookup import LookupFailedError, looked_up
from components.stack_output import stack_output

_ROLE: Final = "whoever runs pulumi needs the role 'Azure Kubernetes Service Cluster User Role' on it"


class AksArgs(TypedDict):
    """An AKS cluster, whose credentials Azure gives."""

    resource_group: pulumi.Input[str]
    """The resource group of the cluster."""
    name: pulumi.Input[str]
    """The cluster's name."""


class ClusterArgs(TypedDict):
    """Which cluster: one of aks, stack, kubeconfig, or context alone."""

    aks: NotRequired[AksArgs | None]
    """An AKS cluster; its user credentials are asked for at every run and kept in the state, encrypted.

    The kubernetes plugin also leaves them in the folder for temporary files, in a file `kubeconfig…` that only its user
    can read (pulumi-kubernetes, Configure): on a shared machine give each run a TMPDIR that goes with it.
    """
    stack: NotRequired[str | None]
    """Another stack, organization/project/stack, that exports the kubeconfig."""
    output: NotRequired[str | None]
    """The output of that stack. Default: kubeconfig."""
    kubeconfig: NotRequired[str | None]
    """The content of a kubeconfig file."""
    context: NotRequired[str | None]
    """The context of that kubeconfig, or, alone, of the one that kubectl uses here."""
    identity: str
    """What stays the same for as long as it is the same cluster: only when it changes are the objects made anew."""


def aks_provider(name: str, args: ClusterArgs) -> kubernetes.Provider:
    """The provider of one cluster, to be given to every component that makes Kubernetes objects."""
    return kubernetes.Provider(
        name,
        kubeconfig=_kubeconfig(args),
        context=args.get("context"),
        # Credentials change without the cluster being another one; without this, new ones could replace everything.
        cluster_identifier=args["identity"],
        # A password is changed in its Secret, instead of deleting the Secret under the Pods that mount with it.
        enable_secret_mutable=True,
        # Said outright, so that no environment variable of whoever runs this turns it off.
        enable_server_side_apply=True,
    )


def on_cluster(provider: kubernetes.Provider, *after: pulumi.Resource | None) -> pulumi.ResourceOptions:
    """Options of what is made in that cluster, once the given resources are there."""
    return pulumi.ResourceOptions(provider=provider, depends_on=[resource for resource in after if resource])


def _kubeconfig(args: ClusterArgs) -> pulumi.Output[str] | None:
    if aks := args.get("aks"):
        credentials = looked_up(
            "The user credentials of the AKS cluster",
            containerservice.list_managed_cluster_user_credentials_output(
                resource_group_name=aks["resource_group"], resource_name=aks["name"]
            ),
            f"name a cluster that exists in this subscription; {_ROLE}",
        )
        return pulumi.Output.secret(credentials.apply(_first_kubeconfig))
    if stack := args.get("stack"):
        return pulumi.Output.secret(stack_output(stack, args.get("output") or "kubeconfig"))
    if kubeconfig := args.get("kubeconfig"):
        return pulumi.Output.secret(kubeconfig)
    return None


def _first_kubeconfig(credentials: containerservice.ListManagedClusterUserCredentialsResult) -> str:
    if not credentials.kubeconfigs:
        raise LookupFailedError(f"AKS gave no user credentials for the cluster. Mend: {_ROLE}.")
    return base64.b64decode(credentials.kubeconfigs[0].value).decode()
