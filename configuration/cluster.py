"""The section anf-smb:cluster, and the rules between its keys."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from components import rules
from components.guest.cluster_identity import identity_of
from components.support.cluster_login import SILENT, login_problem
from components.support.cluster_provider import AksArgs, ClusterArgs
from configuration.errors import Problem
from configuration.section import Section, obeys
from configuration.sign_in import sign_in_elsewhere


class AksSettings(Section):
    """The AKS cluster of anf-smb:cluster."""

    resource_group: Annotated[str, obeys(rules.RESOURCE_GROUP_NAME)]
    """The resource group of the cluster."""
    name: Annotated[str, obeys(rules.AKS_NAME)]
    """The cluster's name."""
    subscription_id: Annotated[str, obeys(rules.GUID)] | None = None
    """The cluster's subscription. For another one than azure-native's, `pulumi` signs in by the environment
    (ARM_CLIENT_ID and the like) or by `az login`. Default: azure-native:subscriptionId."""

    @property
    def args(self) -> AksArgs:
        """Return the arguments of the cluster."""
        return self.arguments_of(AksArgs)


class ClusterSettings(Section):
    """anf-smb:cluster: one of aks, stack (with output), kubeconfig (with context), or context."""

    aks: AksSettings | None = None
    """An AKS cluster, whose user credentials Azure gives at every run."""
    stack: str | None = None
    """A stack, organization/project/stack, that exports a kubeconfig."""
    output: str | None = None
    """The output of that stack. Default: kubeconfig."""
    kubeconfig: str | None = None
    """The path of a kubeconfig file, relative to the project."""
    context: str | None = None
    """A context of that kubeconfig; alone, a context of your own one."""

    @property
    def kubeconfig_file(self) -> Path | None:
        """Return the path of the kubeconfig file, relative to the project; `~` is the home directory."""
        return Path(self.kubeconfig).expanduser() if self.kubeconfig else None

    @property
    def plain_kubeconfig(self) -> tuple[str | None, str | None]:
        """Return the content of the kubeconfig that is on this machine, and the context; no content of another one."""
        if file := self.kubeconfig_file:
            return file.read_text(), self.context
        return None if self.aks or self.stack else _own_kubeconfig(self.context), self.context

    @property
    def args(self) -> ClusterArgs:
        """Return the provider's arguments, with the content of the kubeconfig: its path differs between machines."""
        content, _ = self.plain_kubeconfig
        return {
            "aks": self.aks.args if self.aks else None,
            "stack": self.stack,
            "output": self.output,
            "kubeconfig": content if self.kubeconfig else None,
            "context": self.context,
            "own_kubeconfig": None if self.kubeconfig else content,
        }


def _own_kubeconfig(context: str | None) -> str | None:
    """Return the content of kubectl's own kubeconfig that has a context; it is the first one of several."""
    named = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    contents = [Path(name).read_text() for name in named.split(os.pathsep) if name and Path(name).is_file()]
    return next((content for content in contents if identity_of(content, context)), None)


def cluster_inconsistencies(cluster: ClusterSettings, subscription: str | None) -> Iterator[Problem]:
    """Yield each contradiction between the keys, and with the subscription of the stack."""
    key = "anf-smb:cluster"
    if cluster.aks and cluster.aks.subscription_id:
        elsewhere = [cluster.aks.subscription_id]
        yield from sign_in_elsewhere(elsewhere, subscription, f"{key}.aks.subscriptionId names a cluster")
    sources = [name for name in ("aks", "stack", "kubeconfig") if getattr(cluster, name) is not None]
    if cluster.context is not None and "kubeconfig" not in sources:
        sources.append("context")
    if len(sources) != 1:
        what = f"names the cluster by {' and '.join(sources)}" if sources else "names no cluster"
        yield Problem(key, what, "one of aks, stack, kubeconfig or context (kubeconfig allows a context too)")
    if cluster.output is not None and cluster.stack is None:
        yield Problem(f"{key}.output", "is set", "an output of the stack that `stack` names, not without `stack`")
    for name in ("stack", "output", "kubeconfig", "context"):
        if getattr(cluster, name) == "":
            yield Problem(f"{key}.{name}", "is empty", "a name", "set it, or remove it")
    file = cluster.kubeconfig_file
    if file and not file.is_file():
        yield Problem(
            f"{key}.kubeconfig",
            f'is "{cluster.kubeconfig}"',
            "a readable file, relative to the project",
            "create it, for example: az aks get-credentials --resource-group GROUP --name CLUSTER --file PATH",
        )
    elif len(sources) == 1 and (problem := login_problem(*cluster.plain_kubeconfig)):
        what, fix = problem
        yield Problem(f"{key}.{sources[0]}", what, SILENT, fix)
