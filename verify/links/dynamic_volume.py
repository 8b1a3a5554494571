"""Checks of the volume that Trident created for a claim."""

from typing import Final

from verify.clients.azure import Azure
from verify.clients.cluster import Cluster, Json
from verify.links.anf import serving, size
from verify.links.claims import OTHER_DRIVER, bound_volume, replacing
from verify.links.csi_driver import TRIDENT
from verify.trouble import BrokenError, Trouble

OTHER_POOL: Final = Trouble(
    "volume-in-other-pool",
    "a claim's volume is not in the stack's pool",
    "Trident's backend named another pool, or none, when it created the volume",
    "`kubectl get tbc -n {trident_namespace} -o yaml`: check capacityPools. The volume stays where it is: a move "
    "changes its id, by which Trident knows it. To have the files in the stack's pool, copy them to a new claim",
)
CLAIM_VOLUME_MISSING: Final = Trouble(
    "claim-volume-missing",
    "`could not find volume`, `The network name cannot be found`; the id of a claim's volume gives 404",
    "the volume and its data were deleted in Azure, and neither Pulumi nor Trident creates it again; or it was moved "
    "to another pool",
    "a moved one: `az netappfiles volume pool-change --ids NEW_ID --new-pool-resource-id {pool}`. A deleted one: only "
    "a backup restores the data: docs/operate.md, Restore a volume. For an empty volume: `kubectl patch pv {pv} "
    '-p \'{{"spec":{{"persistentVolumeReclaimPolicy":"Delete"}}}}\'`, '
    "`kubectl delete pvc {claim} -n {namespace} --wait=false`, `kubectl delete pod {pods} -n {namespace}`, "
    "`kubectl wait --for=delete pvc/{claim} -n {namespace} --timeout=60s`, "
    "`pulumi up --refresh --stack {stack}`",
)
TROUBLES: Final = (OTHER_POOL, CLAIM_VOLUME_MISSING)


def volume_id(cluster: Cluster, namespace: str, claim: str) -> str:
    """Return the Azure resource id of a dynamic claim's volume."""
    volume = bound_volume(cluster, namespace, claim)
    csi: Json = volume["spec"].get("csi") or {}
    name = str(volume["metadata"]["name"])
    if csi.get("driver") != TRIDENT.name:
        values = replacing(cluster, namespace, claim, name)
        raise BrokenError(OTHER_DRIVER, f"{name} has driver {csi.get('driver')}", **values)
    return str(csi["volumeAttributes"]["internalID"])


def dynamic_volume(cluster: Cluster, azure: Azure, namespace: str, claim: str, pool_id: str) -> str:
    """Check that the volume is a Succeeded SMB volume in the stack's pool."""
    identity = volume_id(cluster, namespace, claim)
    name = str(bound_volume(cluster, namespace, claim)["metadata"]["name"])
    values = replacing(cluster, namespace, claim, name) | {"pool": identity.partition("/volumes/")[0]}
    found = serving(azure, identity, CLAIM_VOLUME_MISSING, **values)
    if not identity.lower().startswith(f"{pool_id}/volumes/".lower()):
        raise BrokenError(OTHER_POOL, f"{identity.rpartition('/')[2]} is in {identity.split('/')[10]}", id=identity)
    return rf"Succeeded, \\{found.fqdn}\{found.creation_token}, {size(found.size)}"
