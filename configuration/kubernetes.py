"""The sections for the cluster: user, driver, Trident and its claims; and the timeouts."""

from typing import Annotated, Any

import pulumi
from pydantic import Field

from components import rules
from components.rules import directory as directory_rules
from components.rules import trident as trident_rules
from components.share_namespace import SECRET_NAME
from components.smb_csi_driver import SmbCsiDriverArgs
from components.trident import TridentArgs
from components.trident_identity import IDENTITY_NAME
from components.trident_path import PathBackendArgs, PathClaimArgs
from configuration.section import Minutes, Namespace, Section, obeys


class SmbUserSettings(Section):
    """anf-smb:smbUser."""

    domain: Annotated[str, obeys(directory_rules.USER_DOMAIN)]
    """The user's domain."""
    username: Annotated[str, obeys(directory_rules.USERNAME)]
    """The user's name, without the domain."""
    secret_name: Annotated[str, obeys(rules.OBJECT_NAME)] = SECRET_NAME
    """The Secret with the credentials, in each namespace of volumes and in trident.credentialsNamespace: another name
    where another stack has its own Secret in the namespace."""


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
    identity_name: Annotated[str, obeys(IDENTITY_NAME)] | None = None
    """The managed identity to create. Default: ACCOUNT-trident, or ACCOUNT-PROJECT-STACK-trident with an existing
    account."""
    principal_id: Annotated[str, obeys(rules.GUID)] | None = None
    """The object id of the identity that Trident signs in as, for the roles, if the stack does not create it. For the
    Trident of another stack: its output tridentPrincipalId. Default: no roles are assigned to such an identity."""
    role_assignment: bool = True
    """Create and assign the roles of the identity; false if somebody else does, by the output tridentRoles."""
    repository: Annotated[str, obeys(rules.REPOSITORY)] | None = None
    namespace: Namespace = "trident"
    values: dict[str, Any] = Field(default_factory=dict[str, Any])
    any_kubernetes: bool = False
    credentials_namespace: Namespace = "smb-dynamic"
    """The namespace of the Secret that nodes mount with; none of a volume."""
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
    storage_class: str | None = None
    """The storageClass of one of pools. It cannot be changed. Default: that of the first pool."""

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
