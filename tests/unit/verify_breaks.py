"""Changes that each break one link of a stack, and the check that finds each."""

import copy
import dataclasses
from collections.abc import Callable

from tests.unit.verify_objects import (
    AKS,
    DYNAMIC,
    GIB,
    HUB,
    PASSWORD,
    POOL,
    SUBNET,
    VNET,
    WINDOWS,
    pod_on,
    release_secret,
    secret,
)
from tests.unit.verify_world import Stack
from verify.clients.azure_netapp import AnfAccount

STATIC_POD = "/api/v1/namespaces/smb-static/pods/iis-pod"
DYNAMIC_POD = "/api/v1/namespaces/smb-dynamic/pods/iis-pod"
STATIC_CLAIM = "/api/v1/namespaces/smb-static/persistentvolumeclaims/anf-pvc-smb"
DYNAMIC_CLAIM = "/api/v1/namespaces/smb-dynamic/persistentvolumeclaims/anf-pvc-smb-dynamic"
STATIC_PV, DYNAMIC_PV = "/api/v1/persistentvolumes/anf-pv-smb", "/api/v1/persistentvolumes/pvc-1"
STATIC_SECRET = "/api/v1/namespaces/smb-static/secrets/smbcreds"
TRIDENT = "/apis/trident.netapp.io/v1"
CONFIG = f"{TRIDENT}/namespaces/trident/tridentbackendconfigs/backend-tbc-anf-smb"
BACKEND = f"{TRIDENT}/namespaces/trident/tridentbackends/tbe-x7k2p"
TORC = f"{TRIDENT}/tridentorchestrators/trident"
CLASS = "/apis/storage.k8s.io/v1/storageclasses/anf-sc-smb"
KUBELET = "MountVolume.MountDevice failed for volume"

Change = Callable[[Stack], None]


def having_account(account: AnfAccount | None) -> Change:
    def change(stack: Stack) -> None:
        stack.azure.accounts = dict.fromkeys(stack.azure.accounts, account) if account else {}

    return change


def without(*paths: str) -> Change:
    def change(stack: Stack) -> None:
        for path in paths:
            del stack.cluster.objects[path]

    return change


def having(path: str, *keys: str, value: object) -> Change:
    def change(stack: Stack) -> None:
        item = stack.cluster.objects[path]
        for key in keys[:-1]:
            item = item[key]
        item[keys[-1]] = value

    return change


def unready(path: str, message: str, reason: str = "FailedMount") -> Change:
    def change(stack: Stack) -> None:
        pod = stack.cluster.objects[path]
        pod["status"] = {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False"}]}
        if reason == "FailedScheduling":
            del pod["spec"]["nodeName"]
        stack.event(path.split("/")[4], pod, reason, message)

    return change


def waiting(path: str, reason: str, message: str) -> Change:
    """Let the Pod's container wait: its volumes are mounted."""

    def change(stack: Stack) -> None:
        state = {"waiting": {"reason": reason, "message": message}}
        conditions = [{"type": "PodReadyToStartContainers", "status": "True"}, {"type": "Ready", "status": "False"}]
        status = {"phase": "Pending", "conditions": conditions, "containerStatuses": [{"name": "web", "state": state}]}
        stack.cluster.objects[path]["status"] = status

    return change


def pending(message: str) -> Change:
    def change(stack: Stack) -> None:
        claim = stack.cluster.objects[DYNAMIC_CLAIM]
        claim["status"], claim["spec"]["volumeName"] = {"phase": "Pending"}, ""
        stack.event("smb-dynamic", claim, "ProvisioningFailed", message)

    return change


def azure(volume: str = "", **changes: object) -> Change:
    def change(stack: Stack) -> None:
        stack.azure.volumes[volume] = dataclasses.replace(stack.azure.volumes[volume], **changes)  # pyright: ignore[reportArgumentType]

    return change


def failed_config(message: str) -> Change:
    return having(CONFIG, "status", value={"phase": "", "lastOperationStatus": "Failed", "message": message})


def source(path: str) -> Change:
    return having(STATIC_PV, "spec", "csi", "volumeAttributes", value={"source": path})


def static_secret(**data: str) -> Change:
    return lambda stack: stack.cluster.put("/api/v1/namespaces/smb-static/secrets", secret(**data))


def dynamic_secret(**data: str) -> Change:
    return lambda stack: stack.cluster.put("/api/v1/namespaces/smb-dynamic/secrets", secret(**data))


def taken_from_node(stack: Stack) -> None:
    """Add a taint that the node plugin does not tolerate, and delete the plugin's Pod."""
    node = stack.cluster.objects[f"/api/v1/nodes/{WINDOWS}"]
    node["spec"]["taints"] = [{"key": "team", "value": "web", "effect": "NoSchedule"}]
    del stack.cluster.objects[f"/api/v1/namespaces/kube-system/pods/csi-smb-node-win-{WINDOWS}"]


def cordoned(stack: Stack) -> None:
    for number in (0, 1):
        stack.cluster.objects[f"/api/v1/nodes/akswin00000{number}"]["spec"]["unschedulable"] = True


def failed_pool(stack: Stack) -> None:
    stack.azure.pools[POOL] = dataclasses.replace(stack.azure.pools[POOL], state="Failed")


def without_volume(volume: str) -> Change:
    def change(stack: Stack) -> None:
        del stack.azure.volumes[volume]

    return change


def having_subnet(delegations: tuple[str, ...]) -> Change:
    return lambda stack: stack.azure.subnets.update({SUBNET: delegations})


def having_peering(network: str, remote: str, **changes: object) -> Change:
    """Change a peering; without changes, take it away."""

    def change(stack: Stack) -> None:
        found = stack.azure.networks[network]
        others = tuple(each for each in found.peerings if each.remote_id != remote)
        changed = (dataclasses.replace(each, **changes) for each in found.peerings if each.remote_id == remote)  # pyright: ignore[reportArgumentType]
        peerings = (*others, *(changed if changes else ()))
        stack.azure.networks[network] = dataclasses.replace(found, peerings=peerings)

    return change


def bytes_free(number: int) -> Change:
    return lambda stack: stack.cluster.free.update({S: number})


def in_other_pool(stack: Stack) -> None:
    other = f"{POOL}-2/volumes/pvc-1"
    stack.azure.volumes[other] = dataclasses.replace(stack.azure.volumes[DYNAMIC], id=other)
    having(DYNAMIC_PV, "spec", "csi", "volumeAttributes", value={"internalID": other})(stack)


def release(status: str) -> Change:
    return lambda stack: stack.cluster.put(RELEASES, release_secret("csi-driver-smb", 2, status))


def another_backend(stack: Stack) -> None:
    """Add a backend, as another stack does, beside a StorageClass that names none."""
    del stack.cluster.objects[CLASS]["parameters"]["storagePools"]
    body = {"metadata": {"name": "tbe-2"}, "backendName": "anf-smb-two", "config": {"azure_config": {"nasType": "smb"}}}
    stack.cluster.put(f"{TRIDENT}/namespaces/trident/tridentbackends", body)


def another_volume(name: str, path: str, handle: str, user: str = "", place: str = "") -> Change:
    """Add another project's PersistentVolume with its Secret, and a Pod on a node that mounts it."""

    def change(stack: Stack) -> None:
        volume = copy.deepcopy(stack.cluster.objects[STATIC_PV])
        volume["metadata"] = {"name": name}
        volume["spec"]["claimRef"] = {"namespace": "web", "name": name, "uid": f"uid-{_WEB_CLAIMS}-{name}"}
        reference = {"name": "creds", "namespace": "web"}
        volume["spec"]["csi"] |= {"volumeHandle": handle, "volumeAttributes": {"source": path}}
        if user:
            volume["spec"]["csi"]["nodeStageSecretRef"] = reference
            secrets = secret(username=user, password=PASSWORD) | {"metadata": {"name": "creds"}}
            stack.cluster.put("/api/v1/namespaces/web/secrets", secrets)
        claim = copy.deepcopy(stack.cluster.objects[STATIC_CLAIM]) | {"metadata": {"name": name}}
        claim["spec"]["volumeName"] = name
        stack.cluster.put("/api/v1/persistentvolumes", volume)
        stack.cluster.put(_WEB_CLAIMS, claim)
        if place:
            stack.cluster.put("/api/v1/namespaces/web/pods", pod_on(name, "web-0", place))

    return change


_WEB_CLAIMS = "/api/v1/namespaces/web/persistentvolumeclaims"
S, D = "smb-static", "smb-dynamic"
RELEASES = "/api/v1/namespaces/kube-system/secrets"
WIN_DS = "/apis/apps/v1/namespaces/kube-system/daemonsets/csi-smb-node-win"
NODE_OBJECT, CSI_NODE = f"/api/v1/nodes/{WINDOWS}", f"/apis/storage.k8s.io/v1/csinodes/{WINDOWS}"
OTHER_DRIVER = "csi.trident.netapp.io"
CSI_DRIVER = "/apis/storage.k8s.io/v1/csidrivers/smb.csi.k8s.io"
VOLUME = f"{POOL}/volumes/smb"
DELETED = "2026-11-24T10:00:00Z"
NO_POOLS = "no capacity pools found for storage pool anf-smb_pool"

BREAKS: dict[str, list[tuple[str, Change]]] = {
    "nodes/windows": [("node-not-ready", having(NODE_OBJECT, "status", "conditions", value=[]))],
    "smb-driver/node-windows": [("node-plugin-missing", without(WIN_DS)), ("driver-missing-on-node", taken_from_node)],
    "smb-driver/registered": [
        ("driver-not-registered", having(CSI_NODE, "spec", "drivers", value=[{"name": OTHER_DRIVER}]))
    ],
    "smb-driver/csidriver": [
        ("csi-driver-object-missing", without(CSI_DRIVER)),
        ("csi-driver-object-wrong", having(CSI_DRIVER, "spec", value={})),
    ],
    "smb-driver/volume-handles": [
        ("volume-handle-reused", another_volume("web", "//anf-64d9.contoso.com/other", "anf-64d9.contoso.com#smb#"))
    ],
    "smb-driver/release": [
        ("helm-release-pending", release("pending-upgrade")),
        ("helm-release-failed", release("failed")),
        (
            "helm-release-missing",
            without(f"{RELEASES}/sh.helm.release.v1.csi-driver-smb.v1"),
        ),
    ],
    "anf/account": [
        ("account-missing", having_account(None)),
        ("account-not-joined", having_account(AnfAccount("Succeeded", "", aes_encryption=False))),
    ],
    "anf/subnet": [("subnet-not-delegated", having_subnet(()))],
    "anf/way-to-directory": [
        ("peering-not-connected", having_peering(VNET, HUB, state="Disconnected")),
        ("peering-not-connected", having_peering(HUB, VNET, state="Initiated")),
        ("peering-closed", having_peering(HUB, VNET, is_open=False)),
        ("directory-unreached", having_peering(VNET, HUB)),
    ],
    "anf/way-to-nodes": [
        ("peering-not-connected", having_peering(VNET, AKS, state="Initiated")),
        ("peering-closed", having_peering(VNET, AKS, is_open=False)),
        ("nodes-not-peered", having_peering(VNET, AKS)),
    ],
    "volume/smb": [
        ("volume-missing", without_volume(VOLUME)),
        ("volume-failed", azure(VOLUME, state="Failed")),
        ("volume-not-succeeded", azure(VOLUME, state="Updating")),
        ("volume-differs", azure(VOLUME, fqdn="anf-0000.contoso.com")),
        ("volume-not-smb", azure(VOLUME, protocols=("NFSv3",))),
    ],
    "share/smb/size": [("size-differs", azure(VOLUME, size=200 * GIB))],
    "share/smb/claim": [
        ("claim-missing", without(STATIC_CLAIM)),
        ("claim-terminating", having(STATIC_CLAIM, "metadata", "deletionTimestamp", value=DELETED)),
        ("pv-missing", without(STATIC_PV)),
        ("pv-released", having(STATIC_PV, "spec", "claimRef", "uid", value="an-earlier-one")),
    ],
    "share/smb/source": [
        ("source-trailing-slash", source("\\\\anf-64d9.contoso.com\\smb\\")),
        ("source-malformed", source("anf-64d9.contoso.com")),
        ("source-other-server", source("//anf-9999.contoso.com/smb")),
        ("source-other-share", source("//anf-64d9.contoso.com/other")),
        ("pv-other-driver", having(STATIC_PV, "spec", "csi", "driver", value="file.csi.azure.com")),
    ],
    "share/smb/secret": [
        ("secret-missing", without(STATIC_SECRET)),
        ("secret-incomplete", static_secret(username="svc-web", domain="CONTOSO")),
        ("secret-without-domain", static_secret(username="svc-web", password=PASSWORD)),
        ("secret-without-domain", static_secret(username="AZURE\\svc-web", password=PASSWORD)),
    ],
    "share/smb/pod": [
        ("logon-failed", unready(STATIC_POD, f"{KUBELET}: The user name or password is incorrect. ")),
        ("fqdn-not-resolved", unready(STATIC_POD, f"{KUBELET}: The network path was not found.")),
        (
            "account-locked",
            unready(STATIC_POD, f"{KUBELET}: FullyQualifiedErrorId : Windows System Error 1909,New-Smb"),
        ),
        ("server-unreachable", unready(STATIC_POD, f"{KUBELET}: mount error(115): Operation now in progress")),
        (
            "csi-proxy-missing",
            unready(STATIC_POD, rf"{KUBELET}: open \\\\.\\pipe\\csi-proxy-smb-v1: The system cannot"),
        ),
        ("mount-timed-out", unready(STATIC_POD, "unmounted volumes=[smb]: timed out waiting for the condition")),
        ("mount-failed", unready(STATIC_POD, f"{KUBELET}: something else")),
        ("image-other-windows", waiting(STATIC_POD, "ErrImagePull", "no match for platform in manifest: not found")),
        ("container-exits", waiting(STATIC_POD, "CrashLoopBackOff", "back-off 10s restarting failed container")),
        ("pod-missing", without(STATIC_POD)),
    ],
    "share/smb/directory": [
        ("directory-not-mounted", bytes_free(20 * GIB)),
        ("bytes-free-misfit", bytes_free(500 * GIB)),
    ],
    "trident/orchestrator": [
        ("orchestrator-missing", without(TORC)),
        ("orchestrator-not-installed", having(TORC, "status", value={"status": "Failed", "message": "no"})),
        ("trident-other-version", having(TORC, "status", "version", value="v26.02.0")),
    ],
    "trident/backend-config": [
        ("backend-config-missing", without(CONFIG)),
        ("trident-login", failed_config("WorkloadIdentityCredential authentication failed. AADSTS70021")),
        ("trident-roles", failed_config(f"capacity pool query returned no data; {NO_POOLS}")),
        ("trident-no-subnet", failed_config(f"subnet query returned no data; {NO_POOLS}")),
        ("trident-no-pool", failed_config(NO_POOLS)),
        ("trident-secret", failed_config("backend credentials not found")),
        ("backend-of-another-config", failed_config("update initiated using an invalid configRef")),
        ("backend-config-not-bound", failed_config("something else")),
        ("backend-config-lost", having(CONFIG, "status", "phase", value="Lost")),
        ("finalizers-stuck", having(CONFIG, "metadata", "deletionTimestamp", value=DELETED)),
    ],
    "trident/backend": [
        ("backend-offline", having(BACKEND, "state", value="offline")),
        ("finalizers-stuck", having(BACKEND, "metadata", "deletionTimestamp", value=DELETED)),
    ],
    "trident/storage-class": [
        ("storage-class-missing", without(CLASS)),
        ("storage-class-wrong", having(CLASS, "parameters", "trident.netapp.io/nasType", value="nfs")),
        ("storage-class-of-every-backend", another_backend),
        ("storage-class-unknown-to-trident", having(CLASS, "parameters", "costCenter", value="4711")),
    ],
    "trident/secret": [
        ("secret-not-joined", dynamic_secret(username="svc-web", domain="CONTOSO", password=PASSWORD)),
    ],
    "claim/smb-dynamic/claim": [
        ("pool-too-small", pending("PoolSizeTooSmall: Pool size too small for total volume size.")),
        ("anf-quota", pending("QuotaLimitExceeded: the regional quota is exceeded")),
        ("storage-class-unknown-to-trident", pending("rpc error: desc = unknown storage class: anf-sc-smb")),
        ("no-backend", pending("no available backends for storage class anf-sc-smb")),
        ("claim-pending", pending("something else")),
    ],
    "claim/smb-dynamic/volume": [
        ("claim-volume-missing", without_volume(DYNAMIC)),
        ("volume-in-other-pool", in_other_pool),
    ],
}
CASES = [(check, trouble, change) for check, breaks in BREAKS.items() for trouble, change in breaks]
