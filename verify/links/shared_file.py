"""Check that two Pods see the same share: one writes a file, the other reads it."""

import secrets
import time
from contextlib import suppress
from typing import Final

from verify.clients.cluster import ApiError, Cluster, Json
from verify.links.claims import pod_names, pods_of
from verify.links.csi_driver import ready
from verify.links.mount_point import COMMAND_FAILED, MountPoint, mount_point
from verify.links.nodes import system_of
from verify.links.temporary_pod import TemporaryPods, is_temporary, manifest
from verify.trouble import BrokenError, Trouble

_SEEN_SECONDS: Final = 15.0  # Windows caches a missing file for up to 10 s
_POLL_SECONDS: Final = 0.5

NOT_SHARED: Final = Trouble(
    "file-not-shared",
    "a file written in one Pod does not appear in another",
    "the two Pods mount different shares, or one of them uses its container's own folder",
    "restart all Pods on claim {claim} so that the nodes map the share again: `kubectl delete pod {pods} -n "
    "{namespace}`, `pulumi up --refresh --stack {stack}`; volumeHandle must be unique",
)
TROUBLES: Final = (NOT_SHARED,)


def shared_file(cluster: Cluster, pods: TemporaryPods, namespace: str, claim: str, seconds: float) -> str:
    """Write a file through one Pod, read it through another, delete it.

    If fewer than two Pods mount the claim, the check creates temporary Pods.
    """
    pods.clear_leftovers(namespace)
    running = [pod for pod in pods_of(cluster, namespace, claim) if _usable(cluster, pod)]
    points = [point for pod in running if (point := mount_point(pod, claim)) and point.whole]
    points.sort(key=lambda point: not point.writable)
    created: list[Json] = []
    try:
        while len(points) < 2 or not points[0].writable:
            body = manifest(cluster, pods.needs, namespace, claim, (running or created or [None])[0], seconds)
            created.append(body)
            pod = pods.create(body, seconds)
            if point := mount_point(pod, claim):
                points.insert(len(points) if points and points[0].writable else 0, point)
        return _through(cluster, *_apart(points), claim)
    finally:
        for pod in created:
            pods.delete(f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}")


def _usable(cluster: Cluster, pod: Json) -> bool:
    return ready(pod) and not is_temporary(pod) and system_of(cluster, str(pod["spec"]["nodeName"])) == "windows"


def _apart(points: list[MountPoint]) -> tuple[MountPoint, MountPoint]:
    """Return a writer, and a reader that is on another node if possible."""
    writer, others = points[0], points[1:]
    return writer, next((other for other in others if other.node != writer.node), others[0])


def _through(cluster: Cluster, writer: MountPoint, reader: MountPoint, claim: str) -> str:
    name, text = f"anf-verify-{secrets.token_hex(8)}.txt", secrets.token_hex(16)
    try:
        writer.run(cluster, rf"echo {text}>{writer.folder}\{name}")
        read = _read(cluster, reader, name)
        if text not in read:
            seen = f"{writer.pod} wrote {name}; {reader.pod} reads {' '.join(read.split())[:80]}"
            pods = pod_names(cluster, writer.namespace, claim)
            raise BrokenError(NOT_SHARED, seen, claim=claim, namespace=writer.namespace, pods=pods)
    finally:
        with suppress(BrokenError, ApiError):
            writer.run(cluster, rf"del {writer.folder}\{name}")
    return f"{writer.pod} on {writer.node} wrote, {reader.pod} on {reader.node} read"


def _read(cluster: Cluster, reader: MountPoint, name: str) -> str:
    deadline = time.monotonic() + _SEEN_SECONDS
    while True:
        try:
            return reader.run(cluster, rf"type {reader.folder}\{name}")
        except BrokenError as error:
            if error.trouble is not COMMAND_FAILED:
                raise
            if time.monotonic() > deadline:
                return error.seen
        time.sleep(_POLL_SECONDS)
