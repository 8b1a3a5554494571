"""Checks of Pods with a share: on a Windows node, Running and Ready; otherwise the reason from their events."""

from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.links import claims, credentials, csi_driver, nodes
from verify.links.events import event_message, latest_event
from verify.trouble import BrokenError, Trouble, matching_trouble

POD_MISSING: Final = Trouble(
    "pod-missing",
    '`pods "iis-pod" not found`',
    "the Pod was deleted; nothing recreates a plain Pod",
    "pulumi up --refresh",
)
POD_WITHOUT_CLAIM: Final = Trouble(
    "pod-without-claim",
    "the Pod runs and sees no share",
    "no volume of the Pod names the claim",
    "add claim {claim} to the Pod's volumes and mount it; for the stack's own Pod: pulumi up --refresh",
)
NOT_ON_WINDOWS: Final = Trouble(
    "pod-not-on-windows",
    "the Pod runs on a Linux node",
    "it has no nodeSelector kubernetes.io/os: windows",
    "add this nodeSelector to the Pod",
)
LOGON_FAILED: Final = Trouble(
    "logon-failed",
    "`The user name or password is incorrect`; Linux: `mount error(13): Permission denied`",
    "the password is wrong, the domain has no such user, or the account is locked or expired",
    "set the right password: pulumi config set --secret anf-smb:smbPassword, pulumi up, then restart the Pods",
    pattern=r"user name or password is incorrect|Windows System Error 1326|mount error\(13\)",
)
NAME_NOT_RESOLVED: Final = Trouble(
    "fqdn-not-resolved",
    "`The network path was not found`; Linux: `could not resolve address`",
    "the node cannot resolve smbServerFqdn, or cannot reach port 445 of its address",
    "the DNS servers of the cluster's virtual network must resolve the directory's domain (az network vnet update "
    "--ids ID --dns-servers SERVERS, or a forwarding rule), and the networks must be peered; restart the nodes after a "
    "change",
    pattern=r"network path was not found|Windows System Error 53\b|could not resolve address",
)
SHARE_NOT_FOUND: Final = Trouble(
    "share-not-found",
    "`The network name cannot be found`; Linux: `mount error(2): No such file or directory`",
    "the server has no such share: the volume was deleted, or its creation is in progress",
    "az netappfiles volume show --ids ID: check creationToken and provisioningState; verify reports a difference",
    pattern=r"network name cannot be found|Windows System Error 67\b|mount error\(2\)",
)
POD_NOT_READY: Final = Trouble(
    "pod-not-ready",
    "the Pod does not become Ready, and its mounts are not the cause",
    "the image cannot be pulled or needs another Windows version, or the container exits",
    "kubectl describe pod {pod} -n {namespace}; kubectl logs {pod} -n {namespace}",
)
MOUNTING: Final = (
    LOGON_FAILED,
    NAME_NOT_RESOLVED,
    SHARE_NOT_FOUND,
    claims.TRAILING_SLASH,
    claims.SOURCE_FORM,
    credentials.SECRET_MISSING,
    credentials.SECRET_INCOMPLETE,
    csi_driver.PLUGIN_NOT_ON_NODE,
    claims.CLAIM_MISSING,
    csi_driver.CSI_DRIVER_MISSING,
)
"""The troubles in a FailedMount event."""
TROUBLES: Final = (
    POD_MISSING,
    POD_WITHOUT_CLAIM,
    NOT_ON_WINDOWS,
    LOGON_FAILED,
    NAME_NOT_RESOLVED,
    SHARE_NOT_FOUND,
    POD_NOT_READY,
)


def pod_runs(cluster: Cluster, namespace: str, name: str, claim: str) -> str:
    """Check that a Pod mounts a claim, and is Running and Ready on a Windows node."""
    pod_placed(cluster, namespace, name, claim)
    pod = existing_pod(cluster, namespace, name)
    node = str(pod["spec"]["nodeName"])
    if not csi_driver.ready(pod):
        raise why_not_ready(cluster, pod)
    if nodes.system_of(cluster, node) != "windows":
        raise BrokenError(NOT_ON_WINDOWS, f"Ready on {node}, which is not a Windows node")
    return f"{name} Running and Ready on {node}"


def pod_placed(cluster: Cluster, namespace: str, name: str, claim: str) -> str:
    """Check that a Pod exists, mounts a claim, and has a node."""
    pod = existing_pod(cluster, namespace, name)
    if claim not in claims.claims_of(pod):
        raise BrokenError(POD_WITHOUT_CLAIM, f"{name} does not mount {claim}", claim=claim)
    if node := pod["spec"].get("nodeName"):
        return f"{name} on {node}"
    message = event_message(latest_event(pod, cluster, "FailedScheduling"))
    trouble = nodes.UNSCHEDULED
    if "persistentvolumeclaim" not in message:
        trouble = matching_trouble(nodes.SCHEDULING, message, nodes.UNSCHEDULED)
    windows = cluster.select(nodes.NODES, labelSelector="kubernetes.io/os=windows")
    raise BrokenError(
        trouble,
        f"{name} has no node{': ' if message else ''}{message}",
        pod=name,
        namespace=namespace,
        node=nodes.joined(windows[:1]) or "NODE",
    )


def pod_mounts(cluster: Cluster, namespace: str, name: str) -> str:
    """Check that a Pod is Ready, which implies that its volumes are mounted."""
    pod = existing_pod(cluster, namespace, name)
    if not csi_driver.ready(pod):
        raise why_not_ready(cluster, pod)
    return f"{name} Running and Ready"


def why_not_ready(cluster: Cluster, pod: Json) -> BrokenError:
    """Return the trouble of a Pod that has a node but is not Ready."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    values = {"pod": str(metadata["name"]), "namespace": str(metadata["namespace"])}
    phase = "Terminating" if "deletionTimestamp" in metadata else str(status.get("phase", "Unknown"))
    if message := event_message(latest_event(pod, cluster, "FailedMount", "FailedAttachVolume")):
        restore = csi_driver.SMB.restore
        return BrokenError(
            matching_trouble(MOUNTING, message, POD_NOT_READY), f"{phase}: {message}", **values, restore=restore
        )
    waiting = [
        state.get("reason") or state.get("message") or ""
        for container in status.get("containerStatuses") or []
        if (state := (container.get("state") or {}).get("waiting") or (container.get("state") or {}).get("terminated"))
    ]
    return BrokenError(POD_NOT_READY, f"{phase}, not Ready{': ' if waiting else ''}{', '.join(waiting)}", **values)


def existing_pod(cluster: Cluster, namespace: str, name: str) -> Json:
    """Return a Pod; raise `BrokenError` if it does not exist."""
    pod = cluster.find(f"/api/v1/namespaces/{namespace}/pods/{name}")
    if pod is None:
        raise BrokenError(POD_MISSING, f"no Pod {namespace}/{name}", pod=name, namespace=namespace)
    return pod
