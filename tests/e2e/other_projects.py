"""Another project's shares beside those of a live stack: its PersistentVolumes, claims, Secrets and Pods."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from sandbox.testing import Json
from tests.e2e.live_stack import PERSISTENT_VOLUME, STATIC, LiveStack, encoded, eventually, pod_path

NAMESPACE: Final = "web"
NAME: Final = "other"
CLAIM: Final = f"pvc/{NAME}"
POD: Final = f"/api/v1/namespaces/{NAMESPACE}/pods/{NAME}"
_CORE: Final = "/api/v1"


@contextmanager
def handle_reused(live: LiveStack) -> Generator[None]:
    """Create a PersistentVolume with the handle of the stack's and another source."""
    share = live.outputs.volumes[0]
    handle = live.api.get(PERSISTENT_VOLUME)["spec"]["csi"]["volumeHandle"]
    live.api.create(f"{_CORE}/persistentvolumes", _volume(rf"\\{share.fqdn}\other", handle))
    yield
    _delete_volume(live)


@contextmanager
def second_user(live: LiveStack) -> Generator[None]:
    """Mount another share of the stack's server as another user on the node of the stack's Pod."""
    share, node = live.outputs.volumes[0], live.node_of(STATIC)
    with moved_in(live, rf"\\{share.fqdn}\other", r"CONTOSO\svc-batch", node):
        eventually(lambda: "1219" in _events(live), "the node refuses a second user")
        yield


@contextmanager
def moved_in(live: LiveStack, path: str, username: str, node: str) -> Generator[None]:
    """Create a namespace with a Secret, a claim on a PersistentVolume with that path, and a Pod on a node."""
    spaced = f"{_CORE}/namespaces/{NAMESPACE}"
    data = {"username": encoded(username), "password": encoded("not-asked-for-in-a-session")}
    claim: Json = {
        "metadata": {"name": NAME},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": "",
            "volumeName": NAME,
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    live.remember(pod_path(STATIC))
    pod = live.manifests[pod_path(STATIC)]
    volumes = [
        {**each, "persistentVolumeClaim": {"claimName": NAME}} if "persistentVolumeClaim" in each else each
        for each in pod["spec"]["volumes"]
    ]
    selector = {**pod["spec"]["nodeSelector"], "kubernetes.io/hostname": node}
    spec = {**pod["spec"], "volumes": volumes, "nodeSelector": selector}
    live.api.create(f"{_CORE}/namespaces", {"metadata": {"name": NAMESPACE}})
    try:
        live.api.create(f"{spaced}/secrets", {"metadata": {"name": NAME}, "data": data})
        live.api.create(f"{_CORE}/persistentvolumes", _volume(path, NAME))
        live.api.create(f"{spaced}/persistentvolumeclaims", claim)
        account = f"{spaced}/serviceaccounts/default"
        eventually(lambda: live.find(account) is not None, "the namespace has its service account")
        live.api.create(f"{spaced}/pods", {"metadata": {"name": NAME}, "spec": spec})
        yield
    finally:
        live.api.delete(f"{spaced}/pods/{NAME}")
        live.api.delete(spaced)
        _delete_volume(live)
        eventually(lambda: live.find(spaced) is None, f"namespace {NAMESPACE} is gone")


@contextmanager
def inline_pod(live: LiveStack, path: str) -> Generator[None]:
    """Create a Pod with an inline volume beside the one of `moved_in`."""
    there = live.api.get(POD)["spec"]
    volume: Json = {"driver": "smb.csi.k8s.io", "volumeAttributes": {"source": path, "secretName": NAME}}
    name = next(each["name"] for each in there["volumes"] if "persistentVolumeClaim" in each)
    (container,) = there["containers"]
    mounts = [each for each in container["volumeMounts"] if each["name"] == name]
    spec = {
        "nodeSelector": there["nodeSelector"],
        "tolerations": there["tolerations"],
        "containers": [{"name": "web", "image": container["image"], "volumeMounts": mounts}],
        "volumes": [{"name": name, "csi": volume}],
    }
    live.api.create(POD.rpartition("/")[0], {"metadata": {"name": "inline"}, "spec": spec})
    yield
    live.api.delete(f"{POD.rpartition('/')[0]}/inline")


def _volume(path: str, handle: str) -> Json:
    return {
        "metadata": {"name": NAME},
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
            "csi": {
                "driver": "smb.csi.k8s.io",
                "volumeHandle": handle,
                "volumeAttributes": {"source": path},
                "nodeStageSecretRef": {"name": NAME, "namespace": NAMESPACE},
            },
        },
    }


def _delete_volume(live: LiveStack) -> None:
    path = f"{_CORE}/persistentvolumes/{NAME}"
    live.api.delete(path)
    eventually(lambda: live.find(path) is None, f"PersistentVolume {NAME} is gone")


def _events(live: LiveStack) -> str:
    items: list[Json] = live.api.get(f"{_CORE}/namespaces/{NAMESPACE}/events")["items"]
    return " ".join(str(event.get("message")) for event in items)
