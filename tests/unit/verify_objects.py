"""The objects of a healthy stack dev in the form of the API server."""

import copy
from base64 import b64encode

from verify.clients.cluster import Json

GIB = 2**30
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-anf-dev/providers"
POOL = f"{GROUP}/Microsoft.NetApp/netAppAccounts/anf-dev/capacityPools/pool-dev"
VNET, HUB, AKS = (f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-{name}" for name in ("anf", "hub", "aks"))
SUBNET = f"{VNET}/subnets/anf"
FQDN = "anf-64d9.contoso.com"
PASSWORD = "a-pass-word-that-nobody-shall-see"
DYNAMIC = f"{POOL}/volumes/pvc-1"
LINUX, WINDOWS, OTHER_WINDOWS = "aks-nodepool1-vmss000000", "akswin000000", "akswin000001"
CLAIMS = {"smb-static": ("anf-pvc-smb", "anf-pv-smb"), "smb-dynamic": ("anf-pvc-smb-dynamic", "pvc-1")}

RUNNING: Json = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


def secret(**data: str) -> Json:
    encoded = {key: b64encode(value.encode()).decode() for key, value in data.items()}
    return {"metadata": {"name": "smbcreds"}, "data": encoded}


def node(name: str, system: str) -> Json:
    labels = {"kubernetes.io/os": system, "node.kubernetes.io/windows-build": "10.0.20348"}
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }


def whole() -> list[tuple[str, Json]]:
    """Return each object of a stack dev with its collection."""
    items: list[tuple[str, Json]] = [
        ("/api/v1/nodes", node(LINUX, "linux")),
        ("/api/v1/nodes", node(WINDOWS, "windows")),
        ("/api/v1/nodes", node(OTHER_WINDOWS, "windows")),
        ("/api/v1/namespaces/smb-static/secrets", secret(username="svc-web", password=PASSWORD, domain="CONTOSO")),
        ("/api/v1/namespaces/smb-dynamic/secrets", secret(username="CONTOSO\\svc-web", password=PASSWORD)),
    ]
    drivers = ["smb.csi.k8s.io", "csi.trident.netapp.io"]
    for name in (LINUX, WINDOWS, OTHER_WINDOWS):
        spec = {"drivers": [{"name": driver} for driver in drivers]}
        items.append(("/apis/storage.k8s.io/v1/csinodes", {"metadata": {"name": name}, "spec": spec}))
    items += _driver(
        "smb.csi.k8s.io", False, "kube-system", "csi-driver-smb", "csi-smb-controller", "csi-smb-node", "-win"
    )
    items += _driver(
        "csi.trident.netapp.io", True, "trident", "trident", "trident-controller", "trident-node", "-windows"
    )
    items += _static() + _dynamic() + _trident()
    return items


def _driver(
    name: str, attach: bool, namespace: str, release: str, controller: str, plugin: str, suffix: str
) -> list[tuple[str, Json]]:
    linux = plugin if suffix == "-win" else f"{plugin}-linux"
    items: list[tuple[str, Json]] = [
        ("/apis/storage.k8s.io/v1/csidrivers", {"metadata": {"name": name}, "spec": {"attachRequired": attach}}),
        (
            f"/apis/apps/v1/namespaces/{namespace}/deployments",
            {"metadata": {"name": controller}, "spec": {"replicas": 1}, "status": {"readyReplicas": 1}},
        ),
        (f"/api/v1/namespaces/{namespace}/secrets", release_secret(release, 1, "deployed")),
    ]
    for daemon_set, places in ((linux, [LINUX]), (f"{plugin}{suffix}", [WINDOWS, OTHER_WINDOWS])):
        collection = f"/apis/apps/v1/namespaces/{namespace}/daemonsets"
        items.append((collection, {"metadata": {"name": daemon_set}}))
        owner = {"name": daemon_set, "uid": f"uid-{collection}-{daemon_set}"}
        for place in places:
            metadata = {"name": f"{daemon_set}-{place}", "ownerReferences": [owner]}
            pod: Json = {"metadata": metadata, "spec": {"nodeName": place}, "status": copy.deepcopy(RUNNING)}
            items.append((f"/api/v1/namespaces/{namespace}/pods", pod))
    return items


def release_secret(release: str, revision: int, status: str) -> Json:
    labels = {"owner": "helm", "name": release, "version": str(revision), "status": status}
    return {"metadata": {"name": f"sh.helm.release.v1.{release}.v{revision}", "labels": labels}}


def pod_on(claim: str, name: str = "iis-pod", place: str = WINDOWS) -> Json:
    return {
        "metadata": {"name": name},
        "spec": {
            "nodeName": place,
            "containers": [
                {
                    "name": "web",
                    "image": "iis",
                    "volumeMounts": [{"name": "smb", "mountPath": "/inetpub/wwwroot"}],
                }
            ],
            "volumes": [{"name": "smb", "persistentVolumeClaim": {"claimName": claim}}],
        },
        "status": copy.deepcopy(RUNNING),
    }


def _bound(namespace: str, csi: Json, storage_class: str) -> list[tuple[str, Json]]:
    claim, volume = CLAIMS[namespace]
    collection = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims"
    return [
        (
            collection,
            {
                "metadata": {"name": claim},
                "spec": {
                    "volumeName": volume,
                    "storageClassName": storage_class,
                    "resources": {"requests": {"storage": "50Gi"}},
                },
                "status": {"phase": "Bound", "capacity": {"storage": "100Gi"}},
            },
        ),
        (
            "/api/v1/persistentvolumes",
            {
                "metadata": {"name": volume},
                "spec": {
                    "capacity": {"storage": "100Gi"},
                    "claimRef": {"namespace": namespace, "name": claim, "uid": f"uid-{collection}-{claim}"},
                    "csi": csi,
                },
                "status": {"phase": "Bound"},
            },
        ),
        (f"/api/v1/namespaces/{namespace}/pods", pod_on(claim)),
    ]


def _static() -> list[tuple[str, Json]]:
    csi: Json = {
        "driver": "smb.csi.k8s.io",
        "volumeHandle": f"{FQDN}#smb#",
        "volumeAttributes": {"source": rf"\\{FQDN}\smb"},
        "nodeStageSecretRef": {"name": "smbcreds", "namespace": "smb-static"},
    }
    return _bound("smb-static", csi, "")


def _dynamic() -> list[tuple[str, Json]]:
    csi: Json = {
        "driver": "csi.trident.netapp.io",
        "volumeHandle": "pvc-1",
        "volumeAttributes": {"internalID": DYNAMIC},
        "nodeStageSecretRef": {"name": "smbcreds", "namespace": "smb-dynamic"},
    }
    attached = {"attached": True, "attachmentMetadata": {"smbServer": FQDN, "smbPath": r"\pvc-1"}}
    attachment: Json = {
        "metadata": {"name": "csi-1"},
        "spec": {"nodeName": WINDOWS, "source": {"persistentVolumeName": "pvc-1"}},
        "status": attached,
    }
    return [*_bound("smb-dynamic", csi, "anf-sc-smb"), ("/apis/storage.k8s.io/v1/volumeattachments", attachment)]


def _trident() -> list[tuple[str, Json]]:
    api = "/apis/trident.netapp.io/v1"
    return [
        (
            f"{api}/tridentorchestrators",
            {"metadata": {"name": "trident"}, "status": {"status": "Installed", "version": "v26.06.0"}},
        ),
        (
            f"{api}/namespaces/trident/tridentbackendconfigs",
            {
                "metadata": {"name": "backend-tbc-anf-smb"},
                "status": {"phase": "Bound", "lastOperationStatus": "Success", "message": "Backend 'anf-smb' created"},
            },
        ),
        (
            f"{api}/namespaces/trident/tridentbackends",
            {
                "metadata": {"name": "tbe-x7k2p"},
                "backendName": "anf-smb",
                "state": "online",
                "config": {"azure_config": {"nasType": "smb"}},
            },
        ),
        (
            "/apis/storage.k8s.io/v1/storageclasses",
            {
                "metadata": {"name": "anf-sc-smb"},
                "provisioner": "csi.trident.netapp.io",
                "parameters": {
                    "backendType": "azure-netapp-files",
                    "trident.netapp.io/nasType": "smb",
                    "csi.storage.k8s.io/node-stage-secret-name": "smbcreds",
                    "csi.storage.k8s.io/node-stage-secret-namespace": "smb-dynamic",
                    "storagePools": "anf-smb:.*",
                },
                "allowVolumeExpansion": True,
            },
        ),
    ]
