"""Links of a live stack, broken one at a time: what is done, how it is mended, what verify and diagnose must say."""

from base64 import b64decode
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager

from sandbox.nodes.faults import DNS, NodeFaults
from sandbox.nodes.objects import Json, condition
from tests.e2e.live_stack import (
    BACKEND_CONFIG,
    CLAIM,
    DYNAMIC,
    DYNAMIC_CLAIM,
    PERSISTENT_VOLUME,
    STATIC,
    TRIDENT,
    LiveStack,
    claim_path,
    encoded,
    eventually,
    pod_path,
    secret_path,
)
from tests.sandbox.arm.clients import AzureClients

Break = Callable[[LiveStack], AbstractContextManager[None]]
Broken = Generator[None]

_DAEMON_SET = "/apis/apps/v1/namespaces/kube-system/daemonsets/csi-smb-node-win"
_CLASS = "/apis/storage.k8s.io/v1/storageclasses/anf-sc-smb"
_CSI_DRIVER = "/apis/storage.k8s.io/v1/csidrivers/smb.csi.k8s.io"
_RELEASE = "/api/v1/namespaces/kube-system/secrets/sh.helm.release.v1.csi-driver-smb.v1"
_WINDOWS = ("akswin000000", "akswin000001")
_ORCHESTRATOR = f"{TRIDENT}/tridentorchestrators/trident"
_FEDERATION = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
_LOOKED_AT_ANEW: Json = {"spec": {"labels": {"looked-at": "anew"}}}
WRONG = "not-the-right-one-1234"


def wrong_source(make: Callable[[str, str], str]) -> Break:
    @contextmanager
    def broken(live: LiveStack) -> Broken:
        share = live.outputs.volumes[0]
        live.remake_static(make(share.fqdn, share.token))
        yield
        live.remake_static()
        live.await_pod(STATIC)

    return broken


def changed_secret(namespace: str, **values: str | None) -> Break:
    """The Secret changed and the Pod restarted, since mounts keep what they were made with."""

    @contextmanager
    def broken(live: LiveStack) -> Broken:
        data = {key: None if value is None else encoded(value) for key, value in values.items()}
        mend = live.merge(secret_path(namespace), {"data": data})
        live.restart_pod(namespace)
        yield
        mend()
        live.await_pod(namespace)

    return broken


def deleted(path: str, *, pod: str | None = None) -> Break:
    """An object gone, and the Pod that needs it restarted."""

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
    secret = live.api.get(secret_path(STATIC))["data"]["password"]
    live.set_directory_password(WRONG)
    live.restart_pod(STATIC)
    live.restart_pod(DYNAMIC)
    yield
    live.set_directory_password(b64decode(secret).decode())
    live.await_pod(STATIC)
    live.await_pod(DYNAMIC)


@contextmanager
def names_not_resolved(live: LiveStack) -> Broken:
    faults = NodeFaults(live.paths)
    faults.set(DNS)
    live.restart_pod(STATIC)
    yield
    faults.clear()
    live.await_pod(STATIC)


@contextmanager
def driver_pod_gone_from_node(live: LiveStack) -> Broken:
    """The node gets a taint that the node plugin does not tolerate: its Pod, once gone, does not come back."""
    node = live.node_of(STATIC)
    taint = {"key": "team", "value": "web", "effect": "NoSchedule"}
    mend = live.merge(f"/api/v1/nodes/{node}", {"spec": {"taints": [taint]}})
    for pod in _plugin_pods(live, node):
        live.api.delete(f"/api/v1/namespaces/kube-system/pods/{pod['metadata']['name']}")
    eventually(lambda: not _plugin_pods(live, node), f"no node plugin on {node}")
    yield
    mend()
    eventually(lambda: any(condition(pod, "Ready") for pod in _plugin_pods(live, node)), f"the node plugin on {node}")


def _plugin_pods(live: LiveStack, node: str) -> list[Json]:
    pods = live.api.get("/api/v1/namespaces/kube-system/pods?labelSelector=app%3Dcsi-smb-node-win")["items"]
    return [pod for pod in pods if pod["spec"].get("nodeName") == node]


@contextmanager
def claim_gone(live: LiveStack) -> Broken:
    live.delete(pod_path(STATIC))
    live.delete(claim_path(STATIC, CLAIM))
    yield
    live.remake_static()
    live.await_pod(STATIC)


@contextmanager
def claim_made_anew(live: LiveStack) -> Broken:
    """The PersistentVolume is Released: it belongs to the claim that was deleted. Mended as the runbook says."""
    live.delete(pod_path(STATIC))
    live.delete(claim_path(STATIC, CLAIM))
    live.create(claim_path(STATIC, CLAIM))
    live.create(pod_path(STATIC))
    yield
    live.api.merge(PERSISTENT_VOLUME, {"spec": {"claimRef": {"uid": None, "resourceVersion": None}}})
    live.await_pod(STATIC)


@contextmanager
def volume_deleted(live: LiveStack) -> Broken:
    volume = live.azure_volume()
    live.store.remove(volume.id.key)
    yield
    live.store.save(volume)


@contextmanager
def volume_resized(live: LiveStack) -> Broken:
    properties = {**live.azure_volume().properties, "usageThreshold": 200 * 2**30}
    mend = live.set_azure_volume(properties=properties)
    yield
    mend()


@contextmanager
def volume_failed(live: LiveStack) -> Broken:
    mend = live.set_azure_volume(state="Failed")
    yield
    mend()


@contextmanager
def nodes_cordoned(live: LiveStack) -> Broken:
    mends = [live.merge(f"/api/v1/nodes/{node}", {"spec": {"unschedulable": True}}) for node in _WINDOWS]
    live.restart_pod(STATIC)
    yield
    for mend in mends:
        mend()
    live.await_pod(STATIC)


@contextmanager
def node_not_ready(live: LiveStack) -> Broken:
    node = f"/api/v1/nodes/{live.node_of(STATIC)}"
    down = {"metadata": {"annotations": {"anf-sandbox/kubelet": "down"}}}
    mend = live.merge(node, down)
    silent = {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}
    live.api.merge_strategic(f"{node}/status", {"status": {"conditions": [silent]}})
    yield
    mend()
    eventually(lambda: condition(live.api.get(node), "Ready"), "the node is Ready again")
    live.await_pod(STATIC)
    live.await_pod(DYNAMIC)


@contextmanager
def upgrade_interrupted(live: LiveStack) -> Broken:
    """What `helm upgrade` leaves when it is killed: a second revision that is pending."""
    release = live.api.get(_RELEASE)
    labels = {**release["metadata"]["labels"], "version": "2", "status": "pending-upgrade"}
    metadata = {"name": "sh.helm.release.v1.csi-driver-smb.v2", "labels": labels}
    secrets = _RELEASE.rpartition("/")[0]
    live.api.create(secrets, {"metadata": metadata, "type": release["type"], "data": release["data"]})
    yield
    live.api.delete(f"{secrets}/{metadata['name']}")


@contextmanager
def storage_class_for_nfs(live: LiveStack) -> Broken:
    live.delete(_CLASS)
    live.create(_CLASS, lambda body: body["parameters"].update({"trident.netapp.io/nasType": "nfs"}))
    yield
    live.api.delete(_CLASS)
    live.create(_CLASS)


def changed_config(**spec: object) -> Break:
    """A TridentBackendConfig that Trident refuses."""

    @contextmanager
    def broken(live: LiveStack) -> Broken:
        mend = live.merge(BACKEND_CONFIG, {"spec": spec})
        yield
        mend()
        await_bound(live)

    return broken


@contextmanager
def config_deleted(live: LiveStack) -> Broken:
    """Without its backend, which has a volume."""
    live.remember(BACKEND_CONFIG)
    live.api.merge(BACKEND_CONFIG, {"spec": {"deletionPolicy": "retain"}})
    live.delete(BACKEND_CONFIG)
    yield
    live.create(BACKEND_CONFIG)
    await_bound(live)


@contextmanager
def orchestrator_deleted(live: LiveStack) -> Broken:
    """The operator takes Trident away with it, and installs it again for a new one."""
    live.delete(_ORCHESTRATOR)
    yield
    live.create(_ORCHESTRATOR)
    await_installed(live)


@contextmanager
def orchestrator_failed(live: LiveStack) -> Broken:
    mend = live.merge(_ORCHESTRATOR, {"spec": {"namespace": "elsewhere"}})
    yield
    mend()
    await_installed(live)


def await_installed(live: LiveStack) -> None:
    def installed() -> bool:
        return ((live.find(_ORCHESTRATOR) or {}).get("status") or {}).get("status") == "Installed"

    eventually(installed, "the TridentOrchestrator is Installed")
    await_bound(live)


@contextmanager
def config_terminating(live: LiveStack) -> Broken:
    """Deleted while its backend has a volume. Mended as the runbook says."""
    live.remember(BACKEND_CONFIG)
    live.api.delete(BACKEND_CONFIG)
    yield
    live.api.merge(BACKEND_CONFIG, {"metadata": {"finalizers": None}})
    eventually(lambda: live.find(BACKEND_CONFIG) is None, "the config is gone")
    (backend,) = live.api.get(f"{TRIDENT}/namespaces/trident/tridentbackends")["items"]
    path = f"{TRIDENT}/namespaces/trident/tridentbackends/{backend['metadata']['name']}"
    live.api.merge(path, {"configRef": ""})
    live.create(BACKEND_CONFIG)
    await_bound(live)


def await_bound(live: LiveStack) -> None:
    def bound() -> bool:
        status = (live.find(BACKEND_CONFIG) or {}).get("status") or {}
        return (status.get("phase"), status.get("lastOperationStatus")) == ("Bound", "Success")

    eventually(bound, "the TridentBackendConfig is Bound, Success")


@contextmanager
def roles_missing(live: LiveStack) -> Broken:
    """Trident's identity loses its roles in the resource group, and its controller starts anew."""
    azure = AzureClients(live.paths).http
    group = live.outputs.pool_id.partition("/providers/")[0]
    version = {"api-version": "2022-04-01"}
    listed = azure.get(f"{group}/providers/Microsoft.Authorization/roleAssignments", params=version).json()["value"]
    taken = [each for each in listed if each["properties"]["scope"] == group]
    assert taken
    for each in taken:
        azure.delete(each["id"], params=version).raise_for_status()
    mend = live.merge(BACKEND_CONFIG, _LOOKED_AT_ANEW)
    yield
    kept = ("roleDefinitionId", "principalId", "principalType")
    for each in taken:
        body = {"properties": {key: each["properties"][key] for key in kept}}
        azure.put(each["id"], params=version, json=body).raise_for_status()
    mend()
    await_bound(live)


@contextmanager
def trust_missing(live: LiveStack) -> Broken:
    """Azure no longer takes the word of Trident's ServiceAccount."""
    taken = live.store.of_type(_FEDERATION)
    assert taken
    for each in taken:
        live.store.remove(each.id.key)
    mend = live.merge(BACKEND_CONFIG, _LOOKED_AT_ANEW)
    yield
    for each in taken:
        live.store.save(each)
    mend()
    await_bound(live)


BREAKS: list[tuple[str, Break, dict[str, str], str]] = [
    ("wrong token", wrong_source(lambda fqdn, _: rf"\\{fqdn}\other"), {"share/smb/source": "source-other-share"}, CLAIM),
    ("trailing slash", wrong_source(lambda fqdn, token: f"//{fqdn}/{token}/"), {"share/smb/source": "source-trailing-slash"}, CLAIM),
    ("unknown FQDN", wrong_source(lambda _, token: f"//anf-0000.contoso.com/{token}"), {"share/smb/source": "source-other-server"}, CLAIM),
    ("wrong password", changed_secret(STATIC, password=WRONG), {"share/smb/pod": "logon-failed"}, CLAIM),
    ("wrong password in the directory", wrong_directory_password, {"share/smb/pod": "logon-failed", "claim/smb-dynamic/pod": "logon-failed"}, DYNAMIC_CLAIM),
    ("FQDN not resolved", names_not_resolved, {"share/smb/pod": "fqdn-not-resolved"}, CLAIM),
    ("Secret without domain", changed_secret(STATIC, domain=None), {"share/smb/secret": "secret-without-domain"}, CLAIM),
    ("user of AZURE", changed_secret(STATIC, domain=None, username="AZURE\\svc-web"), {"share/smb/secret": "secret-without-domain"}, CLAIM),
    ("Secret without password", changed_secret(STATIC, password=None), {"share/smb/secret": "secret-incomplete"}, CLAIM),
    ("Secret gone", deleted(secret_path(STATIC), pod=STATIC), {"share/smb/secret": "secret-missing"}, CLAIM),
    ("driver's Pod gone from a node", driver_pod_gone_from_node, {"smb-driver/node-windows": "driver-missing-on-node"}, CLAIM),
    ("driver's DaemonSet gone", deleted(_DAEMON_SET), {"smb-driver/node-windows": "node-plugin-missing"}, CLAIM),
    ("CSIDriver gone", deleted(_CSI_DRIVER), {"smb-driver/csidriver": "csi-driver-object-missing"}, CLAIM),
    ("upgrade interrupted", upgrade_interrupted, {"smb-driver/release": "helm-release-pending"}, CLAIM),
    ("claim gone", claim_gone, {"share/smb/claim": "claim-missing"}, CLAIM),
    ("PersistentVolume Released", claim_made_anew, {"share/smb/claim": "pv-released"}, CLAIM),
    ("Pod gone", deleted(pod_path(STATIC)), {"share/smb/pod": "pod-missing"}, CLAIM),
    ("volume deleted in Azure", volume_deleted, {"volume/smb": "volume-missing"}, CLAIM),
    ("volume failed", volume_failed, {"volume/smb": "volume-failed"}, CLAIM),
    ("volume resized in Azure", volume_resized, {"share/smb/size": "size-differs"}, CLAIM),
    ("nodes cordoned", nodes_cordoned, {"nodes/windows": "node-cordoned"}, CLAIM),
    ("node not Ready", node_not_ready, {"nodes/windows": "node-not-ready"}, CLAIM),
    ("dynamic Secret without domain", changed_secret(DYNAMIC, username="svc-web"), {"trident/secret": "secret-not-joined"}, DYNAMIC_CLAIM),
    ("StorageClass for NFS", storage_class_for_nfs, {"trident/storage-class": "storage-class-wrong"}, DYNAMIC_CLAIM),
    ("another pool in the backend", changed_config(capacityPools=["rg-anf-dev/anf-dev/other"]), {"trident/backend-config": "trident-no-pool"}, DYNAMIC_CLAIM),
    ("backend's Secret gone", changed_config(credentials={"name": "nowhere"}), {"trident/backend-config": "trident-secret"}, DYNAMIC_CLAIM),
    ("Trident's roles missing", roles_missing, {"trident/backend-config": "trident-roles"}, DYNAMIC_CLAIM),
    ("Trident not trusted", trust_missing, {"trident/backend-config": "trident-login"}, DYNAMIC_CLAIM),
    ("backend config deleted", config_deleted, {"trident/backend-config": "backend-config-missing"}, DYNAMIC_CLAIM),
    ("backend config Terminating", config_terminating, {"trident/backend-config": "finalizers-stuck"}, DYNAMIC_CLAIM),
    ("orchestrator failed", orchestrator_failed, {"trident/orchestrator": "orchestrator-not-installed"}, DYNAMIC_CLAIM),
    ("orchestrator deleted", orchestrator_deleted, {"trident/orchestrator": "orchestrator-missing"}, DYNAMIC_CLAIM),
]  # fmt: skip
