"""Pods that exist for the time of one check: a second reader of a share, on another Windows node if there is one."""

import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Final

from verify.claims import claims_of
from verify.cluster import Cluster, Json
from verify.csi_driver import ready
from verify.events import said_of
from verify.nodes import windows_build
from verify.pods import POD_NOT_READY, why_not_ready
from verify.trouble import BrokenError

LABEL: Final = "app.kubernetes.io/managed-by"
OWNER: Final = "verify"
_UNTIL: Final = "anf-smb/verify-until"
_GRACE_SECONDS: Final = 5
_POLL_SECONDS: Final = 0.25
_WINDOWS_TAINT: Final = {
    "key": "node.kubernetes.io/os",
    "operator": "Equal",
    "value": "windows",
    "effect": "NoSchedule",
}
# The image must be of the nodes' own Windows.
_IMAGES: Final = {"10.0.17763": "1809", "10.0.20348": "ltsc2022", "10.0.26100": "ltsc2025"}
_IMAGE: Final = "mcr.microsoft.com/windows/nanoserver"
_MOUNT: Final = "/share"


class InterruptedCheckError(Exception):
    """The run ends; the check has cleaned up after itself."""


class TemporaryPods:
    """The Pods that one run makes. Each is deleted when its check ends, all of them when the run does."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._made: set[str] = set()
        self._ended = threading.Event()

    def end(self) -> None:
        """Delete what is left, and make no more: for a run that is interrupted."""
        with self._lock:
            self._ended.set()
            left = set(self._made)
        for path in left:
            self.delete(path)

    @property
    def ended(self) -> bool:
        """Whether the run is to end."""
        return self._ended.is_set()

    def make(self, manifest: Json, seconds: float) -> Json:
        """Make a Pod and wait until it is Ready. Delete it with `delete`, whatever comes of this.

        Raises:
            BrokenError: it was not Ready in time, or cannot mount the share.

        """
        namespace, name = manifest["metadata"]["namespace"], manifest["metadata"]["name"]
        collection = f"/api/v1/namespaces/{namespace}/pods"
        path = f"{collection}/{name}"
        with self._lock:
            if self.ended:
                raise InterruptedCheckError
            self._made.add(path)
        self._cluster.create(collection, manifest)
        return self._await(path, time.monotonic() + seconds)

    def delete(self, path: str) -> None:
        """Delete one; gone already is as good."""
        self._cluster.delete(path, _GRACE_SECONDS)
        with self._lock:
            self._made.discard(path)

    def clear_leftovers(self, namespace: str) -> int:
        """Delete those that an earlier run, killed, has left; the Pods of a run that goes on elsewhere stay."""
        now = datetime.now(UTC)
        listed = self._cluster.select(
            f"/api/v1/namespaces/{namespace}/pods", fresh=True, labelSelector=f"{LABEL}={OWNER}"
        )
        left = [pod for pod in listed if _until(pod) < now and "deletionTimestamp" not in pod["metadata"]]
        for pod in left:
            self.delete(f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}")
        return len(left)

    def _await(self, path: str, deadline: float) -> Json:
        while not self.ended:
            pod = self._cluster.find(path, fresh=True)
            if pod is None:
                raise BrokenError(POD_NOT_READY, f"{path.rpartition('/')[2]} was deleted by somebody else")
            if ready(pod):
                return pod
            # Said twice, a failed mount is none that only came too early.
            event = said_of(pod, self._cluster, "FailedMount")
            if time.monotonic() > deadline or (event and int(event.get("count") or 1) > 1):
                raise why_not_ready(self._cluster, pod)
            self._ended.wait(_POLL_SECONDS)
        raise InterruptedCheckError


def manifest(cluster: Cluster, namespace: str, claim: str, like: Json | None, seconds: float) -> Json:
    """A Pod that mounts a claim and does nothing: with the image and place of another that does, if there is one."""
    spec: Json = like["spec"] if like else {}
    container: Json = _container(spec, claim)
    volume: Json = {"name": "share", "persistentVolumeClaim": {"claimName": claim}}
    made: Json = {
        "restartPolicy": "Never",
        "activeDeadlineSeconds": int(seconds) + 60,
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": _GRACE_SECONDS,
        "nodeSelector": spec.get("nodeSelector") or {"kubernetes.io/os": "windows"},
        "tolerations": spec.get("tolerations") or [_WINDOWS_TAINT],
        "imagePullSecrets": spec.get("imagePullSecrets") or [],
        "containers": [
            {
                "name": "verify",
                "image": container.get("image") or _image(cluster),
                "command": ["cmd", "/c", "ping -t 127.0.0.1 > NUL"],
                "resources": {
                    "requests": {"cpu": "50m", "memory": "100Mi"},
                    "limits": {"cpu": "500m", "memory": "400Mi"},
                },
                "volumeMounts": [{"name": "share", "mountPath": _MOUNT}],
            }
        ],
        "volumes": [volume],
    }
    if node := spec.get("nodeName"):
        elsewhere = {"key": "kubernetes.io/hostname", "operator": "NotIn", "values": [node]}
        preference = {"weight": 100, "preference": {"matchExpressions": [elsewhere]}}
        made["affinity"] = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [preference]}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"anf-verify-{secrets.token_hex(4)}",
            "namespace": namespace,
            "labels": {LABEL: OWNER},
            "annotations": {_UNTIL: (datetime.now(UTC) + timedelta(seconds=seconds + 60)).isoformat()},
        },
        "spec": made,
    }


def is_temporary(pod: Json) -> bool:
    """Whether a Pod is one of these."""
    return (pod["metadata"].get("labels") or {}).get(LABEL) == OWNER


def _container(spec: Json, claim: str) -> Json:
    """The container that mounts a claim."""
    if claim not in claims_of({"spec": spec}):
        return {}
    names = {
        each["name"] for each in spec["volumes"] if (each.get("persistentVolumeClaim") or {}).get("claimName") == claim
    }
    return next(
        (
            each
            for each in spec["containers"]
            if any(mount["name"] in names for mount in each.get("volumeMounts") or [])
        ),
        {},
    )


def _image(cluster: Cluster) -> str:
    return f"{_IMAGE}:{_IMAGES.get(windows_build(cluster), 'ltsc2022')}"


def _until(pod: Json) -> datetime:
    try:
        return datetime.fromisoformat(pod["metadata"]["annotations"][_UNTIL])
    except (KeyError, ValueError, TypeError):
        return datetime.min.replace(tzinfo=UTC)
