"""The outputs of a stack: the contract with other projects and with scripts that read `pulumi stack output`.

`CONTRACT` lists each output, its type and its condition. `docs/outputs.md` explains them; a test compares the two.
A release may add outputs. It never changes the name, type or meaning of one. No output is a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import pulumi

from components.capacity_pool import CapacityPool
from components.delegated_subnet import DelegatedSubnet
from components.netapp_account import NetAppAccount
from components.resource_group import ResourceGroup
from components.share_namespace import ShareNamespace
from components.smb_volume import SmbVolume
from components.static_path import StaticPath
from components.trident_backend import TridentSmbBackend
from components.trident_path import TridentPath
from components.trident_role import role_definitions
from configuration.windows_pods import WindowsPodsSettings
from settings import Settings


class Type(StrEnum):
    """The type of an output in JSON."""

    STRING = "string"
    NUMBER = "number"
    OBJECT = "object"
    MAP = "map"
    """An object. Its keys are names from the stack file; its values are objects with the keys of `StackOutput.keys`."""
    LIST = "list"


class Exists(StrEnum):
    """The condition for an output."""

    ALWAYS = "always"
    VOLUME = "with a volume"
    VOLUME_POD = "with a volume and `sampleWorkload`"
    DRIVER = "if the stack installs csi-driver-smb"
    BACKEND = "with Trident or a claim"
    CLASS = "with Trident or a claim, if the pool has a `storageClass`"
    ROLES = "with Trident or a claim, if the stack assigns Trident's roles"
    TRIDENT = "if the stack installs Trident"
    CLAIM = "with a claim"
    CLAIM_POD = "with a claim and `sampleWorkload`"
    POD = "with `sampleWorkload`"
    WINDOWS_PODS = "with `windowsPods`"
    NO_ROLES = "with Trident or a claim, if the stack assigns no roles"


class Stability(StrEnum):
    """How far other projects can rely on an output."""

    STABLE = "stable"
    """Name, type and meaning never change."""
    SAMPLE = "sample"
    """Belongs to the sample workload; other projects should not use it."""
    INFORMATIVE = "informative"
    """For people; its content may change in any release."""


@dataclass(frozen=True)
class StackOutput:
    """One output, or one key of the objects in a map."""

    name: str
    type: Type
    exists: Exists
    meaning: str
    stability: Stability = Stability.STABLE
    keys: "tuple[StackOutput, ...]" = ()
    """The keys of the objects in a map."""


_STRING: Final = Type.STRING
_VOLUME: Final = (
    StackOutput("smbServerFqdn", _STRING, Exists.VOLUME, "The SMB server that the volume joined to the directory"),
    StackOutput("creationToken", _STRING, Exists.VOLUME, "The share's name on that server"),
    StackOutput("uncPath", _STRING, Exists.VOLUME, r"The share's path for Windows: `\\smbServerFqdn\creationToken`"),
    StackOutput("mountIpAddress", _STRING, Exists.VOLUME, "The IP address of that server in the delegated subnet"),
    StackOutput("volumeId", _STRING, Exists.VOLUME, "The volume's Azure resource id"),
)

CONTRACT: Final = (
    StackOutput("resourceGroupName", _STRING, Exists.ALWAYS, "The resource group of account, pools and volumes"),
    StackOutput("accountName", _STRING, Exists.ALWAYS, "The NetApp account"),
    StackOutput("poolName", _STRING, Exists.ALWAYS, "The first capacity pool, without the account's name"),
    StackOutput("poolId", _STRING, Exists.ALWAYS, "The first capacity pool's Azure resource id"),
    StackOutput(
        "pools",
        Type.MAP,
        Exists.ALWAYS,
        "Every capacity pool by its name in Azure",
        keys=(
            StackOutput("poolId", _STRING, Exists.ALWAYS, "Its Azure resource id"),
            StackOutput("serviceLevel", _STRING, Exists.ALWAYS, "Its service level"),
            StackOutput("sizeTiB", Type.NUMBER, Exists.ALWAYS, "Its size in TiB"),
            StackOutput("storageClassName", _STRING, Exists.CLASS, "The StorageClass for claims in it"),
            StackOutput("tridentBackendName", _STRING, Exists.CLASS, "The name of its backend in Trident"),
            StackOutput("tridentBackendConfigName", _STRING, Exists.CLASS, "The TridentBackendConfig of that backend"),
        ),
    ),
    StackOutput("subnetId", _STRING, Exists.ALWAYS, "The delegated subnet's Azure resource id"),
    StackOutput(
        "cluster",
        Type.OBJECT,
        Exists.ALWAYS,
        "The cluster as `anf-smb:cluster` names it: `{aks: {resourceGroup, name, subscriptionId}}`, `{stack, output}`, "
        "`{kubeconfig}` or `{context}`; the last two are valid only on the machine that runs this stack",
    ),
    *_VOLUME,
    StackOutput("staticNamespace", _STRING, Exists.VOLUME, "The namespace of the volume's claim"),
    StackOutput("staticClaimName", _STRING, Exists.VOLUME, "The claim that Pods of that namespace mount"),
    StackOutput("staticPodName", _STRING, Exists.VOLUME_POD, "The IIS Pod on that claim", Stability.SAMPLE),
    StackOutput(
        "volumes",
        Type.MAP,
        Exists.ALWAYS,
        "Every volume by its name in the stack file; empty without volumes",
        keys=(
            *(replace(output, exists=Exists.ALWAYS) for output in _VOLUME),
            StackOutput("poolName", _STRING, Exists.ALWAYS, "Its capacity pool"),
            StackOutput("namespace", _STRING, Exists.ALWAYS, "The namespace of its claim"),
            StackOutput("claimName", _STRING, Exists.ALWAYS, "Its claim"),
            StackOutput("podName", _STRING, Exists.POD, "The IIS Pod on it", Stability.SAMPLE),
        ),
    ),
    StackOutput("smbDriverVersion", _STRING, Exists.DRIVER, "The version of csi-driver-smb"),
    StackOutput("storageClassName", _STRING, Exists.BACKEND, "The StorageClass for dynamic claims in the first pool"),
    StackOutput("tridentNamespace", _STRING, Exists.BACKEND, "The namespace of Trident"),
    StackOutput("tridentBackendName", _STRING, Exists.BACKEND, "The name of that pool's backend in Trident"),
    StackOutput("tridentBackendConfigName", _STRING, Exists.BACKEND, "The TridentBackendConfig of that backend"),
    StackOutput(
        "tridentPrincipalId",
        _STRING,
        Exists.ROLES,
        "The object id of the identity that Trident signs in as, for `trident.principalId` of another stack",
    ),
    StackOutput("tridentVersion", _STRING, Exists.TRIDENT, "The version of Trident"),
    StackOutput("dynamicNamespace", _STRING, Exists.CLAIM, "The namespace of the first claim"),
    StackOutput("dynamicClaimName", _STRING, Exists.CLAIM, "The first claim"),
    StackOutput("dynamicPodName", _STRING, Exists.CLAIM_POD, "The IIS Pod on that claim", Stability.SAMPLE),
    StackOutput(
        "dynamicClaims",
        Type.MAP,
        Exists.ALWAYS,
        "Every claim by its name in the stack file; empty without claims",
        keys=(
            StackOutput("namespace", _STRING, Exists.ALWAYS, "Its namespace"),
            StackOutput("claimName", _STRING, Exists.ALWAYS, "Its name in Kubernetes"),
            StackOutput("persistentVolumeName", _STRING, Exists.ALWAYS, "The PersistentVolume that Trident created"),
            StackOutput("storageClassName", _STRING, Exists.ALWAYS, "Its StorageClass"),
            StackOutput("poolName", _STRING, Exists.ALWAYS, "The capacity pool of its volume"),
            StackOutput("podName", _STRING, Exists.POD, "The IIS Pod on it", Stability.SAMPLE),
        ),
    ),
    StackOutput(
        "windowsPods",
        Type.OBJECT,
        Exists.WINDOWS_PODS,
        "The fields of a Pod for the cluster's Windows nodes: `{nodeSelector, tolerations, imagePullSecrets}` of its "
        "spec, and `image` if `windowsPods` has one",
    ),
    StackOutput(
        "tridentRoles",
        Type.LIST,
        Exists.NO_ROLES,
        "The roles that Trident needs, each as ROLE in `az role definition create --role-definition ROLE`",
        Stability.INFORMATIVE,
    ),
)
"""Every possible output. The flat outputs of a volume belong to the first volume in the stack file."""


def stack_outputs(
    settings: Settings,
    group: ResourceGroup,
    network: DelegatedSubnet,
    account: NetAppAccount,
    pools: Mapping[str, CapacityPool],
    volumes: Mapping[str, SmbVolume],
    namespaces: Mapping[str, ShareNamespace],
    static: StaticPath,
    dynamic: TridentPath,
) -> Mapping[str, pulumi.Input[Any]]:
    """Return the outputs of this stack by name."""
    of_volumes: dict[str, dict[str, pulumi.Input[Any]]] = {
        volume.name: {
            "smbServerFqdn": volumes[volume.name].smb_server_fqdn,
            "creationToken": volumes[volume.name].creation_token,
            "uncPath": volumes[volume.name].unc_path,
            "mountIpAddress": volumes[volume.name].mount_ip_address,
            "volumeId": volumes[volume.name].volume_id,
            "poolName": pools[settings.pool_of(volume)].name,
            "namespace": namespaces[volume.namespace].namespace,
            "claimName": static.shares[volume.name].claim_name,
            **({"podName": static.pods[volume.name].pod_name} if volume.name in static.pods else {}),
        }
        for volume in settings.volumes
    }
    of_claims: dict[str, dict[str, pulumi.Input[Any]]] = {
        claim.name: {
            "namespace": namespaces[claim.namespace].namespace,
            "claimName": dynamic.claims[claim.name].claim_name,
            "persistentVolumeName": dynamic.claims[claim.name].persistent_volume_name,
            "storageClassName": dynamic.backends[settings.pool_of(claim)].storage_class_name,
            "poolName": pools[settings.pool_of(claim)].name,
            **({"podName": dynamic.pods[claim.name].pod_name} if claim.name in dynamic.pods else {}),
        }
        for claim in settings.dynamic_claims
    }
    first_pool = pools[settings.pools[0].name]
    return {
        "resourceGroupName": group.name,
        "accountName": account.name,
        "poolName": first_pool.name,
        "poolId": first_pool.pool_id,
        "pools": {
            name: {
                "poolId": pool.pool_id,
                "serviceLevel": pool.service_level,
                "sizeTiB": pool.size_tib,
                **(_of_backend(dynamic.backends[name]) if name in dynamic.backends else {}),
            }
            for name, pool in pools.items()
        },
        "subnetId": network.subnet_id,
        "cluster": settings.cluster.model_dump(by_alias=True, exclude_none=True),
        **_of_the_first("static", of_volumes),
        "volumes": of_volumes,
        **({"smbDriverVersion": static.driver.version} if static.driver else {}),
        **_of_trident(settings, group, dynamic),
        **_of_the_first("dynamic", of_claims),
        "dynamicClaims": of_claims,
        **_of_windows_pods(settings.windows_pods),
    }


def _of_windows_pods(pods: WindowsPodsSettings) -> dict[str, pulumi.Input[Any]]:
    image = {"image": pods.image} if pods.image else {}
    return {"windowsPods": {**pods.spec, **image}} if any(pods.args.values()) else {}


_OF_MAPS: Final = frozenset({"persistentVolumeName", "poolName", "storageClassName"})
"""Keys that no flat output has, or another meaning."""


def _of_the_first(way: str, every: Mapping[str, Mapping[str, pulumi.Input[Any]]]) -> dict[str, pulumi.Input[Any]]:
    """Return the flat outputs of the first volume or claim: most stacks have only one."""
    first = next(iter(every.values()), {})
    flat = {"namespace": f"{way}Namespace", "claimName": f"{way}ClaimName", "podName": f"{way}PodName"}
    return {flat.get(key, key): value for key, value in first.items() if key not in _OF_MAPS}


def _of_backend(backend: TridentSmbBackend) -> dict[str, pulumi.Input[Any]]:
    return {
        "storageClassName": backend.storage_class_name,
        "tridentBackendName": backend.backend_name,
        "tridentBackendConfigName": backend.backend_config_name,
    }


def _of_trident(settings: Settings, group: ResourceGroup, dynamic: TridentPath) -> dict[str, pulumi.Input[Any]]:
    values: dict[str, pulumi.Input[Any]] = {}
    if dynamic.trident:
        values["tridentVersion"] = dynamic.trident.version
    if dynamic.azure and dynamic.backends:
        values["tridentNamespace"] = dynamic.trident.namespace if dynamic.trident else settings.trident.namespace
        values |= _of_backend(next(iter(dynamic.backends.values())))
        if dynamic.role and dynamic.principal_id is not None:
            values["tridentPrincipalId"] = dynamic.principal_id
        else:  # the user must assign them
            scopes = pulumi.Output.all(dynamic.azure.subscription_id, group.name, settings.network_resource_group)
            values["tridentRoles"] = scopes.apply(
                lambda names: role_definitions(settings.trident_label, names[0], names[1:])
            )
    return values
