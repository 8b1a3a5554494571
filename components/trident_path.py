"""The dynamic path: Trident with its permissions and its backend, and claims for which it creates volumes."""

from typing import Final, NamedTuple, NotRequired, TypedDict, cast

import pulumi
from pulumi_azure_native import authorization, containerservice

from components.capacity_pool import PoolRef
from components.dynamic_share import DynamicShare, DynamicShareArgs
from components.iis_pod import IisPod
from components.resource_group import ResourceGroupRef
from components.rules.trident import MANAGED_IDENTITY, WORKLOAD_IDENTITY
from components.support.aks_cluster import aks_cluster, kubelet_principal, kubernetes_version, workload_identity_issuer
from components.support.cluster_provider import AksArgs
from components.support.options import after, path_options, protection, renamed
from components.support.windows_pods import WindowsPodsArgs
from components.trident import DEFAULT_NAMESPACE, Trident, TridentArgs
from components.trident_backend import ClientSecretArgs, TridentSmbBackend, TridentSmbBackendArgs
from components.trident_identity import TridentIdentity
from components.trident_role import TridentRole


class PathClaimArgs(TypedDict):
    """A claim of `TridentPath`."""

    size_gib: pulumi.Input[int]
    """The size in whole GiB, 50 to 102400 (from 100 with Trident before 24.10). It can grow and not shrink."""
    namespace: pulumi.Input[str]
    """The namespace of the claim and of its Pods."""
    claim_name: NotRequired[pulumi.Input[str] | None]
    """The claim's name. Default: anf-pvc-NAME."""
    pool: NotRequired[str | None]
    """The pool of its volume: a name of pools in the program. Default: the first."""


class PathPoolArgs(TypedDict):
    """A pool of `TridentPath`, with a backend and a StorageClass of its own."""

    pool: pulumi.Input[PoolRef]
    """The pool."""
    storage_class_name: NotRequired[str | None]
    """The StorageClass's name, unique in the cluster, which names the backend too. Default: anf-sc-smb."""
    keep_name: NotRequired[bool]
    """Keep the name of a StorageClass that the state has. Default: false."""
    max_throughput_mibps: NotRequired[pulumi.Input[int | None]]
    """The throughput of each claim's volume in a pool of QoS type Manual, 1 to 4500 MiB/s. Default: 4."""


class PathBackendArgs(TypedDict):
    """The settings of all backends of `TridentPath`."""

    location: pulumi.Input[str]
    """The region of pools and subnet."""
    subnet_id: pulumi.Input[str]
    """The subnet of the volumes, delegated to Azure NetApp Files."""
    tenant_id: NotRequired[pulumi.Input[str] | None]
    """The Entra ID tenant of the identity that signs in. Default: the tenant of the user of pulumi."""
    client_secret: NotRequired[ClientSecretArgs | None]
    """The app registration to sign in as, for authentication clientSecret. Default: none."""
    credentials_namespace: pulumi.Input[str]
    """The namespace of the Secret that nodes mount with."""
    credentials_secret: NotRequired[pulumi.Input[str]]
    """The Secret's name; it holds username (DOMAIN\\user) and password. Default: smbcreds."""
    reclaim_policy: NotRequired[pulumi.Input[str]]
    """The fate of a volume when its claim is deleted: Retain or Delete. Default: Retain."""
    role_label: NotRequired[str | None]
    """A label in the names of the roles to create and to assign. Default: none, somebody else assigns them."""
    keep_label: NotRequired[bool]
    """Keep the label of roles that the state has. Default: false."""
    principal_id: NotRequired[str | None]
    """The principal to assign the roles to. Default: that of the identity that the path creates, or of the nodes."""
    network_resource_group_name: NotRequired[pulumi.Input[str] | None]
    """The resource group of the virtual network, if it is not the account's."""


_OF_THE_ROLE: Final = frozenset({"role_label", "keep_label", "principal_id", "network_resource_group_name"})


class TridentPathArgs(TypedDict):
    """Arguments of `TridentPath`."""

    resource_group: pulumi.Input[ResourceGroupRef]
    """The resource group of the account, and of the identity to create."""
    pools: dict[str, PathPoolArgs]
    """The pools with a backend, by their names in the program. The first is the default of claims."""
    trident: NotRequired[TridentArgs | None]
    """The Trident to install. Default: none, the cluster has one."""
    namespace: NotRequired[pulumi.Input[str]]
    """The namespace of a Trident that the path does not install. Default: trident."""
    aks: NotRequired[AksArgs | None]
    """The AKS cluster, for its version and its identities. Default: none, another Kubernetes."""
    identity_name: NotRequired[str | None]
    """The name of the managed identity to create, for authentication workloadIdentity. Default: none, it exists."""
    keep_identity_name: NotRequired[bool]
    """Keep the name of an identity that the state has. Default: false."""
    identity_tags: NotRequired[pulumi.Input[dict[str, str] | None]]
    """The tags of that identity. Default: none."""
    backend: NotRequired[PathBackendArgs | None]
    """The settings of the backends to create. Default: none."""
    claims: dict[str, PathClaimArgs]
    """The claims, by their names in the program. They need a backend."""
    claims_after: NotRequired[pulumi.Input[str | None]]
    """What the claims wait for in an `up`, such as the id of the account's last volume. Default: nothing."""
    pods: NotRequired[dict[str, str]]
    """The names of sample Pods, by the claims that they mount. Default: none."""
    windows_pods: NotRequired[WindowsPodsArgs]
    """The needs of Windows Pods in the cluster, for Trident and the sample Pods. Default: none."""
    azure_minutes: NotRequired[int]
    """How many minutes Azure may take to create, to enlarge or to delete a volume. Default: 30."""


class TridentPath(pulumi.ComponentResource):
    """Trident's volumes in a cluster.

    Claims are protected unless the options say `protect: false`; nothing else of the path is. Until then the backends
    are retained too: they may have volumes. The custom timeouts of the options count for Trident, its backends and the
    Pods, 15 minutes by default. Azure creates one volume of an account at a time: the claims can wait for other volumes
    while Trident is installed.
    """

    claim_names: pulumi.Output[dict[str, str]]
    """The names of the claims in Kubernetes, by their names in the program."""
    persistent_volume_names: pulumi.Output[dict[str, str]]
    """The names of the PersistentVolumes, by the names of their claims in the program; unknown in a first preview."""

    def __init__(self, name: str, args: TridentPathArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:TridentPath", name, {}, opts)
        self._args, self._opts = args, opts
        trident, backend, azure_minutes = args.get("trident"), args.get("backend"), args.get("azure_minutes", 30)
        windows_pods = args.get("windows_pods", WindowsPodsArgs())
        found = aks_cluster(aks, self) if trident and (aks := args.get("aks")) else None
        sign_in = self._sign_in(trident, found) if trident else _SignIn(None, None)
        self.principal_id = (backend and backend.get("principal_id")) or sign_in.principal_id
        self.azure = authorization.get_client_config_output() if backend else None
        self.role = (
            TridentRole(
                "trident",
                {
                    "subscription_id": self.azure.subscription_id,
                    "resource_group": args["resource_group"],
                    "network_resource_group_name": backend.get("network_resource_group_name"),
                    "principal_id": self.principal_id,
                    "label": label,
                    "keep_label": backend.get("keep_label", False),
                },
                path_options(self, opts),
            )
            if self.azure and backend and self.principal_id is not None and (label := backend.get("role_label"))
            else None
        )
        self.trident = (
            Trident(
                "trident",
                {
                    "windows_pods": windows_pods,
                    **trident,
                    "client_id": sign_in.client_id,
                    "kubernetes_version": found.apply(kubernetes_version) if found else None,
                },
                path_options(self, opts),
            )
            if trident
            else None
        )
        self.namespace = self.trident.namespace if self.trident else args.get("namespace", DEFAULT_NAMESPACE)
        self.backends = (
            {pool: self._backend(pool, backend, self.azure, azure_minutes) for pool in args["pools"]}
            if backend and self.azure
            else {}
        )
        self.claims = {
            claim: self._claim(claim, given, azure_minutes) for claim, given in args["claims"].items() if self.backends
        }
        self.pods = {
            claim: IisPod(
                f"dynamic-{claim}",
                {
                    "namespace": args["claims"][claim]["namespace"],
                    "claim_name": self.claims[claim].claim_name,
                    "pod_name": pod_name,
                    "windows_pods": windows_pods,
                },
                path_options(self, opts, self.trident),
            )
            for claim, pod_name in (args.get("pods") or {}).items()
        }
        self.claim_names = pulumi.Output.all(**{claim: made.claim_name for claim, made in self.claims.items()})
        self.persistent_volume_names = pulumi.Output.all(
            **{claim: made.persistent_volume_name for claim, made in self.claims.items()}
        )
        self.register_outputs({"claimNames": self.claim_names, "persistentVolumeNames": self.persistent_volume_names})

    def _sign_in(
        self, trident: TridentArgs, aks: pulumi.Output[containerservice.GetManagedClusterResult] | None
    ) -> "_SignIn":
        """Return the client id and the principal for Trident's authentication, as far as they are known here.

        workloadIdentity: those of the identity that the path creates, or the client id of an existing one.
        managedIdentity: the principal of the cluster's nodes. clientSecret: neither, the backend has its Secret.
        """
        authentication = trident.get("authentication", WORKLOAD_IDENTITY)
        identity_name = self._args.get("identity_name")
        if authentication == WORKLOAD_IDENTITY and identity_name and aks:
            identity = TridentIdentity(
                "trident",
                {
                    "resource_group": self._args["resource_group"],
                    "name": identity_name,
                    "keep_name": self._args.get("keep_identity_name", False),
                    "oidc_issuer": aks.apply(workload_identity_issuer),
                    "namespace": trident.get("namespace", DEFAULT_NAMESPACE),
                    "tags": self._args.get("identity_tags"),
                },
                path_options(self, self._opts),
            )
            return _SignIn(identity.client_id, identity.principal_id)
        if authentication == MANAGED_IDENTITY and aks:
            return _SignIn(None, aks.apply(kubelet_principal))
        return _SignIn(trident.get("client_id"), None)

    def _claim(self, name: str, given: PathClaimArgs, azure_minutes: int) -> DynamicShare:
        backend = self.backends[given.get("pool") or next(iter(self.backends))]
        options = path_options(self, self._opts, backend, minutes=azure_minutes, is_data=True)
        if (awaited := self._args.get("claims_after")) is not None:
            turn = pulumi.ResourceOptions(depends_on=after(pulumi.Output.from_input(awaited)))
            options = pulumi.ResourceOptions.merge(options, turn)
        return DynamicShare(
            name,
            {
                **cast("DynamicShareArgs", {key: value for key, value in given.items() if key != "pool"}),
                "storage_class_name": backend.storage_class_name,
            },
            options,
        )

    def _backend(
        self,
        name: str,
        backend: PathBackendArgs,
        azure: pulumi.Output[authorization.GetClientConfigResult],
        azure_minutes: int,
    ) -> TridentSmbBackend:
        trident, pools = self._args.get("trident"), self._args["pools"]
        options = path_options(
            self,
            self._opts,
            self.trident,
            self.role,
            delete_minutes=azure_minutes,
            # Its deletion would wait for retained volumes in vain, and would close it to new ones for good.
            retain=bool(protection(self._opts, data=True)),
        )
        return TridentSmbBackend(
            name,
            {
                **cast("TridentSmbBackendArgs", {key: backend[key] for key in backend if key not in _OF_THE_ROLE}),
                "subscription_id": azure.subscription_id,
                "tenant_id": backend.get("tenant_id") or azure.tenant_id,
                **pools[name],
                "namespace": self.namespace,
                "trident_version": trident["version"] if trident else None,
                "beside_others": len(pools) > 1,
            },
            # The name when a path had one backend.
            renamed(options, "anf-smb") if name == next(iter(pools)) else options,
        )


class _SignIn(NamedTuple):
    client_id: pulumi.Input[str | None]
    principal_id: pulumi.Input[str] | None
