"""Changes that break one link of a live stack, and fix it."""

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager

from sandbox.testing import NODES_DNS, SUBSCRIPTION, Estate, Json, StandingFaults, condition
from tests.e2e.live_stack import (
    CLAIM,
    DYNAMIC,
    STATIC,
    LiveStack,
    claim_path,
    encoded,
    eventually,
    pod_path,
    secret_path,
)

Break = Callable[[LiveStack], AbstractContextManager[None]]
Broken = Generator[None]

_RELEASE = "/api/v1/namespaces/kube-system/secrets/sh.helm.release.v1.csi-driver-smb.v1"
_WINDOWS = ("akswin000000", "akswin000001")
NEW_PASSWORD = "new-in-the-directory-1234"


def wrong_source(make: Callable[[str, str], str]) -> Break:
    @contextmanager
    def broken(live: LiveStack) -> Broken:
        share = live.outputs.volumes[0]
        live.recreate_static(make(share.fqdn, share.token))
        yield
        live.await_pod(STATIC)

    return broken


def changed_secret(namespace: str, **values: str | None) -> Break:
    """Change the Secret; the Pod keeps what it has mounted."""

    @contextmanager
    def broken(live: LiveStack) -> Broken:
        data = {key: None if value is None else encoded(value) for key, value in values.items()}
        live.merge(secret_path(namespace), {"data": data})
        yield

    return broken


def deleted(path: str, *, pod: str | None = None) -> Break:
    """Delete an object, and restart the Pod that needs it."""

    @contextmanager
    def broken(live: LiveStack) -> Broken:
        live.delete(path)
        if pod:
            live.restart_pod(pod)
        yield
        live.create(path)
        if pod:
            live.await_pod(pod)

    return broken


@contextmanager
def wrong_directory_password(live: LiveStack) -> Broken:
    """Change the password in the directory, not in the stack."""
    live.set_directory_password(NEW_PASSWORD)
    _log_on_again(live)
    yield
    live.await_pod(STATIC)
    live.await_pod(DYNAMIC)


@contextmanager
def account_locked(live: LiveStack) -> Broken:
    live.set_account("locked")
    _log_on_again(live)
    yield
    live.set_account("usable")
    live.await_pod(STATIC)
    live.await_pod(DYNAMIC)


def _log_on_again(live: LiveStack) -> None:
    """Recreate both Pods. Both are gone first: one would join the session that the other one's node has."""
    paths = [pod_path(STATIC), pod_path(DYNAMIC)]
    for path in paths:
        live.delete(path)
    for path in paths:
        live.create(path)


@contextmanager
def image_of_another_windows(live: LiveStack) -> Broken:
    """Recreate the Pod with an image of Windows Server 2019, which the nodes do not run."""

    def change(pod: Json) -> None:
        pod["spec"]["containers"][0]["image"] += "-ltsc2019"

    live.delete(pod_path(STATIC))
    live.create(pod_path(STATIC), change)
    yield
    live.restart_pod(STATIC)
    live.await_pod(STATIC)


@contextmanager
def names_not_resolved(live: LiveStack) -> Broken:
    faults = StandingFaults(live.store)
    faults.set(NODES_DNS)
    live.restart_pod(STATIC)
    yield
    faults.clear()
    live.await_pod(STATIC)


@contextmanager
def driver_pod_gone_from_node(live: LiveStack) -> Broken:
    """Add a taint that the node plugin does not tolerate, and delete the plugin's Pod, which cannot return."""
    node = live.node_of(STATIC)
    taint = {"key": "team", "value": "web", "effect": "NoSchedule"}
    fix = live.merge(f"/api/v1/nodes/{node}", {"spec": {"taints": [taint]}})
    for pod in _plugin_pods(live, node):
        live.api.delete(f"/api/v1/namespaces/kube-system/pods/{pod['metadata']['name']}")
    eventually(lambda: not _plugin_pods(live, node), f"no node plugin on {node}")
    yield
    fix()
    eventually(lambda: any(condition(pod, "Ready") for pod in _plugin_pods(live, node)), f"the node plugin on {node}")


def _plugin_pods(live: LiveStack, node: str) -> list[Json]:
    pods = live.api.get("/api/v1/namespaces/kube-system/pods?labelSelector=app%3Dcsi-smb-node-win")["items"]
    return [pod for pod in pods if pod["spec"].get("nodeName") == node]


@contextmanager
def nodes_unpeered(live: LiveStack) -> Broken:
    """Delete the nodes' side of the peering with the volumes' network: what is mounted already stays mounted."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
    nodes, hub = (
        f"{group}/{name}/providers/Microsoft.Network/virtualNetworks/{network}"
        for name, network in (("rg-aks-dev", "vnet-aks"), ("rg-hub", "vnet-hub"))
    )
    estate = Estate(live.store)
    estate.unpeer(nodes, hub)
    yield
    estate.peer(nodes, hub)


@contextmanager
def claim_recreated(live: LiveStack) -> Broken:
    """Release the PersistentVolume by deleting its claim."""
    live.delete(pod_path(STATIC))
    live.delete(claim_path(STATIC, CLAIM))
    live.create(claim_path(STATIC, CLAIM))
    live.create(pod_path(STATIC))
    yield
    live.await_pod(STATIC)


@contextmanager
def volume_failed(live: LiveStack) -> Broken:
    fix = live.set_azure_volume(state="Failed")
    yield
    fix()


@contextmanager
def nodes_cordoned(live: LiveStack) -> Broken:
    fixes = [live.merge(f"/api/v1/nodes/{node}", {"spec": {"unschedulable": True}}) for node in _WINDOWS]
    live.restart_pod(STATIC)
    yield
    for fix in fixes:
        fix()
    live.await_pod(STATIC)


@contextmanager
def node_not_ready(live: LiveStack) -> Broken:
    node = f"/api/v1/nodes/{live.node_of(STATIC)}"
    down = {"metadata": {"annotations": {"anf-sandbox/kubelet": "down"}}}
    fix = live.merge(node, down)
    silent = {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}
    live.api.merge_strategic(f"{node}/status", {"status": {"conditions": [silent]}})
    yield
    fix()
    eventually(lambda: condition(live.api.get(node), "Ready"), "the node is Ready again")
    live.await_pod(STATIC)
    live.await_pod(DYNAMIC)


@contextmanager
def claim_terminating(live: LiveStack) -> Broken:
    """Delete the claim while the Pod uses it."""
    live.api.delete(claim_path(STATIC, CLAIM))
    yield
    live.await_pod(STATIC)


@contextmanager
def upgrade_interrupted(live: LiveStack) -> Broken:
    """Create the pending second revision of a killed `helm upgrade`."""
    release = live.api.get(_RELEASE)
    content = json.loads(gzip.decompress(b64decode(b64decode(release["data"]["release"]))))
    content |= {"version": 2, "info": content["info"] | {"status": "pending-upgrade"}}
    data = {"release": encoded(b64encode(gzip.compress(json.dumps(content).encode())).decode())}
    labels = {**release["metadata"]["labels"], "version": "2", "status": "pending-upgrade"}
    metadata = {"name": "sh.helm.release.v1.csi-driver-smb.v2", "labels": labels}
    secrets = _RELEASE.rpartition("/")[0]
    live.api.create(secrets, {"metadata": metadata, "type": release["type"], "data": data})
    yield
