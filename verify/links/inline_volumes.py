"""Inline volumes of csi-driver-smb: a share in the Pod's own manifest, without claim and PersistentVolume."""

from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.links.credentials import SECRET_MISSING
from verify.links.csi_driver import SMB, csi_driver
from verify.links.share_path import attribute
from verify.trouble import BrokenError, Trouble

INLINE_REFUSED: Final = Trouble(
    "inline-volume-refused",
    '`volume mode "Ephemeral" not supported by driver smb.csi.k8s.io`',
    "the CSIDriver object allows no inline volumes: the chart's value feature.enableInlineVolume is false",
    "mount the share by a PersistentVolume and a claim, or set the value to true (volumeLifecycleModes "
    "is immutable: first `kubectl delete csidriver {driver}`)",
)
TROUBLES: Final = (INLINE_REFUSED,)


def allowed(cluster: Cluster) -> str:
    """Check that the CSIDriver object exists and allows inline volumes."""
    seen = csi_driver(cluster, SMB)
    found = cluster.find(f"/apis/storage.k8s.io/v1/csidrivers/{SMB.name}") or {"spec": {}}
    modes: list[str] = found["spec"].get("volumeLifecycleModes") or ["Persistent"]
    if "Ephemeral" not in modes:
        raise BrokenError(INLINE_REFUSED, f"volumeLifecycleModes is {', '.join(modes)}", driver=SMB.name)
    return f"{seen}, inline volumes allowed"


def source_of(pod: Json, volume: str) -> Json:
    """Return the CSI source of a Pod's inline volume, empty without one."""
    found: list[Json] = pod["spec"].get("volumes") or []
    return next((each["csi"] for each in found if each["name"] == volume and "csi" in each), {})


def secret_of(csi: Json, volume: str) -> str:
    """Return the name of the Secret of an inline volume.

    The driver reads the one that the attribute secretName names, in the Pod's namespace (pkg/smb/nodeserver.go).
    """
    if name := attribute(csi, "secretName"):
        return name
    ignored = ", and nodePublishSecretRef is ignored" if csi.get("nodePublishSecretRef") else ""
    raise BrokenError(SECRET_MISSING, f"inline volume {volume} has no volumeAttributes.secretName{ignored}")
