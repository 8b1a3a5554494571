"""Types of Kubernetes objects, and the type tokens of Pulumi that stand for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

HELM_RELEASE: Final = "kubernetes:helm.sh/v3:Release"

_BUILT_IN_GROUPS: Final = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    }
)

_NAMESPACED: Final = frozenset(
    {
        "Binding",
        "ConfigMap",
        "ControllerRevision",
        "CronJob",
        "CSIStorageCapacity",
        "DaemonSet",
        "Deployment",
        "Endpoints",
        "EndpointSlice",
        "Event",
        "HorizontalPodAutoscaler",
        "Ingress",
        "Job",
        "Lease",
        "LimitRange",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "Pod",
        "PodDisruptionBudget",
        "PodTemplate",
        "ReplicaSet",
        "ReplicationController",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "Secret",
        "Service",
        "ServiceAccount",
        "StatefulSet",
    }
)

_CLUSTER_WIDE: Final = frozenset(
    {
        "APIService",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "CSIDriver",
        "CSINode",
        "CustomResourceDefinition",
        "FlowSchema",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)


@dataclass(frozen=True)
class GroupVersionKind:
    """A type of objects."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """As an object's `apiVersion` says it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def built_in(self) -> bool:
        """Whether Kubernetes itself defines the type's group, rather than a CRD."""
        return self.group in _BUILT_IN_GROUPS

    @property
    def namespaced(self) -> bool | None:
        """Whether objects live in namespaces, where that is known without asking the server."""
        if self.built_in:
            kind = self.kind.removesuffix("Patch")
            if kind in _NAMESPACED:
                return True
            if kind in _CLUSTER_WIDE:
                return False
        return None

    def __str__(self) -> str:
        return f"{self.api_version}/{self.kind}"


def of_object(value: Mapping[str, Any]) -> GroupVersionKind:
    """The type that an object says it has."""
    group, _, version = str(value.get("apiVersion") or "").rpartition("/")
    return GroupVersionKind("" if group == "core" else group, version, str(value.get("kind") or ""))


def of_token(token: str) -> GroupVersionKind:
    """The type that a token like `kubernetes:apps/v1:Deployment` stands for. Raises ValueError on another form."""
    parts = token.split(":")
    if len(parts) != 3 or parts[0] != "kubernetes":
        raise ValueError(f'unrecognized resource type: "{token}" for this provider')
    group, separator, version = parts[1].partition("/")
    if not separator or "/" in version:
        raise ValueError(f'apiVersion does not have both a group and a version: "{parts[1]}"')
    return GroupVersionKind("" if group == "core" else group, version, parts[2])


def is_patch(token: str, kind: str) -> bool:
    """Whether a token stands for a Patch resource of this kind, rather than for a kind whose name ends in Patch."""
    return token.rsplit(":", 1)[-1] == f"{kind}Patch"


def is_list(token: str) -> bool:
    """Whether a token stands for a built-in List type, which exists for YAML manifests only."""
    kind = token.rsplit(":", 1)[-1]
    try:
        return kind.endswith("List") and of_token(token).built_in
    except ValueError:
        return False
