"""Versions of Trident, which are dates, and the versions of Kubernetes that each supports.

An unsupported Kubernetes does not stop an installation: the operator warns and goes on (validateCurrentK8sVersion in
operator/controllers/orchestrator/controller.go in NetApp/trident).
"""

import re
from typing import Final

NEWEST: Final = "26.06.0"
"""The version that stands for an image whose tag is no version."""

_TAG: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_SUPPORTED: Final[dict[tuple[int, int], tuple[int, int]]] = {
    (23, 4): (21, 27),
    (23, 7): (22, 27),
    (23, 10): (23, 28),
    (24, 2): (23, 29),
    (24, 6): (24, 30),
    (24, 10): (25, 31),
    (25, 2): (26, 32),
    (25, 6): (27, 33),
    (25, 10): (27, 34),
    (26, 2): (27, 35),
    (26, 6): (27, 36),
}
"""First and last minor version of Kubernetes 1 (KubernetesVersionMin and Max of config/config.go at each tag)."""


def release(version: str) -> tuple[int, int]:
    """Return year and month of a version: (26, 6) of `26.06.0`, `v26.06.0` and the chart's `100.2606.0`."""
    parts = version.removeprefix("v").split(".")
    if parts[0] == "100":
        return int(parts[1][:2]), int(parts[1][2:])
    return int(parts[0]), int(parts[1])


def image_version(image: str) -> str | None:
    """Return `26.06.0` of an image's tag; None where the tag is no version."""
    found = _TAG.match(image.partition("@")[0].rpartition(":")[2])
    return found[0] if found else None


def kubernetes_warning(trident: tuple[int, int], kubernetes: str) -> str:
    """Return the operator's warning for a Kubernetes such as `v1.37.2`; empty where it is supported."""
    first, last = _SUPPORTED[max((entry for entry in _SUPPORTED if entry <= trident), default=(23, 4))]
    major, minor = minor_version(kubernetes)
    if major == 1 and first <= minor <= last:
        return ""
    return (
        f"Warning: Trident is running on an unsupported version of Kubernetes; {kubernetes}. NetApp will not take "
        "Support calls or open Support tickets when using Trident with an unsupported version of Kubernetes."
    )


def minor_version(kubernetes: str) -> tuple[int, int]:
    """Return (1, 37) of `v1.37.2`."""
    major, minor, *_ = kubernetes.removeprefix("v").split(".")
    return int(major), int(minor)
