"""The provider of the Kubernetes cluster: an explicit one, so that nothing reaches another cluster."""

import base64
from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_azure_native import containerservice

from components import rules
from components.guest.cluster_identity import identity_of, remembered_cluster
from components.support.cluster_login import check_login
from components.support.lookup import LookupFailedError, looked_up
from components.support.options import after
from components.support.other_subscription import subscription_provider
from components.support.stack_output import stack_output

_ROLE: Final = "the user of pulumi needs the role 'Azure Kubernetes Service Cluster User Role' on it"


class AksArgs(TypedDict):
    """An AKS cluster, whose credentials Azure gives."""

    resource_group: pulumi.Input[str]
    """The resource group of the cluster."""
    name: pulumi.Input[str]
    """The cluster's name."""
    subscription_id: NotRequired[pulumi.Input[str] | None]
    """The subscription of the cluster. Default: that of the stack."""


class ClusterArgs(TypedDict):
    """The cluster: one of aks, stack, kubeconfig, or context alone."""

    aks: NotRequired[AksArgs | None]
    """An AKS cluster; each run reads its user credentials, and the state keeps them encrypted.

    The kubernetes plugin also leaves them in the folder for temporary files, in a file `kubeconfig…` that only its user
    can read (pulumi-kubernetes, Configure): on a shared machine give each run a TMPDIR of its own.
    """
    stack: NotRequired[str | None]
    """Another stack, organization/project/stack, that exports the kubeconfig."""
    output: NotRequired[str | None]
    """The output of that stack. Default: kubeconfig."""
    kubeconfig: NotRequired[str | None]
    """The content of a kubeconfig file."""
    context: NotRequired[str | None]
    """The context of that kubeconfig, or, alone, of the one that kubectl uses here."""
    own_kubeconfig: NotRequired[str | None]
    """The content of the one that kubectl uses here, for a context alone: which cluster that is. It is not kept."""


def cluster_provider(name: str, args: ClusterArgs, kubeconfig: pulumi.Output[str] | None) -> kubernetes.Provider:
    """Return the provider of one cluster, for every component with Kubernetes objects; see `cluster_kubeconfig`.

    The state remembers the cluster. Another one is refused, whatever the provider would replace. A sign-in that would
    ask at a terminal is refused too.
    """
    context = args.get("context")
    # A plain one is judged before the engine hears of anything; the others when they are known.
    check_login(args.get("kubeconfig") or args.get("own_kubeconfig"), context)
    known = kubeconfig if kubeconfig is not None else pulumi.Output.from_input(args.get("own_kubeconfig"))
    identity = pulumi.Output.unsecret(known.apply(lambda content: _identity(content, context)))
    remembered = remembered_cluster(name, identity)
    return kubernetes.Provider(
        name,
        kubeconfig=kubeconfig,
        context=context,
        # With a constant one the provider never replaces the objects (pulumi-kubernetes, DiffConfig). A state keeps the
        # one that it has: earlier programs wrote the name in the stack file there, and a change would replace all.
        cluster_identifier="remembered",
        # A new password changes the Secret in place: Pods mount with it.
        enable_secret_mutable=True,
        # Explicit, so that no environment variable turns it off.
        enable_server_side_apply=True,
        opts=pulumi.ResourceOptions(ignore_changes=["clusterIdentifier"], depends_on=after(remembered.urn)),
    )


def cluster_kubeconfig(args: ClusterArgs) -> pulumi.Output[str] | None:
    """Return the kubeconfig of the cluster as a secret, or None for the one that kubectl uses here."""
    if aks := args.get("aks"):
        credentials = looked_up(
            "The user credentials of the AKS cluster",
            containerservice.list_managed_cluster_user_credentials_output(
                resource_group_name=aks["resource_group"],
                resource_name=aks["name"],
                opts=in_subscription_of(aks, "aks-credentials"),
            ),
            f"name a cluster that exists in {subscription_of(aks)}; {_ROLE}",
        )
        return pulumi.Output.secret(credentials.apply(_first_kubeconfig))
    if stack := args.get("stack"):
        return pulumi.Output.secret(stack_output(stack, args.get("output") or "kubeconfig"))
    if kubeconfig := args.get("kubeconfig"):
        return pulumi.Output.secret(kubeconfig)
    return None


def in_subscription_of(
    aks: AksArgs, name: str, owner: pulumi.ComponentResource | None = None
) -> pulumi.InvokeOutputOptions:
    """Return the options of a look-up in the cluster's subscription; `name` is that of the provider for another one."""
    subscription = aks.get("subscription_id")
    return pulumi.InvokeOutputOptions(
        provider=subscription_provider(name, subscription, owner) if subscription else None
    )


def subscription_of(aks: AksArgs) -> str:
    """Return the cluster's subscription as errors name it."""
    subscription = aks.get("subscription_id")
    fix = rules.argument("Aks", "subscription_id")
    return f"subscription {subscription}" if isinstance(subscription, str) else f"the stack's subscription, or {fix}"


def _identity(kubeconfig: str | None, context: str | None) -> dict[str, str]:
    """Return the identity of a cluster that the kubernetes plugin can sign in to without asking."""
    check_login(kubeconfig, context)
    return identity_of(kubeconfig, context)


def _first_kubeconfig(credentials: containerservice.ListManagedClusterUserCredentialsResult) -> str:
    if not credentials.kubeconfigs:
        raise LookupFailedError(f"AKS gave no user credentials for the cluster. Fix: {_ROLE}.")
    return base64.b64decode(credentials.kubeconfigs[0].value).decode()
