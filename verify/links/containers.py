"""The troubles of a Pod's containers once its volumes are mounted: image, start, exit, readiness.

Texts: containerd/containerd issue 6989, microsoft/hcsshim, kubernetes/kubernetes issues 74019 and 94213; kubelet 1.37
(pkg/kubelet/images, pkg/kubelet/kuberuntime).
"""

from collections.abc import Sequence
from typing import Final

from verify.clients.cluster import Json
from verify.links.events import event_message
from verify.links.mounting.mount_trouble import RESTART_NODE
from verify.trouble import Trouble

_EVENTS: Final = ("Failed", "FailedCreatePodSandBox", "FailedSync", "InspectFailed", "ErrImageNeverPull", "Unhealthy")
_WAITING: Final = {"ContainerCreating", "PodInitializing"}
_AFTER_MOUNT: Final = {"FailedCreatePodSandBox", "Pulling", "Pulled", "Failed", "Created", "Started", "Unhealthy"}
"""Events of what a kubelet does once the volumes of a Pod are mounted."""
_PULLING: Final = r"(ErrImage|ImagePull|pull(ing)? image|pull and unpack).*"
_STARTING: Final = r"(Create(File|Container|Process|Compute)|RunContainer|StartError|failed to start).*"
_OWN_IMAGE: Final = (
    "`kubectl describe pod {pod} -n {namespace}` names it; that of the stack's Pods is windowsPods.image"
)

OTHER_WINDOWS: Final = Trouble(
    "image-other-windows",
    "`The container operating system does not match the host operating system`, `no match for platform in manifest`, "
    "`no matching manifest for windows`",
    "the image was built for another Windows version than the node's: a node runs images of its own build, and from "
    "10.0.20348 on also those of older builds down to 10.0.20348",
    "`kubectl get node {node} -L node.kubernetes.io/windows-build`, and an image of that build: ltsc2019 for "
    "10.0.17763, ltsc2022 for 10.0.20348, ltsc2025 for 10.0.26100. Pods of the stack: windowsPods.image",
    pattern=r"operating system does not match the (operating system of the )?host|operating system of the container "
    r"does not match|no match for platform in (the )?manifest|no matching manifest for windows|0xc0370101",
)
OTHER_SYSTEM: Final = Trouble(
    "image-other-system",
    "`no matching manifest for linux`, `exec format error`",
    "a Windows image runs on a Linux node, or the image is for another processor",
    "add nodeSelector kubernetes.io/os: windows to the Pod, or use an image for the node",
    pattern=r"no matching manifest for linux|exec format error",
)
IMAGE_UNAUTHORIZED: Final = Trouble(
    "image-unauthorized",
    "`ErrImagePull: … 401 Unauthorized`, `ImagePullBackOff: … authentication required`, `… pull access denied`",
    "the registry refuses the node: it needs credentials, or the repository does not exist",
    "Azure Container Registry: give the kubelets' identity the role AcrPull; another registry: a Secret of type "
    "docker-registry in namespace {namespace}, named in the Pod's imagePullSecrets (windowsPods.imagePullSecrets)",
    pattern=rf"{_PULLING}(401 Unauthorized|403 Forbidden|authentication required|authorization failed|"
    r"insufficient_scope|no basic auth credentials|failed to authorize)|pull access denied",
)
IMAGE_NOT_FOUND: Final = Trouble(
    "image-not-found",
    "`ErrImagePull: …: not found`, `ErrImagePull: … manifest unknown`, `InvalidImageName`",
    "the registry has no such image or tag, or the name is malformed",
    f"correct its name and tag: {_OWN_IMAGE}",
    pattern=rf"{_PULLING}(: not found|manifest unknown|manifest for .* not found|repository .*does not exist|"
    r"name unknown)|InvalidImageName",
)
REGISTRY_UNREACHABLE: Final = Trouble(
    "image-registry-unreachable",
    "`ErrImagePull: … i/o timeout`, `ErrImagePull: … no such host`, `ErrImagePull: … x509: …`",
    "the node cannot reach the registry: DNS, a firewall, a proxy, or a certificate that it does not trust",
    "let the nodes reach the registry (for images of Microsoft: mcr.microsoft.com and *.data.mcr.microsoft.com, TCP "
    "443), or use an image in a registry that they reach",
    pattern=rf"{_PULLING}(i/o timeout|no such host|connection refused|TLS handshake timeout|x509: |"
    r"deadline exceeded|connection reset)",
)
IMAGE_NOT_PULLED: Final = Trouble(
    "image-not-pulled",
    "`ErrImagePull`, `ImagePullBackOff`, `ErrImageNeverPull` with another text",
    "the node cannot pull the image; the container's message says why",
    _OWN_IMAGE,
    pattern=r"ErrImagePull|ImagePullBackOff|ErrImageNeverPull|ImageInspectError|Failed to pull image|"
    r"Back-off pulling image",
)
IMAGE_IS_PULLED: Final = Trouble(
    "image-is-pulled",
    "the Pod stays ContainerCreating; its newest event is `Pulling image`",
    "the node is pulling the image: Windows images have several GB, which takes minutes on a new node",
    "wait, and run this again",
)
ACCESS_DENIED: Final = Trouble(
    "container-access-denied",
    "the container does not start: `CreateFile …: Access is denied`, `CreateContainer …: Access is denied`",
    "Windows may not open a folder or file that the container needs: most often the mounted folder, whose NTFS "
    "permissions do not admit the share's user; or a subPath that it may not create",
    "check the NTFS permissions on the share for its user (icacls), on the folder of subPath too",
    pattern=rf"{_STARTING}Access is denied",
)
COMMAND_MISSING: Final = Trouble(
    "container-command-missing",
    "`CreateProcess … The system cannot find the file specified`, `executable file not found`",
    "the image has no such command, or no shell of that name",
    "correct command and args of the container: nanoserver has cmd.exe and no PowerShell, Linux images have no cmd",
    pattern=r"CreateProcess.*cannot find the (file|path)|executable file not found|exec: .*no such file or directory",
)
CONFIG_MISSING: Final = Trouble(
    "container-config-missing",
    'CreateContainerConfigError: `configmap "…" not found`, `secret "…" not found`',
    "a ConfigMap or Secret of the container's env does not exist, or lacks a key",
    "create the object that the message names in namespace {namespace}",
    pattern=r"CreateContainerConfigError|\b(configmap|secret) \"[^\"]*\" not found|couldn't find key",
)
OUT_OF_MEMORY: Final = Trouble(
    "container-out-of-memory",
    "`OOMKilled`",
    "the container needs more memory than its limit",
    "increase resources.limits.memory of the container",
    pattern=r"OOMKilled",
)
PROBE_FAILS: Final = Trouble(
    "readiness-probe-fails",
    "the Pod is Running and not Ready: `Readiness probe failed`, `Startup probe failed`",
    "the container runs, and its probe fails: the application does not answer, for example because its files are not "
    "on the share",
    "`kubectl logs {pod} -n {namespace}`; `kubectl describe pod {pod} -n {namespace}` shows the probe",
    pattern=r"(Readiness|Startup|Liveness) probe (failed|errored)",
)
EXITS: Final = Trouble(
    "container-exits",
    "`CrashLoopBackOff`, or a terminated container with its `exit code`",
    "the container starts and ends by itself",
    "`kubectl logs {pod} -n {namespace} --previous`",
    pattern=r"CrashLoopBackOff|exit code",
)
SANDBOX_FAILED: Final = Trouble(
    "pod-sandbox-failed",
    "`Failed to create pod sandbox`",
    "the node cannot create the Pod's network or pause container",
    f"`kubectl describe pod {{pod}} -n {{namespace}}`; if other Pods of the node fail as well: {RESTART_NODE}",
    pattern=r"Failed to create pod sandbox",
)
START_FAILED: Final = Trouble(
    "container-start-failed",
    "`CreateContainerError`, `RunContainerError`, `StartError` with another text",
    "the node cannot start the container; its message says why",
    "`kubectl describe pod {pod} -n {namespace}`",
    pattern=r"CreateContainerError|RunContainerError|StartError|ContainerCannotRun|PreCreateHookError|PostStartHookError",
)
CAUSES: Final = (
    OTHER_WINDOWS,
    OTHER_SYSTEM,
    CONFIG_MISSING,
    IMAGE_UNAUTHORIZED,
    IMAGE_NOT_FOUND,
    REGISTRY_UNREACHABLE,
    IMAGE_NOT_PULLED,
    OUT_OF_MEMORY,
    ACCESS_DENIED,
    COMMAND_MISSING,
    SANDBOX_FAILED,
    START_FAILED,
    EXITS,
    PROBE_FAILS,
)
"""The troubles that a message can name, the most precise first."""
TROUBLES: Final = (*CAUSES, IMAGE_IS_PULLED)
_SAY_LITTLE: Final = {IMAGE_NOT_PULLED: 1, START_FAILED: 1}
"""Up to Kubernetes 1.30 the message of a container that backs off leaves out the reason: an event has it."""


def judged(pod: Json, events: Sequence[Json]) -> tuple[Trouble, str] | None:
    """Return the trouble of a Pod's containers and the message that names it, or None.

    Args:
        pod: the Pod.
        events: all events of the Pod, the newest first.

    """
    messages = [*messages_of(pod), *_of_pod(pod)]
    messages += [event_message(event) for event in events if event.get("reason") in _EVENTS][:5]
    named = ((next((each for each in CAUSES if each.matches(message)), None), message) for message in messages)
    found = [(trouble, message) for trouble, message in named if trouble]
    if found:
        return min(found, key=lambda each: _SAY_LITTLE.get(each[0], 0))
    last = next((event for event in events if event.get("reason") in {"Pulling", "Pulled"}), None)
    if last and last["reason"] == "Pulling":
        return IMAGE_IS_PULLED, event_message(last)
    return None


def messages_of(pod: Json) -> list[str]:
    """Return the reason and message of each container that waits or has ended, in the kubelet's words."""
    status: Json = pod.get("status") or {}
    found: list[str] = []
    for container in (*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])):
        states = [container.get("state") or {}, container.get("lastState") or {}]
        if said := [text for state in states if (text := _told(state))]:
            found.append(f"container {container.get('name')}: {'; before: '.join(said)}")
    return found


def volumes_are_mounted(pod: Json, events: Sequence[Json], mounting: Sequence[str]) -> bool:
    """Return whether a node has got so far with a Pod that its volumes are mounted.

    Args:
        pod: the Pod.
        events: all events of the Pod, the newest first.
        mounting: the reasons of events of mounts that failed.

    """
    conditions: list[Json] = (pod.get("status") or {}).get("conditions") or []
    condition = next((each for each in conditions if each["type"] == "PodReadyToStartContainers"), None)
    if condition and condition["status"] == "True":  # since Kubernetes 1.29
        return True
    reasons = (event.get("reason") for event in events)
    latest = next((reason for reason in reasons if reason in mounting or reason in _AFTER_MOUNT), None)
    return latest in _AFTER_MOUNT if latest else bool(messages_of(pod))


def _of_pod(pod: Json) -> list[str]:
    """Return the Pod's own reason and message: evicted, past its deadline, refused by the node."""
    status: Json = pod.get("status") or {}
    return [said] if (said := _line(str(status.get("reason") or ""), str(status.get("message") or ""))) else []


def _told(state: Json) -> str:
    if waiting := state.get("waiting"):
        reason = str(waiting.get("reason") or "")
        return _line("" if reason in _WAITING else reason, str(waiting.get("message") or ""))
    if (ended := state.get("terminated")) and (ended.get("exitCode") or ended.get("reason") != "Completed"):
        code = f"exit code {ended['exitCode']}" if "exitCode" in ended else ""
        return _line(str(ended.get("reason") or ""), code, str(ended.get("message") or ""))
    return ""


def _line(*parts: str) -> str:
    return ": ".join(" ".join(part.split()) for part in parts if part)
