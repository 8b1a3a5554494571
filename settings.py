"""A stack's configuration as typed, validated values. All errors come at once, before Pulumi registers a resource.

The rules for single values are in `components/rules`, the rules between values in `configuration/`.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self, cast

import pulumi
from pydantic import Field

from components import rules
from components.active_directory import ActiveDirectoryArgs
from components.capacity_pool import PoolRef
from components.delegated_subnet import DelegatedSubnetArgs
from components.netapp_account import NetAppAccountArgs
from components.rules.network import NetworkPath
from components.share_namespace import CredentialsArgs, ShareNamespaceArgs
from components.trident_path import PathBackendArgs, PathPoolArgs, TridentPathArgs
from configuration.account import AccountSettings, ActiveDirectorySettings, ResourceGroupSettings
from configuration.alerts import AlertSettings
from configuration.backends import storage_classes, uses_trident
from configuration.checking import checked
from configuration.cluster import ClusterSettings
from configuration.kubernetes import (
    DynamicClaimSettings,
    SmbDriverSettings,
    SmbUserSettings,
    TimeoutSettings,
    TridentSettings,
)
from configuration.network import NetworkSettings
from configuration.pools import PoolSettings
from configuration.reading import PROJECT
from configuration.section import Namespace
from configuration.snapshots import SnapshotPolicySettings
from configuration.tags import Tags, with_tags
from configuration.volumes import VolumeSettings
from configuration.windows_pods import WindowsPodsSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """The configuration of a stack: each field is a key of the namespace anf-smb, there in camelCase."""

    resource_group: ResourceGroupSettings
    """The resource group of account, network and identity."""
    network: NetworkSettings
    """The delegated subnet: one to create in an existing virtual network (virtualNetworkId), an existing one
    (subnetId), or one in a network of the stack's own (virtualNetwork)."""
    active_directory: ActiveDirectorySettings | None = None
    """The directory that the account joins; not for an existing account. The password is activeDirectoryPassword."""
    account: AccountSettings
    """The NetApp account. An existing one keeps its directory, and needs an existing group."""
    pools: Annotated[list[PoolSettings], Field(min_length=1, max_length=rules.MOST_POOLS)]
    """Capacity pools of the account; the first is the default of volumes and claims. An existing one keeps its level,
    size and QoS type, and needs an existing account."""
    snapshot_policies: list[SnapshotPolicySettings] = dataclasses.field(default_factory=list)
    """Snapshot policies of the account, for volumes[].snapshotPolicy. An existing one keeps its schedules."""
    volumes: list[VolumeSettings] = dataclasses.field(default_factory=list)
    """The volumes of the static path. A stack has a volume, a claim, or Trident."""
    smb_user: SmbUserSettings
    """The user of the directory who mounts the shares. The password is smbPassword."""
    smb_driver: SmbDriverSettings = dataclasses.field(default_factory=SmbDriverSettings)
    """csi-driver-smb, the driver of the static path."""
    cluster: ClusterSettings
    """The Kubernetes cluster: one of aks, stack, kubeconfig and context."""
    trident: TridentSettings = dataclasses.field(default_factory=TridentSettings)
    """Trident, the driver of the dynamic path."""
    dynamic_claims: list[DynamicClaimSettings] = dataclasses.field(default_factory=list)
    """The claims of the dynamic path: Trident creates their volumes in the pool."""
    windows_pods: WindowsPodsSettings = dataclasses.field(default_factory=WindowsPodsSettings)
    """The needs of Windows Pods in the cluster, for the sample Pods, the Pods of verify and the drivers."""
    sample_workload: bool = True
    """Create an IIS Pod on a Windows node for each volume and claim."""
    alerts: AlertSettings | None = None
    """Alerts of Azure Monitor on volumes and pools that are almost full."""
    existing_namespaces: list[Namespace] = dataclasses.field(default_factory=list)
    """Namespaces that exist: the stack neither creates nor deletes them."""
    adopt: dict[str, str] = dataclasses.field(default_factory=dict)
    """Existing things that become the stack's own: their ids, by the names of the resources that would create them."""
    protect: bool = True
    """Protect group, network, account, pool, volumes, namespaces, PersistentVolumes and claims: `pulumi` refuses to
    delete or replace them, and leaves them as they are if it is told to forget them."""
    tags: Tags = dataclasses.field(default_factory=dict)
    """Tags of all Azure resources that the stack creates. Those of a single resource win over these, and tags that
    others put on a resource stay."""
    timeouts: TimeoutSettings = dataclasses.field(default_factory=TimeoutSettings)
    """How long Azure and Kubernetes may take."""
    active_directory_password: pulumi.Output[str] | None = dataclasses.field(repr=False)
    """The password of the user who joins the directory; not for an existing account."""
    smb_password: pulumi.Output[str] = dataclasses.field(repr=False)
    """The password of the user who mounts the shares."""
    trident_client_secret: pulumi.Output[str] | None = dataclasses.field(default=None, repr=False)
    """The client secret of the app registration, for trident.authentication clientSecret."""

    @classmethod
    def load(cls) -> Self:
        """Return the stack's validated configuration.

        Raises:
            SettingsError: with every error in the configuration.

        """
        parts, needed = checked(cls)
        encrypted = pulumi.Config(PROJECT)

        def secret(key: str) -> pulumi.Output[str] | None:
            return encrypted.require_secret(key) if key in needed else None

        return cls(
            **with_tags(parts),
            active_directory_password=secret("activeDirectoryPassword"),
            smb_password=encrypted.require_secret("smbPassword"),
            trident_client_secret=secret("tridentClientSecret"),
        )

    def pool_of(self, mounted: VolumeSettings | DynamicClaimSettings) -> str:
        """Return the name of the pool of a volume or of a claim, by default that of the first pool."""
        if isinstance(mounted, VolumeSettings):
            return mounted.pool_name or self.pools[0].name
        by_class = {name: pool for pool, name in self._storage_classes.items()}
        return by_class.get(mounted.storage_class or "", self.pools[0].name)

    @property
    def installs_smb_driver(self) -> bool:
        """Return smbDriver.enabled; by default whether the stack has volumes."""
        return bool(self.volumes) if self.smb_driver.enabled is None else self.smb_driver.enabled

    @property
    def installs_trident(self) -> bool:
        """Return trident.enabled; by default whether the stack has dynamicClaims, or a pool with a storageClass."""
        return self._uses_trident if self.trident.enabled is None else self.trident.enabled

    @property
    def has_backend(self) -> bool:
        """Return whether the stack creates backends and StorageClasses, for its own or an existing Trident."""
        return self._uses_trident and not self.trident.wipeout

    @property
    def creates_identity(self) -> bool:
        """Return whether the stack creates the identity that its Trident signs in to Azure with."""
        return self.installs_trident and self.trident.creates_identity

    @property
    def trident_label(self) -> str:
        """Return a label that distinguishes this stack's roles from those of other stacks in the directory."""
        of_the_stack = f"/{pulumi.get_project()}/{pulumi.get_stack()}" if self.account.existing else ""
        return f"{self.resource_group.name}/{self.account.name}{of_the_stack}"

    @property
    def network_resource_group(self) -> str | None:
        """Return the resource group of the virtual network if it differs from the account's, else None."""
        if not self.network.existing_id:
            return None
        group = NetworkPath.of(self.network.existing_id).resource_group
        return None if group.lower() == self.resource_group.name.lower() else group

    @property
    def namespaces(self) -> Mapping[str, ShareNamespaceArgs]:
        """Return the arguments of each namespace with claims: whether it already exists, and its credentials."""
        existing = {*self.existing_namespaces, *rules.NAMESPACES_OF_EVERY_CLUSTER}
        user: CredentialsArgs = {
            "domain": self.smb_user.domain,
            "username": self.smb_user.username,
            "password": self.smb_password,
        }
        static = dict.fromkeys((volume.namespace for volume in self.volumes), user)
        dynamic: dict[str, CredentialsArgs | None] = {}
        if self.has_backend:
            dynamic = {claim.namespace: None for claim in self.dynamic_claims}
            dynamic[self.trident.credentials_namespace] = user
        return {
            name: {
                "namespace": name,
                "existing": name in existing,
                "credentials": credentials,
                "secret_name": self.smb_user.secret_name,
                "joined_username": name in dynamic,
            }
            for name, credentials in (static | dynamic).items()
        }

    @property
    def network_args(self) -> DelegatedSubnetArgs:
        """Return the arguments of the delegated subnet that need no other resource."""
        return {**self.network.args, "subscription_id": pulumi.Config("azure-native").get("subscriptionId")}

    @property
    def account_args(self) -> NetAppAccountArgs:
        """Return the arguments of the account, with its directory."""
        return {**self.account.args, "active_directory": self._directory}

    @property
    def trident_path_args(self) -> TridentPathArgs:
        """Return the arguments of the dynamic path that need no other resource."""
        settings: dict[str, Any] = {
            "trident": {**self.trident.args, "claims": [claim.claim_name for claim in self.dynamic_claims]}
            if self.installs_trident
            else None,
            "namespace": self.trident.namespace,
            "aks": self.cluster.args.get("aks"),
            "identity_name": self._identity_name if self.creates_identity else None,
            "keep_identity_name": self.trident.identity_name is None,
            "identity_tags": self.tags or None,
            "azure_minutes": self.timeouts.azure_minutes,
        }
        return cast("TridentPathArgs", settings)

    @property
    def backend_args(self) -> PathBackendArgs:
        """Return the arguments of the backend that need no other resource."""
        settings: dict[str, Any] = {
            **self.trident.backend_args,
            "role_label": self.trident_label if self.trident.role_assignment else None,
            "keep_label": self.account.existing,
            "network_resource_group_name": self.network_resource_group,
            "client_secret": {"client_id": self.trident.client_id, "client_secret": self.trident_client_secret}
            if self.trident.client_id and self.trident_client_secret
            else None,
        }
        return cast("PathBackendArgs", settings)

    def backend_pools(self, refs: Mapping[str, pulumi.Input[PoolRef]]) -> dict[str, PathPoolArgs]:
        """Return the arguments of the backend of each pool that has one; `refs` are the pools by name."""
        chosen = {pool.name: pool for pool in self.pools}
        return {
            name: {
                "pool": refs[name],
                "storage_class_name": storage_class,
                "keep_name": chosen[name].storage_class is None,
                "max_throughput_mibps": chosen[name].max_throughput_mibps,
            }
            for name, storage_class in self._storage_classes.items()
        }

    @property
    def alerted_pools(self) -> Sequence[str]:
        """Return the pools that an alert watches: those with a StorageClass.

        In any other pool only the stack file creates volumes: their sizes are a plan, which its preview checks.
        """
        return [*self._storage_classes] if self.has_backend else []

    def alerted_scopes(self, group_id: pulumi.Input[str], volume_ids: Sequence[pulumi.Input[str]]) -> list[Any]:
        """Return what the alert on volumes watches: the group of the stack's own account, and so the claims' volumes.

        The group of an existing account has volumes of others: there it is the volumes of the stack file.
        """
        if self.account.existing:
            return [*volume_ids]
        return [group_id] if self.volumes or self.dynamic_claims else []

    @property
    def alerts_name(self) -> str:
        """Return the beginning of the alerts' names, which distinguishes the stacks of a resource group."""
        return f"{pulumi.get_project()}-{pulumi.get_stack()}"

    @property
    def sample_pods(self) -> dict[str, str]:
        """Return the names of the sample Pods by the volumes that they mount."""
        return _pods(self.volumes) if self.sample_workload else {}

    @property
    def dynamic_pods(self) -> dict[str, str]:
        """Return the names of the sample Pods by the claims that they mount."""
        return _pods(self.dynamic_claims) if self.sample_workload else {}

    @property
    def _uses_trident(self) -> bool:
        return uses_trident(self.trident, self.pools, self.dynamic_claims)

    @property
    def _storage_classes(self) -> Mapping[str, str]:
        """Return the StorageClass of each pool that has one, by the pool's name."""
        classes = storage_classes(dict(enumerate(self.pools)), self.trident)
        return {self.pools[index].name: name for index, name in classes.items()}

    @property
    def _identity_name(self) -> str:
        """Return trident.identityName; by default a name of the account, or of the stack with an existing account."""
        of_the_stack = f"-{pulumi.get_project()}-{pulumi.get_stack()}" if self.account.existing else ""
        return self.trident.identity_name or f"{self.account.name}{of_the_stack}-trident"

    @property
    def _directory(self) -> ActiveDirectoryArgs | None:
        """Return the directory that the account joins, with the password of the joining user."""
        if self.active_directory is None or self.active_directory_password is None:
            return None
        return {**self.active_directory.args, "password": self.active_directory_password}


def _pods(mounted: Sequence[VolumeSettings | DynamicClaimSettings]) -> dict[str, str]:
    """Return a Pod name for each; the first has the documentation's name."""
    return {each.name: f"iis-pod-{each.claim_name}" if index else "iis-pod" for index, each in enumerate(mounted)}
