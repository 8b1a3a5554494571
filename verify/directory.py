r"""The documentation's last check: `dir` in the Pod shows as many bytes free as the volume is large."""

import re
from collections.abc import Callable
from typing import Final

from verify.anf import serving, size
from verify.azure import Azure
from verify.cluster import Cluster
from verify.mount_point import mount_point
from verify.pods import POD_WITHOUT_CLAIM, must_find
from verify.trouble import BrokenError, Trouble

_FREE: Final = re.compile(r"Dir\(s\)\s+([\d.,\s]*\d)\s+bytes free")
_OWN_DISK_CHANGES: Final = 2**28  # bytes that the container's own disk may gain or lose between two looks

NOT_MOUNTED: Final = Trouble(
    "directory-not-mounted",
    "`dir` in the Pod shows as many bytes free as on the container's own C:",
    "the folder is the container's own: the mount was lost",
    "make the Pod anew: kubectl delete pod {pod} -n {namespace}, then pulumi up --refresh",
)
MISFIT: Final = Trouble(
    "bytes-free-misfit",
    "`dir` in the Pod shows more bytes free than the volume is large",
    "another share is mounted: a volumeHandle that two PersistentVolumes have, or a mount from before a change",
    "restart all Pods on the share, so that the node maps it anew; volumeHandle must be unique",
)
TROUBLES: Final = (NOT_MOUNTED, MISFIT)


def directory(
    cluster: Cluster, azure: Azure, namespace: str, pod: str, claim: str, volume_id: Callable[[], str]
) -> str:
    """A listing of the mounted folder, whose bytes free fit the volume's size."""
    values = {"pod": pod, "namespace": namespace}
    point = mount_point(must_find(cluster, namespace, pod), claim)
    if point is None:
        raise BrokenError(POD_WITHOUT_CLAIM, f"{pod} does not mount {claim}", claim=claim)
    listing = point.run(cluster, rf"dir C:\ & dir {point.folder}")
    found = [int(re.sub(r"\D", "", number)) for number in _FREE.findall(listing)]
    if len(found) < 2:
        raise BrokenError(NOT_MOUNTED, f"dir {point.folder} says nothing of bytes free", **values)
    own, free = found[0], found[-1]
    quota = serving(azure, volume_id()).size
    seen = f"{free:,} bytes free of {size(quota)}"
    if free > quota:
        raise BrokenError(MISFIT, seen, **values)
    if abs(free - own) < _OWN_DISK_CHANGES and abs(free - quota) > _OWN_DISK_CHANGES:
        raise BrokenError(NOT_MOUNTED, f"{seen}, as on the container's own C:", **values)
    return f"{point.folder}: {seen}"
