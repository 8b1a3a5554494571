"""All of Trident in one process: from the chart to a claim that is bound to a volume of Azure NetApp Files."""

import uuid

from azure.core.exceptions import ResourceNotFoundError

from tests.nodes.world import eventually
from tests.trident.volumes_world import Claims
from tests.trident.world import ACCOUNT, GROUP, TridentSandbox, prepare_azure

SIZE = 100 * 1024**3


def test_a_claim_of_the_documented_class_gets_a_volume(cluster: TridentSandbox) -> None:
    pool = f"pool-{uuid.uuid4().hex[:6]}"
    prepare_azure(cluster.azure)
    cluster.pool(pool)
    cluster.installed()
    cluster.secret()
    # A pool below 4 TiB takes volumes with these features alone.
    cluster.configure(capacityPools=[f"{GROUP}/{ACCOUNT}/{pool}"], networkFeatures="Standard")
    cluster.await_config("Bound", "Success")
    claims = Claims(cluster.api)
    claim = claims.claim(claims.storage_class(reclaimPolicy="Delete"), "100Gi")
    claim.bound()
    azure = cluster.azure.netapp.volumes
    made = azure.get(GROUP, ACCOUNT, pool, claim.volume_name)
    assert (made.usage_threshold, made.protocol_types) == (SIZE, ["CIFS"])

    claim.delete()
    cluster.await_gone(claim.pv_path)

    def deleted() -> bool:
        try:
            azure.get(GROUP, ACCOUNT, pool, claim.volume_name)
        except ResourceNotFoundError:
            return True
        return False

    eventually(deleted, "the volume is gone from Azure")
    cluster.api.delete(cluster.config_path())
    cluster.await_gone(cluster.config_path())
