"""Which changes need a new object, by kind. A pattern's `*` stands for each item of a list.

The tables are the genuine plugin's; the API server's own rules on what is immutable are in the API reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.providers.kubernetes.kinds import of_object
from sandbox.providers.kubernetes.settings import ProviderSettings
from sandbox.providers.values import Path

Pattern = tuple[str, ...]


def _patterns(prefix: str, names: str) -> tuple[Pattern, ...]:
    return tuple((*prefix.split("."), name) for name in names.split())


IDENTITY: Final = _patterns("metadata", "name namespace")

_WORKLOAD: Final = _patterns("spec", "selector")

_BY_KIND: Final[Mapping[tuple[str, str], tuple[Pattern, ...]]] = {
    ("apps", "DaemonSet"): _WORKLOAD,
    ("apps", "Deployment"): _WORKLOAD,
    ("apps", "StatefulSet"): _patterns(
        "spec", "podManagementPolicy revisionHistoryLimit selector serviceName volumeClaimTemplates"
    ),
    ("batch", "Job"): _patterns("spec", "completions parallelism selector template"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): (("roleRef",),),
    ("rbac.authorization.k8s.io", "RoleBinding"): (("roleRef",),),
    ("storage.k8s.io", "StorageClass"): (("parameters",), ("provisioner",)),
    ("", "ResourceQuota"): _patterns("spec", "scopes"),
    ("", "Secret"): (("type",),),
    ("", "Service"): _patterns("spec", "clusterIP"),
    ("", "PersistentVolume"): _patterns(
        "spec",
        "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs"
        " hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume",
    ),
    ("", "PersistentVolumeClaim"): _patterns("spec", "accessModes selector storageClassName volumeName"),
    ("", "Pod"): _patterns(
        "spec",
        "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork"
        " hostPID hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName"
        " readinessGates restartPolicy runtimeClassName schedulerName securityContext serviceAccount"
        " serviceAccountName shareProcessNamespace subdomain terminationGracePeriodSeconds volumes",
    )
    + tuple(
        pattern
        for containers in ("containers", "initContainers")
        for pattern in _patterns(
            f"spec.{containers}.*",
            "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources"
            " securityContext stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices"
            " volumeMounts workingDir",
        )
    ),
}

_SECRET_CONTENTS: Final = (("type",), ("stringData",), ("data",))
_CONFIG_MAP_CONTENTS: Final = (("binaryData",), ("data",))


def replacing(inputs: Mapping[str, Any], settings: ProviderSettings) -> tuple[Pattern, ...]:
    """The patterns of changes that need a new object of this kind."""
    kind = of_object(inputs)
    immutable = inputs.get("immutable") is True
    if (kind.group, kind.kind) == ("", "Secret") and (immutable or not settings.enable_secret_mutable):
        return IDENTITY + _SECRET_CONTENTS
    if (kind.group, kind.kind) == ("", "ConfigMap"):
        mutable = settings.enable_config_map_mutable and not immutable
        return IDENTITY if mutable else IDENTITY + _CONFIG_MAP_CONTENTS
    return IDENTITY + _BY_KIND.get((kind.group, kind.kind), ())


def touches(path: Path, value: Any, pattern: Pattern) -> bool:
    """Whether a change to `value` at `path` changes what the pattern names: it, something in it, or around it."""
    for step, wanted in zip(path, pattern, strict=False):
        if not (wanted == "*" if isinstance(step, int) else step == wanted):
            return False
    return _holds(value, pattern[len(path) :])


def _holds(value: Any, pattern: Sequence[str]) -> bool:
    if not pattern:
        return True
    if pattern[0] == "*":
        return isinstance(value, list) and any(_holds(item, pattern[1:]) for item in value)
    return isinstance(value, Mapping) and pattern[0] in value and _holds(value[pattern[0]], pattern[1:])
