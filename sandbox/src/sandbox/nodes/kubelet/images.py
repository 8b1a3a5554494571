"""The images of containers: whether a node can pull one, and what a kubelet says and records of one that it cannot.

Nothing is pulled. An image is judged by its name: its registry, its tag, and the Windows version that the tag names.
Words: containerd (issues 4231 and 6989), pkg/kubelet/images/image_manager.go of Kubernetes 1.37.
"""

import re
from typing import Final

from sandbox.kube.api import KubeApi
from sandbox.kube.events import EventRecorder
from sandbox.kube.objects import Json, key

_BUILDS: Final = {"ltsc2016": 14393, "1809": 17763, "ltsc2019": 17763, "ltsc2022": 20348, "ltsc2025": 26100}
_PORTABLE: Final = 20348
"""From this build on a node runs images of older ones, down to this one (microsoft/hcsshim, osversion)."""
_MICROSOFTS: Final = "mcr.microsoft.com/windows/"
_KNOWN_TAG: Final = re.compile(r"latest|windowsservercore|1809|20H2|ltsc20(16|19|22|25)|10\.0\.\d+", re.IGNORECASE)
_NO_HOST: Final = re.compile(r"\.(invalid|test|example|localhost)(:\d+)?$")
"""RFC 2606: no public DNS server knows a name of these domains."""
_PULLING_FAILED: Final = {"ErrImagePull", "ImagePullBackOff"}


def refusal(image: str, node: Json) -> str | None:
    """Return containerd's error for an image that a node cannot pull, or None."""
    repository, tag = _parsed(image)
    failed = f'failed to pull and unpack image "{repository}:{tag}"'
    unresolved = f'{failed}: failed to resolve reference "{repository}:{tag}"'
    registry = repository.partition("/")[0]
    if _NO_HOST.search(registry):
        address = f"https://{registry}/v2/{repository.partition('/')[2]}/manifests/{tag}"
        request = f'failed to do request: Head "{address}": dial tcp: lookup {registry}: no such host'
        return f"rpc error: code = Unknown desc = {unresolved}: {request}"
    # Guess: an image of Microsoft's for Windows is not found where its tag names neither a version nor what it holds.
    if repository.startswith(_MICROSOFTS) and not _KNOWN_TAG.search(tag):
        return f"rpc error: code = NotFound desc = {unresolved}: {repository}:{tag}: not found"
    # Guess: an image of any registry whose tag names a Windows version is of that version.
    named = next((build for name, build in _BUILDS.items() if re.search(rf"(^|-){name}(-|$)", tag)), None)
    if named and not _runs(named, node):
        return f"rpc error: code = NotFound desc = {failed}: no match for platform in manifest: not found"
    return None


class Images:
    """Pulls the images of Pods: a Pod whose image a node cannot pull waits, as its status and events say."""

    def __init__(self, api: KubeApi) -> None:
        self._api = api

    def pull(self, pod: Json, node: Json) -> bool:
        """Return True when all images of a Pod are there; else record which is not, and that the kubelet backs off."""
        statuses: list[Json] = []
        there = True
        states = {
            each["name"]: each["state"].get("waiting") or {} for each in pod["status"].get("containerStatuses", [])
        }
        recorder = EventRecorder(self._api, "kubelet", str(node["metadata"]["name"]))
        for container in pod["spec"]["containers"]:
            name, image = container["name"], container["image"]
            before = states.get(name, {}).get("reason")
            if error := refusal(image, node):
                there = False
                if before == "ImagePullBackOff":
                    continue
                reason = "ImagePullBackOff" if before == "ErrImagePull" else "ErrImagePull"
                backing_off = f'Back-off pulling image "{image}"'
                message = error if reason == "ErrImagePull" else f"{backing_off}: ErrImagePull: {error}"
                if reason == "ErrImagePull":
                    recorder.record(pod, "Normal", "Pulling", f'Pulling image "{image}"')
                    recorder.record(pod, "Warning", "Failed", f'Failed to pull image "{image}": {error}')
                else:
                    recorder.record(pod, "Normal", "BackOff", backing_off)
                recorder.record(pod, "Warning", "Failed", f"Error: {reason}")
                statuses.append({"name": name, "state": {"waiting": {"reason": reason, "message": message}}})
            elif before in _PULLING_FAILED:
                statuses.append({"name": name, "state": {"waiting": {"reason": "ContainerCreating", "message": None}}})
        if statuses:
            namespace, name = key(pod)
            patch: Json = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": {"containerStatuses": statuses}}
            self._api.merge_strategic(f"/api/v1/namespaces/{namespace}/pods/{name}/status", patch)
        return there


def _parsed(image: str) -> tuple[str, str]:
    """Return the repository with its registry, and the tag."""
    name, _, tag = image.partition("@")[0].rpartition(":")
    if not name or "/" in tag:
        name, tag = image.partition("@")[0], "latest"
    first = name.partition("/")[0]
    if "/" not in name:
        return f"docker.io/library/{name}", tag
    return (name if "." in first or ":" in first or first == "localhost" else f"docker.io/{name}"), tag


def _runs(build: int, node: Json) -> bool:
    """Return True where a node runs images of a Windows build; of a Linux node nothing is asked."""
    labels: dict[str, str] = node["metadata"].get("labels") or {}
    host = int(labels.get("node.kubernetes.io/windows-build", f"10.0.{build}").rpartition(".")[2])
    return build == host or _PORTABLE <= build <= host
