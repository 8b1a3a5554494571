"""Which condition an object has to meet after a creation or an update, and how long that may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.providers.kubernetes.annotations import SKIP_AWAIT, WAIT_FOR, annotation, is_true
from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.kinds import of_object
from sandbox.providers.kubernetes.waits.condition import Condition, Immediate, StatusLog
from sandbox.providers.kubernetes.waits.daemon_set import DaemonSetRolledOut
from sandbox.providers.kubernetes.waits.deployment import DeploymentReady
from sandbox.providers.kubernetes.waits.job import JobComplete
from sandbox.providers.kubernetes.waits.pod import PodReady
from sandbox.providers.kubernetes.waits.polled import (
    ClaimReady,
    QuotaCounted,
    ReplicasAvailable,
    TokenIssued,
    VolumeAvailable,
)
from sandbox.providers.kubernetes.waits.service import ServiceReady
from sandbox.providers.kubernetes.waits.stateful_set import StatefulSetReady
from sandbox.providers.kubernetes.waits.wait_for import parse_wait_for

Json = dict[str, Any]

_TOKEN_SECONDS = 5.0
_QUOTA_SECONDS = 60.0
_TOKEN_TYPE = "kubernetes.io/service-account-token"  # noqa: S105 - a type of Secrets
_SKIPS_DELETION = frozenset(
    {
        ("", "Namespace"),
        ("", "Pod"),
        ("", "ReplicationController"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("batch", "Job"),
    }
)


@dataclass(frozen=True)
class Awaited:
    """A condition, and its own time limit in seconds where the kind has one whatever the program says."""

    condition: Condition
    seconds: float | None = None


def after_writing(cluster: Cluster, inputs: Mapping[str, Any], live: Json, status: StatusLog) -> Awaited:
    """What to wait for after an object was made or changed. Raises WaitForSyntaxError."""
    if is_true(inputs, SKIP_AWAIT):
        status("info", "Skipping await logic")
        return Awaited(Immediate(live, status))
    if expression := annotation(live, WAIT_FOR):
        return Awaited(parse_wait_for(expression, live, status))
    return _built_in(cluster, live, status)


def on_reading(cluster: Cluster, inputs: Mapping[str, Any], live: Json, status: StatusLog) -> Condition | None:
    """What an object should meet when it is read. None: being there is enough."""
    if is_true(inputs, SKIP_AWAIT):
        return None
    condition = _built_in(cluster, live, status).condition
    readable = PodReady | DeploymentReady | DaemonSetRolledOut | StatefulSetReady | JobComplete | ServiceReady
    return condition if isinstance(condition, readable) else None


def skips_deletion(inputs: Mapping[str, Any]) -> bool:
    """Whether `skipAwait` holds for this kind's deletion, too."""
    kind = of_object(inputs)
    return is_true(inputs, SKIP_AWAIT) and (kind.group, kind.kind) in _SKIPS_DELETION


def _built_in(cluster: Cluster, live: Json, status: StatusLog) -> Awaited:
    kind = of_object(live)
    timing = cluster.timing
    match kind.group, kind.kind:
        case "", "Pod":
            return Awaited(PodReady(live, status))
        case "apps", "Deployment":
            return Awaited(DeploymentReady(live, status))
        case "apps", "DaemonSet":
            return Awaited(DaemonSetRolledOut(live, status))
        case "apps", "StatefulSet":
            return Awaited(StatefulSetReady(live, status))
        case "batch", "Job":
            return Awaited(JobComplete(live, status))
        case "", "Service":
            return Awaited(ServiceReady(live, status, timing.endpoints_settle))
        case "", "PersistentVolume":
            return Awaited(VolumeAvailable(live, status), timing.volume)
        case "", "PersistentVolumeClaim":
            return Awaited(ClaimReady(live, status, cluster), timing.claim)
        case "", "ReplicationController":
            return Awaited(ReplicasAvailable(live, status), timing.operation)
        case "", "ResourceQuota":
            return Awaited(QuotaCounted(live, status), _QUOTA_SECONDS)
        case "", "Secret" if live.get("type") == _TOKEN_TYPE:
            return Awaited(TokenIssued(live, status), _TOKEN_SECONDS)
        case _:
            return Awaited(Immediate(live, status))
