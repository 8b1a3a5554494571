"""The check that each volumeHandle of csi-driver-smb stands for one share in the whole cluster."""

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.links.claims import bound_volume
from verify.links.csi_driver import SMB
from verify.links.nodes import name_of
from verify.links.share_path import SharePath, path_of
from verify.links.smb_mounts import Name
from verify.trouble import BrokenError, Trouble, WarningError

HANDLE_REUSED: Final = Trouble(
    "volume-handle-reused",
    "a Pod sees the files of another share, without an error",
    "two PersistentVolumes with different sources have one volumeHandle: to a kubelet they are one volume, and a node "
    "that has mounted one of them shows its files for the other as well",
    "give {pv} a volumeHandle of its own. It is immutable: set the reclaim policy Retain, delete its Pods, its claim "
    "and {pv} (the data remains), and create them again with another volumeHandle",
)
HANDLE_SHARED: Final = Trouble(
    "volume-handle-shared",
    "a Pod with two claims stays ContainerCreating, without an event",
    "two PersistentVolumes of one share have one volumeHandle: to a kubelet they are one volume, so the Secret and the "
    "mount options of the first one count on each node, and no Pod can mount both",
    "give {pv} a volumeHandle of its own, as for volume-handle-reused; until then mount only one of them in a Pod",
)
TROUBLES: Final = (HANDLE_REUSED, HANDLE_SHARED)


def volume_handles(cluster: Cluster, ours: Collection[Name]) -> str:
    """Check that no two PersistentVolumes have one volumeHandle; `ours` are the stack's claims.

    Two shares with one handle are a failure where the stack has one of them, otherwise a warning.
    """
    volumes = [volume for volume in cluster.select("/api/v1/persistentvolumes") if _csi(volume)]
    by_handle: defaultdict[str, list[Json]] = defaultdict(list)
    for volume in volumes:
        by_handle[_csi(volume)["volumeHandle"]].append(volume)
    twice = [each for each in by_handle.values() if len(each) > 1]
    # What concerns the stack comes first, and of that two shares before one.
    twice.sort(key=lambda each: (not _has_one_of(each, ours), len(_sources(each)) < 2))
    if not twice:
        return f"{len(volumes)} {'PersistentVolume' if len(volumes) == 1 else 'PersistentVolumes'}, each its own"
    raise _trouble(twice[0], ours, is_broken=_has_one_of(twice[0], ours), others=len(twice) - 1)


def handle_of(cluster: Cluster, namespace: str, claim: str, ours: Collection[Name]) -> str:
    """Check that no other PersistentVolume has the volumeHandle of a claim's."""
    own = bound_volume(cluster, namespace, claim)
    handle = _csi(own).get("volumeHandle", "")
    same = [each for each in cluster.select("/api/v1/persistentvolumes") if _csi(each).get("volumeHandle") == handle]
    if len(same) > 1:
        raise _trouble(same, ours, is_broken=True)
    return f"{handle}, of {name_of(own)} alone"


def _trouble(volumes: list[Json], ours: Collection[Name], *, is_broken: bool, others: int = 0) -> BrokenError:
    handle = str(_csi(volumes[0])["volumeHandle"])
    # Another project's PersistentVolume changes, where there is one.
    pv = name_of(min(volumes, key=lambda each: (_has_one_of([each], ours), name_of(each))))
    named = ", ".join(f"{name_of(each)} ({path_of(_csi(each))})" for each in sorted(volumes, key=name_of))
    seen = f"{handle} is the volumeHandle of {named}" + (f"; {others} more handles are used twice" if others else "")
    if len(_sources(volumes)) < 2:
        return WarningError(HANDLE_SHARED, seen, pv=pv)
    return (BrokenError if is_broken else WarningError)(HANDLE_REUSED, seen, pv=pv)


def _csi(volume: Json) -> Json:
    """Return the source of a PersistentVolume of csi-driver-smb, empty for another one."""
    csi: Json = volume["spec"].get("csi") or {}
    return csi if csi.get("driver") == SMB.name else {}


def _sources(volumes: list[Json]) -> set[SharePath | str]:
    paths = [path_of(_csi(volume)) for volume in volumes]
    return {path.folded if (path := SharePath.parse(text)) else text for text in paths}


def _has_one_of(volumes: list[Json], claims: Collection[Name]) -> bool:
    references = [volume["spec"].get("claimRef") or {} for volume in volumes]
    return any((each.get("namespace"), each.get("name")) in claims for each in references)
