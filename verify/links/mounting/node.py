"""The troubles of a mount on the node itself: csi-proxy, the driver's process, other volumes of the Pod, no answer."""

from typing import Final

from verify.links.event_order import GENERAL
from verify.links.mounting.mount_trouble import RESTART_NODE, mount_trouble
from verify.trouble import Trouble

CSI_PROXY_MISSING: Final = Trouble(
    "csi-proxy-missing",
    r"`open \\.\pipe\csi-proxy-smb-v1: The system cannot find the file specified`, or another pipe of csi-proxy",
    "csi-proxy does not run on the node, or is too old for this pipe: csi-driver-smb up to 1.16 and every Trident "
    "mount through it",
    f"AKS runs csi-proxy on its Windows nodes: {RESTART_NODE}; elsewhere install csi-proxy 1.x as a service",
    pattern=r"pipe\\+csi-proxy-",
)
POWERSHELL_FAILS: Final = Trouble(
    "node-starts-no-process",
    '`NewSmbGlobalMapping failed. output: "", err: exit status 0xc0000142`',
    "the node can start no further process: its desktop heap or its memory is used up",
    f"{RESTART_NODE}; run fewer Pods on it",
    pattern=r"exit status 0xc0000(142|017)",
)
OBJECT_MISSING: Final = Trouble(
    "pod-object-missing",
    '`configmap "…" not found`, `secret "…" not found`, `references non-existent secret key`',
    "a ConfigMap or Secret that the Pod mounts itself does not exist, or lacks a key; the share is not the cause",
    "create the object that the event names in namespace {namespace}",
    pattern=r"\b(configmap|secret) \"[^\"]*\" not found|references non-existent (config|secret) key",
)
OTHER_VOLUME: Final = Trouble(
    "other-volume-fails",
    "a FailedMount event names another volume of the Pod",
    "the Pod has further volumes, and one of them cannot be mounted; the share that is examined is not the cause",
    "`kubectl get pv {volume}` shows its claim; python -m verify diagnose pvc/CLAIM --namespace {namespace} examines "
    "it",
)
ON_LINUX: Final = Trouble(
    "smb-on-linux-node",
    "`mounting smb volume is not supported on linux`",
    "Trident mounts SMB volumes on Windows nodes only, and the Pod runs on a Linux node",
    "add nodeSelector kubernetes.io/os: windows to the Pod",
    pattern=r"mounting smb volume is not supported on",
)
TIMED_OUT: Final = mount_trouble(
    "mount-timed-out",
    "the mount or the attachment gives no answer in time, and no event says why: the server answers slowly or not at "
    "all, or the driver's process on the node hangs",
    "wait two minutes and run this again: a precise event may follow; otherwise look at the logs of the driver's Pod "
    "on {node}, and delete that Pod: it returns at once",
    texts=GENERAL,
)
RETRIED_LATER: Final = Trouble(
    "mount-retried-later",
    "the Pod is not Ready, and the cause that its FailedMount event names is gone",
    "the event is older than the fix: the kubelet tries again after up to two minutes",
    "wait two minutes and run this again; or `kubectl delete pod {pod} -n {namespace}`, `pulumi up --refresh --stack "
    "{stack}`",
)
FAILED: Final = Trouble(
    "mount-failed",
    "a FailedMount, FailedAttachVolume or FailedMapVolume event with another text",
    "the node cannot mount a volume; the event says why in its own words",
    "`kubectl describe pod {pod} -n {namespace}`; the logs of the driver's Pod on {node} say more",
)
TROUBLES: Final = (
    CSI_PROXY_MISSING,
    POWERSHELL_FAILS,
    ON_LINUX,
    OBJECT_MISSING,
    OTHER_VOLUME,
    TIMED_OUT,
    RETRIED_LATER,
    FAILED,
)
