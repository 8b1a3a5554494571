"""What the checks look at: a stack's outputs, its cluster, its Azure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from verify.azure import Azure, AzureClient
from verify.azure_cloud import AzureCloud
from verify.cluster import Cluster, KubernetesClient, Transport
from verify.errors import VerifyError
from verify.stack_outputs import StackOutputs, secret_output
from verify.temporary_pod import TemporaryPods


@dataclass(frozen=True)
class World:
    """One stack, for one run: what was read of the cluster is not read again."""

    outputs: StackOutputs
    cluster: Cluster
    azure: Azure
    pods: TemporaryPods

    @classmethod
    def of(cls, outputs: StackOutputs, transport: Transport, azure: Azure) -> "World":
        """A fresh look by these clients."""
        cluster = Cluster(transport)
        return cls(outputs, cluster, azure, TemporaryPods(cluster))


def azure_of(outputs: StackOutputs) -> AzureClient:
    """Azure, in the subscription of the stack's pool.

    Raises:
        UnreachableError: the cloud's metadata cannot be read.

    """
    return AzureClient(AzureCloud.of_environment(), outputs.pool_id.split("/")[2])


def cluster_of(
    outputs: StackOutputs, azure: AzureClient, folder: Path | None, kubeconfig: str | None, context: str | None
) -> KubernetesClient:
    """The stack's cluster, or the one that `kubeconfig` and `context` name.

    Raises:
        VerifyError: its credentials are not to be had.

    """
    reference = outputs.cluster
    if kubeconfig or context:
        return KubernetesClient.of_file(kubeconfig, context)
    if reference.aks_name:
        credentials = azure.cluster_credentials(reference.aks_group, reference.aks_name)
        return KubernetesClient.of_content(credentials, None)
    if reference.stack:
        return KubernetesClient.of_content(_parsed(secret_output(reference, folder)), reference.context or None)
    file = Path(reference.kubeconfig).expanduser() if reference.kubeconfig else None
    # A relative path is one of the project's, as for the program.
    place = str((folder or Path()) / file) if file else None
    return KubernetesClient.of_file(place, reference.context or None)


def _parsed(kubeconfig: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(kubeconfig)
    except yaml.YAMLError as error:
        raise VerifyError("The other stack's output is no kubeconfig: it is no YAML.") from error
    if not isinstance(content, dict):
        raise VerifyError("The other stack's output is no kubeconfig.")
    return cast(dict[str, Any], content)
