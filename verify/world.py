"""The objects of a run: a stack's outputs, its cluster and Azure."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import yaml

from verify.clients.azure import Azure, AzureClient
from verify.clients.azure_cloud import AzureCloud
from verify.clients.cluster import Cluster, Transport
from verify.clients.kubernetes_client import KubernetesClient
from verify.errors import VerifyError
from verify.links.temporary_pod import TemporaryPods
from verify.names import names_of
from verify.stack.outputs import StackOutputs
from verify.stack.pulumi import secret_output


@dataclass(frozen=True)
class World:
    """One stack for one run, with a cache of the cluster's objects."""

    outputs: StackOutputs
    cluster: Cluster
    azure: Azure
    pods: TemporaryPods
    folder: Path | None = None
    """The project's folder, where the user gave it."""

    @classmethod
    def of(cls, outputs: StackOutputs, transport: Transport, azure: Azure, folder: Path | None = None) -> "World":
        """Return a world with an empty cache."""
        cluster = Cluster(transport)
        return cls(outputs, cluster, azure, TemporaryPods(cluster, outputs.windows_pods), folder)

    @cached_property
    def names(self) -> dict[str, str]:
        """Return the names for fixes."""
        return names_of(self.outputs, self.cluster, self.folder)


def azure_of(outputs: StackOutputs) -> AzureClient:
    """Return a client for the subscription of the stack's pool.

    Raises:
        UnreachableError: the cloud's metadata cannot be read.

    """
    return AzureClient(AzureCloud.of_environment(), outputs.pool_id.split("/")[2])


def cluster_of(
    outputs: StackOutputs, azure: AzureClient, folder: Path | None, kubeconfig: str | None, context: str | None
) -> KubernetesClient:
    """Return a client for the stack's cluster, or for the cluster of `kubeconfig` and `context`.

    Raises:
        VerifyError: there are no credentials for it.

    """
    reference = outputs.cluster
    if kubeconfig or context:
        return KubernetesClient.of_file(kubeconfig, context)
    if reference.aks_name:
        credentials = azure.cluster_credentials(reference.aks_group, reference.aks_name, reference.aks_subscription)
        return KubernetesClient.of_content(credentials, None)
    if reference.stack:
        return KubernetesClient.of_content(_parsed(secret_output(reference, folder)), reference.context or None)
    file = Path(reference.kubeconfig).expanduser() if reference.kubeconfig else None
    # A relative path is relative to the project, as in the program.
    place = str((folder or Path()) / file) if file else None
    return KubernetesClient.of_file(place, reference.context or None)


def _parsed(kubeconfig: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(kubeconfig)
    except yaml.YAMLError as error:
        raise VerifyError("The other stack's output is not a kubeconfig: it is not YAML.") from error
    if not isinstance(content, dict):
        raise VerifyError("The other stack's output is not a kubeconfig.")
    return cast(dict[str, Any], content)
