"""Checks of Pods with a share: on a Windows node, Running and Ready; otherwise the reason from their events."""

from collections.abc import Sequence
from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.links import claims, containers, csi_driver, nodes
from verify.links.events import event_message, read_events_of
from verify.links.mounting import judgement
from verify.trouble import BrokenError, Trouble, matching_trouble

POD_MISSING: Final = Trouble(
    "pod-missing",
    '`pods "iis-pod" not found`',
    "the Pod was deleted; nothing recreates a plain Pod",
    "`pulumi up --refresh --stack {stack}`",
)
POD_WITHOUT_CLAIM: Final = Trouble(
    "pod-without-claim",
    "the Pod runs and sees no share",
    "no volume of the Pod names the claim",
    "add claim {claim} to the Pod's volumes and mount it; for the stack's own Pod: `pulumi up --refresh --stack "
    "{stack}`",
)
NOT_ON_WINDOWS: Final = Trouble(
    "pod-not-on-windows",
    "the Pod runs on a Linux node",
    "it has no nodeSelector kubernetes.io/os: windows",
    "add this nodeSelector to the Pod",
)
POD_NOT_READY: Final = Trouble(
    "pod-not-ready",
    "the Pod does not become Ready, and neither an event nor a container says why",
    "no volume of it failed to mount; it may still be starting, or its node does not answer",
    "`kubectl describe pod {pod} -n {namespace}`; `kubectl logs {pod} -n {namespace}`",
)
TROUBLES: Final = (POD_MISSING, POD_WITHOUT_CLAIM, NOT_ON_WINDOWS, POD_NOT_READY)


def pod_runs(cluster: Cluster, namespace: str, name: str, claim: str) -> str:
    """Check that a Pod mounts a claim, and is Running and Ready on a Windows node."""
    pod_placed(cluster, namespace, name, claim)
    pod = existing_pod(cluster, namespace, name)
    node = str(pod["spec"]["nodeName"])
    if nodes.system_of(cluster, node) != "windows":
        raise BrokenError(NOT_ON_WINDOWS, f"{name} is on {node}, which is not a Windows node")
    if not csi_driver.ready(pod):
        raise why_not_ready(cluster, pod, _volume(cluster, namespace, claim))
    return f"{name} Running and Ready on {node}"


def pod_placed(cluster: Cluster, namespace: str, name: str, claim: str) -> str:
    """Check that a Pod exists, mounts a claim unless it is an inline volume's empty one, and has a node."""
    pod = existing_pod(cluster, namespace, name)
    if claim and claim not in claims.claims_of(pod):
        raise BrokenError(POD_WITHOUT_CLAIM, f"{name} does not mount {claim}", claim=claim)
    if node := pod["spec"].get("nodeName"):
        return f"{name} on {node}"
    raise why_unplaced(cluster, pod)


def pod_mounts(cluster: Cluster, namespace: str, name: str, claim: str) -> str:
    """Check that a Pod is Ready, which implies that its volumes are mounted."""
    pod = existing_pod(cluster, namespace, name)
    if not csi_driver.ready(pod):
        raise why_not_ready(cluster, pod, _volume(cluster, namespace, claim))
    return f"{name} Running and Ready"


def why_not_ready(cluster: Cluster, pod: Json, volume: str = "", events: Sequence[Json] | None = None) -> BrokenError:
    """Return the trouble of a Pod that has a node but is not Ready.

    Args:
        cluster: the cluster.
        pod: the Pod.
        volume: the PersistentVolume that is examined; empty if it is unknown.
        events: all events of the Pod, the newest first; None: those that this run has read of its namespace.

    """
    metadata, status = pod["metadata"], pod.get("status") or {}
    phase = "Terminating" if "deletionTimestamp" in metadata else str(status.get("phase", "Unknown"))
    events = read_events_of(pod, cluster) if events is None else events
    mount, container = judgement.judged(events, volume), containers.judged(pod, events)
    mounted = containers.volumes_are_mounted(pod, events, judgement.REASONS)
    trouble, message = (container if mounted else mount or container) or (POD_NOT_READY, "")
    namespace, failing = str(metadata["namespace"]), judgement.volume_of(message) or volume
    claim = (each for each in claims.claims_of(pod) if failing and _volume(cluster, namespace, each) == failing)
    said = [message, *(each for each in containers.messages_of(pod) if each != message)]
    return BrokenError(
        trouble,
        f"{phase}, not Ready: {'; '.join(filter(None, said))}" if any(said) else f"{phase}, not Ready",
        pod=str(metadata["name"]),
        namespace=namespace,
        node=str(pod["spec"].get("nodeName") or "NODE"),
        volume=failing or "PV",
        pv=failing or "PV",
        claim=next(claim, "CLAIM"),
    )


def why_unplaced(cluster: Cluster, pod: Json, events: Sequence[Json] | None = None) -> BrokenError:
    """Return the trouble of a Pod without a node; its events are given, or those that this run has read."""
    name = str(pod["metadata"]["name"])
    events = read_events_of(pod, cluster) if events is None else events
    message = event_message(next((each for each in events if each.get("reason") == "FailedScheduling"), None))
    trouble = nodes.UNSCHEDULED
    if "persistentvolumeclaim" not in message:
        trouble = matching_trouble(nodes.SCHEDULING, message, nodes.UNSCHEDULED)
    windows = cluster.select(nodes.NODES, labelSelector="kubernetes.io/os=windows")
    more = f"; the cluster autoscaler adds a node: {event_message(scaling)}" if (scaling := scale_up(events)) else ""
    return BrokenError(
        trouble,
        f"{name} has no node{': ' if message else ''}{message}{more}",
        pod=name,
        namespace=str(pod["metadata"]["namespace"]),
        **nodes.to_open(windows),
    )


def scale_up(events: Sequence[Json]) -> Json | None:
    """Return the event of a cluster autoscaler that adds a node for a Pod, unless a later one says that it does not."""
    said = (event for event in events if event.get("reason") in {"TriggeredScaleUp", "NotTriggerScaleUp"})
    latest = next(said, None)
    return latest if latest and latest["reason"] == "TriggeredScaleUp" else None


def existing_pod(cluster: Cluster, namespace: str, name: str) -> Json:
    """Return a Pod; raise `BrokenError` if it does not exist."""
    pod = cluster.member(f"/api/v1/namespaces/{namespace}/pods", name)
    if pod is None:
        raise BrokenError(POD_MISSING, f"no Pod {namespace}/{name}", pod=name, namespace=namespace)
    return pod


def _volume(cluster: Cluster, namespace: str, claim: str) -> str:
    found = claims.find_claim(cluster, namespace, claim) if claim else None
    return str(found["spec"].get("volumeName") or "") if found else ""
