"""All of Trident in one process: from the chart to a claim that is bound to a volume of Azure NetApp Files."""

import uuid

from azure.core.exceptions import ResourceNotFoundError

from tests.nodes.world import eventually
from tests.trident.world import TridentSandbox

SIZE = 100 * 1024**3


def test_a_claim_of_the_documented_class_gets_a_volume(cluster: TridentSandbox) -> None:
    group, pool = "rg-anf", f"pool-{uuid.uuid4().hex[:6]}"
    cluster.resources()
    cluster.pool(group, pool)
    cluster.installed()
    cluster.secret()
    # A pool below 4 TiB takes volumes with these features alone.
    cluster.configure(capacityPools=[f"{group}/account-{group}/{pool}"], networkFeatures="Standard")
    cluster.await_config("Bound", "Success")
    name = f"anf-sc-{pool}"
    parameters = {
        "backendType": "azure-netapp-files",
        "trident.netapp.io/nasType": "smb",
        "csi.storage.k8s.io/node-stage-secret-name": "smbcreds",
        "csi.storage.k8s.io/node-stage-secret-namespace": "default",
    }
    kind = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}}
    provisioner = {"provisioner": "csi.trident.netapp.io", "parameters": parameters, "reclaimPolicy": "Delete"}
    cluster.api.create("/apis/storage.k8s.io/v1/storageclasses", {**kind, **provisioner})
    claims = "/api/v1/namespaces/default/persistentvolumeclaims"
    spec = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "100Gi"}}, "storageClassName": name}
    claim = cluster.api.create(claims, {"metadata": {"name": name}, "spec": spec})

    eventually(lambda: cluster.api.get(f"{claims}/{name}")["status"].get("phase") == "Bound", "the claim is bound", 40)
    volume = f"pvc-{claim['metadata']['uid']}"
    azure = cluster.azure.netapp.volumes
    made = azure.get(group, f"account-{group}", pool, volume)
    assert (made.usage_threshold, made.protocol_types) == (SIZE, ["CIFS"])

    cluster.api.delete(f"{claims}/{name}")
    cluster.await_gone(f"{claims}/{name}")
    cluster.await_gone(f"/api/v1/persistentvolumes/{volume}")

    def deleted() -> bool:
        try:
            azure.get(group, f"account-{group}", pool, volume)
        except ResourceNotFoundError:
            return True
        return False

    eventually(deleted, "the volume is gone from Azure")
    cluster.api.delete(cluster.config_path())
    cluster.await_gone(cluster.config_path())
    cluster.api.delete(f"/apis/storage.k8s.io/v1/storageclasses/{name}")
