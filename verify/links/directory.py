r"""The documentation's last check: the free bytes that `dir` shows in the Pod match the volume's size."""

import re
from collections.abc import Callable
from typing import Final

from verify.clients.azure import Azure
from verify.clients.cluster import Cluster
from verify.links.anf import ALMOST_FULL, serving, size
from verify.links.mount_point import mount_point
from verify.links.pods import POD_WITHOUT_CLAIM, existing_pod
from verify.trouble import BrokenError, Trouble, WarningError

_FREE: Final = re.compile(r"Dir\(s\)\s+([\d.,\s]*\d)\s+bytes free")
_OWN_DISK_CHANGES: Final = 2**28  # bytes by which the container's own disk may change between two calls

NOT_MOUNTED: Final = Trouble(
    "directory-not-mounted",
    "`dir` in the Pod shows the free bytes of the container's own C:",
    "the folder is on the container's own disk: the mount is lost",
    "recreate the Pod: `kubectl delete pod {pod} -n {namespace}`, `pulumi up --refresh --stack {stack}`",
)
MISFIT: Final = Trouble(
    "bytes-free-misfit",
    "`dir` in the Pod shows more free bytes than the volume's size",
    "another share is mounted: two PersistentVolumes have the same volumeHandle, or the mount is older than a change",
    "restart all Pods on the share so that the node maps it again; volumeHandle must be unique",
)
ALMOST_FULL_VOLUME: Final = Trouble(
    "volume-almost-full",
    "`There is not enough space on the disk`; `dir` in the Pod shows few free bytes",
    f"files and snapshots use {ALMOST_FULL} % of the volume or more; nobody can write to a full one",
    "enlarge sizeGiB of the volume or claim in the stack file, then `pulumi up --stack {stack}`; or delete files, and "
    "the snapshots that keep them: docs/operate.md, A share is almost full",
)
TROUBLES: Final = (NOT_MOUNTED, MISFIT, ALMOST_FULL_VOLUME)


def directory(
    cluster: Cluster, azure: Azure, namespace: str, pod: str, claim: str, volume_id: Callable[[], str]
) -> str:
    """Check that the free bytes of the mounted folder match the volume's size; warn of an almost full volume.

    The listing shows what the Pods have left at this moment. Azure's metric is minutes older, and needs a right more.
    """
    values = {"pod": pod, "namespace": namespace}
    point = mount_point(existing_pod(cluster, namespace, pod), claim)
    if point is None:
        raise BrokenError(POD_WITHOUT_CLAIM, f"{pod} does not mount {claim}", claim=claim)
    listing = point.run(cluster, rf"dir C:\ & dir {point.folder}")
    found = [int(re.sub(r"\D", "", number)) for number in _FREE.findall(listing)]
    if len(found) < 2:
        raise BrokenError(NOT_MOUNTED, f"dir {point.folder} shows no free bytes", **values)
    own, free = found[0], found[-1]
    quota = serving(azure, volume_id()).size
    seen = f"{free:,} bytes free of {size(quota)}"
    if free > quota:
        raise BrokenError(MISFIT, seen, **values)
    if abs(free - own) < _OWN_DISK_CHANGES and abs(free - quota) > _OWN_DISK_CHANGES:
        raise BrokenError(NOT_MOUNTED, f"{seen}, the same as on the container's own C:", **values)
    used = 100 * (quota - free) // quota
    if used >= ALMOST_FULL:
        raise WarningError(ALMOST_FULL_VOLUME, f"{point.folder}: {seen}, {used} % used")
    return f"{point.folder}: {seen}"
