"""The sections for the cluster: user, cluster, driver, Trident and its claims; and the timeouts."""

import os
from pathlib import Path
from typing import Annotated, Any

import pulumi
from pydantic import Field

from components import rules
from components.guest.cluster_identity import identity_of
from components.rules import trident as trident_rules
from components.smb_csi_driver import SmbCsiDriverArgs
from components.support.cluster_provider import ClusterArgs
from components.trident import TridentArgs
from components.trident_path import PathBackendArgs, PathClaimArgs
from configuration.section import Minutes, Namespace, Section, obeys


class SmbUserSettings(Section):
    """anf-smb:smbUser."""

    domain: Annotated[str, obeys(rules.USER_DOMAIN)]
    """The user's domain."""
    username: Annotated[str, obeys(rules.USERNAME)]
    """The user's name, without the domain."""


class AksSettings(Section):
    """The AKS cluster of anf-smb:cluster."""

    resource_group: Annotated[str, obeys(rules.RESOURCE_GROUP_NAME)]
    """The resource group of the cluster."""
    name: Annotated[str, obeys(rules.AKS_NAME)]
    """The cluster's name."""


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
    def args(self) -> ClusterArgs:
        """Return the provider's arguments, with the content of the kubeconfig: its path differs between machines."""
        file = self.kubeconfig_file
        return {
            "aks": {"resource_group": self.aks.resource_group, "name": self.aks.name} if self.aks else None,
            "stack": self.stack,
            "output": self.output,
            "kubeconfig": file.read_text() if file else None,
            "context": self.context,
            "own_kubeconfig": None if file or self.aks or self.stack else _own_kubeconfig(self.context),
        }


def _own_kubeconfig(context: str | None) -> str | None:
    """Return the content of kubectl's own kubeconfig that has a context; it is the first one of several."""
    named = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    contents = [Path(name).read_text() for name in named.split(os.pathsep) if name and Path(name).is_file()]
    return next((content for content in contents if identity_of(content, context)), None)


class SmbDriverSettings(Section):
    """anf-smb:smbDriver; set enabled: false if the cluster already has the driver. Default: true with volumes."""

    enabled: bool | None = None
    """Install the driver; false if the cluster has it. Default: if there is a volume."""
    version: Annotated[str, obeys(rules.DRIVER_VERSION)] | None = None
    repository: Annotated[str, obeys(rules.REPOSITORY)] | None = None
    namespace: Namespace = "kube-system"
    values: dict[str, Any] = Field(default_factory=dict[str, Any])

    @property
    def args(self) -> SmbCsiDriverArgs:
        """Return the arguments of the component."""
        return self.arguments_of(SmbCsiDriverArgs)


class TridentSettings(Section):
    """anf-smb:trident; set enabled: false if the cluster already has Trident. Default: true with dynamicClaims."""

    enabled: bool | None = None
    """Install Trident; false if the cluster has it. Default: if there is a claim."""
    version: Annotated[str, obeys(trident_rules.VERSION)] | None = None
    authentication: Annotated[str, obeys(trident_rules.AUTHENTICATION)] = trident_rules.WORKLOAD_IDENTITY
    client_id: Annotated[str, obeys(rules.GUID)] | None = None
    tenant_id: Annotated[str, obeys(rules.GUID)] | None = None
    role_assignment: bool = True
    """Create and assign the roles of the identity; false if somebody else does, by the output tridentRoles."""
    repository: Annotated[str, obeys(rules.REPOSITORY)] | None = None
    namespace: Namespace = "trident"
    values: dict[str, Any] = Field(default_factory=dict[str, Any])
    any_kubernetes: bool = False
    credentials_namespace: Namespace = "smb-dynamic"
    """The namespace of the Secret smbcreds; none of a volume."""
    reclaim_policy: Annotated[str, obeys(trident_rules.RECLAIM_POLICY)] = "Retain"
    wipeout: bool = False

    @property
    def creates_identity(self) -> bool:
        """Return whether the stack creates the identity that Trident signs in with."""
        return self.authentication == trident_rules.WORKLOAD_IDENTITY and self.client_id is None

    @property
    def args(self) -> TridentArgs:
        """Return the arguments of Trident."""
        return self.arguments_of(TridentArgs)

    @property
    def backend_args(self) -> PathBackendArgs:
        """Return the arguments of the backend."""
        return self.arguments_of(PathBackendArgs)


class DynamicClaimSettings(Section):
    """One of anf-smb:dynamicClaims."""

    name: Annotated[str, obeys(rules.VOLUME_NAME)]
    """The claim's name in this stack."""
    size_gib: Annotated[int, obeys(trident_rules.CLAIM_SIZE_GIB)] = Field(alias="sizeGiB")
    namespace: Namespace = "smb-dynamic"
    claim: Annotated[str, obeys(rules.OBJECT_NAME)] | None = None
    """The claim's name in Kubernetes. Default: anf-pvc-NAME."""

    @property
    def claim_name(self) -> str:
        """Return the claim's name, by default anf-pvc-NAME."""
        return self.claim or f"anf-pvc-{self.name}"

    @property
    def args(self) -> PathClaimArgs:
        """Return the arguments of the component."""
        return self.arguments_of(PathClaimArgs)


class TimeoutSettings(Section):
    """anf-smb:timeouts: the limit for each operation of Azure and of Kubernetes, in minutes."""

    azure_minutes: Minutes = 30
    """For each creation, update and deletion in Azure, and for the volumes of claims."""
    kubernetes_minutes: Minutes = 15
    """For releases, Pods and the backend."""

    @property
    def azure(self) -> pulumi.CustomTimeouts:
        """Return the timeouts of Azure resources."""
        return pulumi.CustomTimeouts(*[f"{self.azure_minutes}m"] * 3)

    @property
    def kubernetes(self) -> pulumi.CustomTimeouts:
        """Return the timeouts of Kubernetes resources."""
        return pulumi.CustomTimeouts(*[f"{self.kubernetes_minutes}m"] * 3)
