"""The mounts of a Pod, a workload or a claim that a user names."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from verify.clients.cluster import Json
from verify.errors import VerifyError
from verify.links import claims, csi_driver
from verify.links.csi_driver import SMB, TRIDENT
from verify.stack.parts import Mount
from verify.world import World

_WORKLOADS: Final = {
    **dict.fromkeys(("deployment", "deployments", "deploy"), "deployments"),
    **dict.fromkeys(("statefulset", "statefulsets", "sts"), "statefulsets"),
    **dict.fromkeys(("daemonset", "daemonsets", "ds"), "daemonsets"),
}


@dataclass(frozen=True)
class InlineMount(Mount):
    """An inline volume of csi-driver-smb in a Pod. It has no claim and no PersistentVolume."""

    volume: str
    """Its name in the Pod."""

    @property
    def title(self) -> str:
        """Return a heading."""
        return f"Pod {self.pod}, inline volume {self.volume} in namespace {self.namespace}"


def mounts_of(world: World, name: str, namespace: str | None) -> list[Mount]:
    """Return the mounts of SMB shares of the Pod, workload or claim with that name.

    Raises:
        VerifyError: no namespace or several namespaces have one, or it mounts no SMB share.

    """
    kind, _, name = name.rpartition("/")
    found = [
        *(_of_pods(world, name) if kind in {"", "pod", "pods", "po"} else []),
        *(_of_claims(world, name) if kind in {"", "pvc", "claim", "persistentvolumeclaim"} else []),
        *(_of_workloads(world, _WORKLOADS[kind], name) if kind in _WORKLOADS else []),
    ]
    found = [mount for mount in dict.fromkeys(found) if namespace in {None, mount.namespace}]
    where = f" in namespace {namespace}" if namespace else ""
    if not found:
        known = ", ".join(f"{each.namespace}/{each.pod or each.claim}" for each in world.outputs.mounts)
        raise VerifyError(f"No Pod or claim '{name}'{where} mounts a share. The stack has: {known or 'none'}")
    namespaces = sorted({mount.namespace for mount in found})
    if len(namespaces) > 1:
        raise VerifyError(f"'{name}' is in {' and in '.join(namespaces)}: choose one with --namespace")
    others = {mount: driver_of(world, mount) for mount in found}
    if shares := [mount for mount in found if others[mount] in {"", SMB.name, TRIDENT.name}]:
        return shares
    drivers = ", ".join(f"claim {mount.claim} is of {driver}" for mount, driver in others.items())
    raise VerifyError(f"'{name}' mounts no SMB share of {SMB.title} or Trident: {drivers}")


def driver_of(world: World, mount: Mount) -> str:
    """Return the driver that mounts a claim's volume, or will; empty if that is unknown."""
    if isinstance(mount, InlineMount):
        return SMB.name
    if mount.where in {each.where for each in world.outputs.volumes}:
        return SMB.name
    if mount.where in {each.where for each in world.outputs.claims}:
        return TRIDENT.name
    claim = claims.find_claim(world.cluster, *mount.where)
    if claim is None:
        return ""
    if volume := claims.persistent_volume(world.cluster, claim):
        csi: Json = volume["spec"].get("csi") or {}
        # Trident's volumes of NFS and iSCSI need no Secret at a mount.
        no_smb = csi.get("driver") == TRIDENT.name and not csi.get("nodeStageSecretRef")
        return f"{TRIDENT.name}, not by SMB" if no_smb else str(csi.get("driver") or "no CSI driver")
    name = str(claim["spec"].get("storageClassName") or "")
    found = world.cluster.find(f"/apis/storage.k8s.io/v1/storageclasses/{name}") if name else None
    if name in {each.storage_class for each in world.outputs.backends}:
        return TRIDENT.name
    provisioner = str(found["provisioner"]) if found else ""
    return provisioner if provisioner != "kubernetes.io/no-provisioner" else ""


def _of_pods(world: World, name: str) -> list[Mount]:
    found = _in_pods(world.cluster.select("/api/v1/pods", fieldSelector=f"metadata.name={name}"))
    expected = [Mount(*each.where, name) for each in world.outputs.mounts if each.pod == name]
    return [*found, *(mount for mount in expected if mount.namespace not in {other.namespace for other in found})]


def _in_pods(pods: Iterable[Json]) -> list[Mount]:
    found: list[Mount] = []
    for pod in pods:
        namespace, name = str(pod["metadata"]["namespace"]), str(pod["metadata"]["name"])
        found += [Mount(namespace, claim, name) for claim in claims.claims_of(pod)]
        inline = [
            each for each in pod["spec"].get("volumes") or [] if (each.get("csi") or {}).get("driver") == SMB.name
        ]
        found += [InlineMount(namespace, "", name, str(each["name"])) for each in inline]
    return found


def _of_workloads(world: World, plural: str, name: str) -> list[Mount]:
    """Return the mounts of one Pod of a workload, preferably one that is not ready."""
    found: list[Mount] = []
    for item in world.cluster.select(f"/apis/apps/v1/{plural}", fieldSelector=f"metadata.name={name}"):
        labels: dict[str, str] = item["spec"]["selector"].get("matchLabels") or {}
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        path = f"/api/v1/namespaces/{item['metadata']['namespace']}/pods"
        pods = sorted(world.cluster.select(path, labelSelector=selector), key=csi_driver.ready)
        found += _in_pods(pods[:1])
    return found


def _of_claims(world: World, name: str) -> list[Mount]:
    listed = world.cluster.select("/api/v1/persistentvolumeclaims", fieldSelector=f"metadata.name={name}")
    places = {str(claim["metadata"]["namespace"]) for claim in listed}
    places |= {each.namespace for each in world.outputs.mounts if each.claim == name}
    return [Mount(place, name, _pod_on(world, place, name)) for place in sorted(places)]


def _pod_on(world: World, namespace: str, claim: str) -> str | None:
    """Return a Pod that mounts the claim, preferably one that is not ready; otherwise the stack's own Pod."""
    mounting = sorted(claims.pods_of(world.cluster, namespace, claim), key=csi_driver.ready)
    if mounting:
        return str(mounting[0]["metadata"]["name"])
    return next((each.pod for each in world.outputs.mounts if each.where == (namespace, claim)), None)
