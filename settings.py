"""A stack's configuration as typed, validated values. All errors come at once, before Pulumi registers a resource.

The rules for single values are in `components/rules`, the rules between values in `configuration/`.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self, cast

import pulumi
from pydantic import Field
from pydantic.alias_generators import to_camel

from components import rules
from components.delegated_subnet import DelegatedSubnetArgs
from components.netapp_account import ActiveDirectoryArgs, NetAppAccountArgs
from components.rules.network import NetworkPath
from components.rules.trident import CLIENT_SECRET
from components.share_namespace import CredentialsArgs, ShareNamespaceArgs
from components.trident_path import PathBackendArgs, TridentPathArgs
from configuration.account import AccountSettings, ActiveDirectorySettings, ResourceGroupSettings
from configuration.cluster import ClusterSettings
from configuration.consistency import inconsistencies
from configuration.errors import SettingsError, unknown_key
from configuration.kubernetes import (
    DynamicClaimSettings,
    SmbDriverSettings,
    SmbUserSettings,
    TimeoutSettings,
    TridentSettings,
)
from configuration.network import NetworkSettings
from configuration.pools import PoolSettings, single_pool
from configuration.reading import (
    PROJECT,
    SECRETS,
    azure_problems,
    parsed,
    secret_problems,
    sections,
    stack_config,
    valid,
)
from configuration.section import Namespace
from configuration.snapshots import SnapshotPolicySettings
from configuration.tags import Tags, with_tags
from configuration.volumes import VolumeSettings


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
    sample_workload: bool = True
    """Create an IIS Pod on a Windows node for each volume and claim."""
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
        config = stack_config()
        parts, problems = sections(cls, config)
        needed = _needed_secrets(parts)
        for key, rule in SECRETS.items():
            if key in needed or key in config:
                problems += secret_problems(f"{PROJECT}:{key}", config.get(key), rule)
        known = {to_camel(field.name) for field in dataclasses.fields(cls)}
        problems += [unknown_key(f"{PROJECT}:{key}", known) for key in config if key not in known | {"pool"}]
        if "pool" in config:
            problems = [problem for problem in problems if problem.key != f"{PROJECT}:pools"]
            problems.append(single_pool(parsed(config["pool"])))
        azure = pulumi.Config("azure-native")
        problems += azure_problems(azure.get("location"), azure.get("subscriptionId"))
        pools = valid(PoolSettings, config.get("pools"))
        volumes = valid(VolumeSettings, config.get("volumes"))
        claims = valid(DynamicClaimSettings, config.get("dynamicClaims"))
        policies = valid(SnapshotPolicySettings, config.get("snapshotPolicies"))
        problems += inconsistencies(parts, pools, volumes, claims, policies, config.keys(), azure.get("subscriptionId"))
        if problems:
            raise SettingsError(problems)
        encrypted = pulumi.Config(PROJECT)

        def secret(key: str) -> pulumi.Output[str] | None:
            return encrypted.require_secret(key) if key in needed else None

        return cls(
            **with_tags(parts),
            active_directory_password=secret("activeDirectoryPassword"),
            smb_password=encrypted.require_secret("smbPassword"),
            trident_client_secret=secret("tridentClientSecret"),
        )

    def pool_of(self, volume: VolumeSettings) -> str:
        """Return the name of a volume's pool, by default that of the first pool."""
        return volume.pool_name or self.pools[0].name

    @property
    def installs_smb_driver(self) -> bool:
        """Return smbDriver.enabled; by default whether the stack has volumes."""
        return bool(self.volumes) if self.smb_driver.enabled is None else self.smb_driver.enabled

    @property
    def installs_trident(self) -> bool:
        """Return trident.enabled; by default whether the stack has dynamicClaims."""
        return bool(self.dynamic_claims) if self.trident.enabled is None else self.trident.enabled

    @property
    def has_backend(self) -> bool:
        """Return whether the stack creates a backend and a StorageClass, for its own or an existing Trident."""
        return (self.installs_trident or bool(self.dynamic_claims)) and not self.trident.wipeout

    @property
    def creates_identity(self) -> bool:
        """Return whether the stack creates the identity that its Trident signs in to Azure with."""
        return self.installs_trident and self.trident.creates_identity

    @property
    def trident_label(self) -> str:
        """Return a label that distinguishes this stack's roles from those of other stacks in the directory."""
        return f"{self.resource_group.name}/{self.account.name}"

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
            "identity_name": f"{self.account.name}-trident" if self.creates_identity else None,
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
            "network_resource_group_name": self.network_resource_group,
            "client_secret": {"client_id": self.trident.client_id, "client_secret": self.trident_client_secret}
            if self.trident.client_id and self.trident_client_secret
            else None,
        }
        return cast("PathBackendArgs", settings)

    @property
    def sample_pods(self) -> dict[str, str]:
        """Return the names of the sample Pods by the volumes that they mount."""
        return _pods(self.volumes) if self.sample_workload else {}

    @property
    def dynamic_pods(self) -> dict[str, str]:
        """Return the names of the sample Pods by the claims that they mount."""
        return _pods(self.dynamic_claims) if self.sample_workload else {}

    @property
    def _directory(self) -> ActiveDirectoryArgs | None:
        """Return the directory that the account joins, with the password of the joining user."""
        if self.active_directory is None or self.active_directory_password is None:
            return None
        return {**self.active_directory.args, "password": self.active_directory_password}


def _pods(mounted: Sequence[VolumeSettings | DynamicClaimSettings]) -> dict[str, str]:
    """Return a Pod name for each; the first has the documentation's name."""
    return {each.name: f"iis-pod-{each.claim_name}" if index else "iis-pod" for index, each in enumerate(mounted)}


def _needed_secrets(parts: Mapping[str, Any]) -> set[str]:
    """Return the keys of the secrets that the stack needs."""
    account, trident = parts.get("account"), parts.get("trident")
    joins = not (isinstance(account, AccountSettings) and account.existing)
    signs_in = isinstance(trident, TridentSettings) and trident.authentication == CLIENT_SECRET and not trident.wipeout
    has_trident = bool(parts.get("dynamic_claims")) or (isinstance(trident, TridentSettings) and bool(trident.enabled))
    return {
        "smbPassword",
        *(["activeDirectoryPassword"] if joins else []),
        *(["tridentClientSecret"] if signs_in and has_trident else []),
    }
