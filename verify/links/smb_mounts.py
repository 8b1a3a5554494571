"""The SMB shares that the Pods of a cluster mount: by csi-driver-smb, inline volumes included, and by Trident."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from verify.clients.cluster import Cluster, Json
from verify.links.csi_driver import SMB, TRIDENT
from verify.links.nodes import system_of
from verify.links.share_path import SharePath, attribute, path_of

_UNFINISHED = "status.phase!=Succeeded,status.phase!=Failed"
Name = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True)
class SmbVolume:
    """A volume of a Pod on an SMB share."""

    driver: str
    path: SharePath | None
    """None for a volume of Trident that is attached to no node, and for a source that is no path."""
    secret: Name
    claim: Name | None
    """None for an inline volume."""


@dataclass(frozen=True)
class SmbMount:
    """A volume of a Pod that has a node."""

    pod: Name
    volume: SmbVolume
    node: str
    system: str
    """The node's operating system."""
    since: str
    """The time of the mount, empty before it."""


def smb_mounts(cluster: Cluster) -> list[SmbMount]:
    """Return the SMB volumes of all Pods that have a node, mounted or waiting."""
    volumes = claimed_volumes(cluster)
    return [
        SmbMount(name_of(pod), volume, node, system_of(cluster, node), mounted_at(pod))
        for pod in cluster.select("/api/v1/pods", fieldSelector=_UNFINISHED)
        if (node := str(pod["spec"].get("nodeName") or ""))
        for volume in _volumes_of(pod, volumes)
    ]


def claimed_volumes(cluster: Cluster) -> dict[Name, SmbVolume]:
    """Return the SMB volumes of PersistentVolumes, by their claims."""
    servers = _attached_paths(cluster)
    found: dict[Name, SmbVolume] = {}
    for volume in cluster.select("/api/v1/persistentvolumes"):
        csi: Json = volume["spec"].get("csi") or {}
        secret: Json = csi.get("nodeStageSecretRef") or {}
        reference: Json = volume["spec"].get("claimRef") or {}
        if csi.get("driver") not in {SMB.name, TRIDENT.name} or not secret or not reference:
            continue
        ours = csi["driver"] == SMB.name
        path = SharePath.parse(path_of(csi)) if ours else servers.get(str(volume["metadata"]["name"]))
        claim = (str(reference.get("namespace", "")), str(reference.get("name", "")))
        where = (str(secret.get("namespace", "")), str(secret.get("name", "")))
        found[claim] = SmbVolume(str(csi["driver"]), path, where, claim)
    return found


def inline_volume(namespace: str, volume: Json) -> SmbVolume | None:
    """Return the SMB volume of a Pod's inline volume, whose Secret is always in the Pod's namespace; None for another.

    csi-driver-smb reads the Secret that the attribute secretName names, and ignores nodePublishSecretRef.
    """
    csi: Json = volume.get("csi") or {}
    if csi.get("driver") != SMB.name:
        return None
    return SmbVolume(SMB.name, SharePath.parse(path_of(csi)), (namespace, attribute(csi, "secretName")), None)


def mounted_at(pod: Json) -> str:
    """Return the time at which the kubelet had mounted a Pod's volumes; empty before that.

    Containers start after the mounts. A restarted container keeps them.
    """
    status: Json = pod.get("status") or {}
    for condition in status.get("conditions") or []:
        if condition["type"] == "PodReadyToStartContainers":
            return str(condition.get("lastTransitionTime") or "") if condition["status"] == "True" else ""
    containers: Iterable[Json] = status.get("containerStatuses") or []
    first = [
        str(running["startedAt"])
        for each in containers
        if not each.get("restartCount") and (running := (each.get("state") or {}).get("running"))
    ]
    return min(first) if first else ""


def name_of(item: Json) -> Name:
    """Return namespace and name of an object."""
    return str(item["metadata"].get("namespace", "")), str(item["metadata"]["name"])


def _volumes_of(pod: Json, claimed: Mapping[Name, SmbVolume]) -> list[SmbVolume]:
    namespace = name_of(pod)[0]
    found: list[SmbVolume] = []
    for volume in pod["spec"].get("volumes") or []:
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        one = claimed.get((namespace, str(claim))) if claim else inline_volume(namespace, volume)
        if one:
            found.append(one)
    return found


def _attached_paths(cluster: Cluster) -> dict[str, SharePath]:
    """Return the paths of Trident's volumes that are attached to a node, by PersistentVolume."""
    found: dict[str, SharePath] = {}
    for attachment in cluster.select("/apis/storage.k8s.io/v1/volumeattachments"):
        metadata: dict[str, str] = (attachment.get("status") or {}).get("attachmentMetadata") or {}
        path = SharePath.parse(f"\\\\{metadata.get('smbServer', '')}{metadata.get('smbPath', '')}")
        if path:
            found[str(attachment["spec"]["source"].get("persistentVolumeName"))] = path
    return found
