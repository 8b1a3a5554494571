"""Temporary Pods for one check: a second reader of a share, on another Windows node if possible."""

import secrets
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.links.claims import claims_of
from verify.links.csi_driver import ready
from verify.links.nodes import windows_build
from verify.links.pod_start import PodStart
from verify.links.pods import POD_NOT_READY
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
# The image must match the nodes' Windows version.
_IMAGES: Final = {"10.0.17763": "1809", "10.0.20348": "ltsc2022", "10.0.26100": "ltsc2025"}
_IMAGE: Final = "mcr.microsoft.com/windows/nanoserver"
_MOUNT: Final = "/share"


class InterruptedCheckError(Exception):
    """The run ends early; the check has cleaned up."""


class TemporaryPods:
    """The temporary Pods of one run. Each is deleted at the end of its check, all at the end of the run."""

    def __init__(self, cluster: Cluster, needs: Json | None = None) -> None:
        """Take what Windows Pods need in the cluster by the stack's output windowsPods, if it has one."""
        self._cluster = cluster
        self.needs: Json = needs or {}
        self._lock = threading.Lock()
        self._created: set[str] = set()
        self._ended = threading.Event()

    def end(self) -> None:
        """Delete the remaining Pods, and create no more: for an interrupted run."""
        with self._lock:
            self._ended.set()
            left = set(self._created)
        for path in left:
            self.delete(path)

    @property
    def ended(self) -> bool:
        """Return whether the run has ended."""
        return self._ended.is_set()

    def create(self, manifest: Json, seconds: float) -> Json:
        """Create a Pod and wait until it is Ready. The caller must always call `delete`.

        Raises:
            BrokenError: it is not Ready in time, or cannot mount the share.

        """
        namespace, name = manifest["metadata"]["namespace"], manifest["metadata"]["name"]
        collection = f"/api/v1/namespaces/{namespace}/pods"
        path = f"{collection}/{name}"
        with self._lock:
            if self.ended:
                raise InterruptedCheckError
            self._created.add(path)
        self._cluster.create(collection, manifest)
        return self._await(path, time.monotonic() + seconds)

    def delete(self, path: str) -> None:
        """Delete a Pod; a missing Pod is no error."""
        self._cluster.delete(path, _GRACE_SECONDS)
        with self._lock:
            self._created.discard(path)

    def clear_leftovers(self, namespace: str) -> int:
        """Delete the Pods of a killed run; the Pods of a run that is still active remain."""
        now = datetime.now(UTC)
        listed = self._cluster.select(
            f"/api/v1/namespaces/{namespace}/pods", fresh=True, labelSelector=f"{LABEL}={OWNER}"
        )
        left = [pod for pod in listed if _until(pod) < now and "deletionTimestamp" not in pod["metadata"]]
        for pod in left:
            self.delete(f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}")
        return len(left)

    def _await(self, path: str, deadline: float) -> Json:
        start = PodStart(self._cluster)
        while not self.ended:
            pod = self._cluster.find(path, fresh=True)
            if pod is None:
                raise BrokenError(POD_NOT_READY, f"{path.rpartition('/')[2]} was deleted outside this run")
            if ready(pod):
                return pod
            if failure := start.failure(pod, late=time.monotonic() > deadline):
                raise failure
            self._ended.wait(_POLL_SECONDS)
        raise InterruptedCheckError


def manifest(cluster: Cluster, needs: Json, namespace: str, claim: str, like: Json | None, seconds: float) -> Json:
    """Return an idle Pod that mounts a claim.

    Image and placement are those of the stack's `needs`, else of the Pod `like`, else of a usual Windows node.
    """
    spec: Json = like["spec"] if like else {}
    placed: Json = needs or spec
    selector: dict[str, str] = {"kubernetes.io/os": "windows", **(placed.get("nodeSelector") or {})}
    tolerations: list[Json] = placed.get("tolerations") or []
    image = needs.get("image") or _container(spec, claim).get("image") or _image(cluster, selector)
    volume: Json = {"name": "share", "persistentVolumeClaim": {"claimName": claim}}
    pod_spec: Json = {
        "restartPolicy": "Never",
        "activeDeadlineSeconds": int(seconds) + 60,
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": _GRACE_SECONDS,
        "nodeSelector": selector,
        "tolerations": tolerations if _WINDOWS_TAINT in tolerations else [_WINDOWS_TAINT, *tolerations],
        "imagePullSecrets": placed.get("imagePullSecrets") or [],
        "containers": [
            {
                "name": "verify",
                "image": image,
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
        pod_spec["affinity"] = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [preference]}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"anf-verify-{secrets.token_hex(4)}",
            "namespace": namespace,
            "labels": {LABEL: OWNER},
            "annotations": {_UNTIL: (datetime.now(UTC) + timedelta(seconds=seconds + 60)).isoformat()},
        },
        "spec": pod_spec,
    }


def is_temporary(pod: Json) -> bool:
    """Return whether a Pod is a temporary one."""
    return (pod["metadata"].get("labels") or {}).get(LABEL) == OWNER


def _container(spec: Json, claim: str) -> Json:
    """Return the container that mounts a claim, or an empty object."""
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


def _image(cluster: Cluster, selector: Mapping[str, str]) -> str:
    return f"{_IMAGE}:{_IMAGES.get(windows_build(cluster, selector), 'ltsc2022')}"


def _until(pod: Json) -> datetime:
    try:
        return datetime.fromisoformat(pod["metadata"]["annotations"][_UNTIL])
    except (KeyError, ValueError, TypeError):
        return datetime.min.replace(tzinfo=UTC)
