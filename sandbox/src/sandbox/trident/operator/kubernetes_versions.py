"""Which Kubernetes versions a version of Trident supports, and what its operator says of others.

An unsupported version does not stop an installation: since TridentOrchestrator exists the operator warns
(validateCurrentK8sVersion in operator/controllers/orchestrator/controller.go), and goes on.
"""

from typing import Final

# The first and last minor version of Kubernetes 1: KubernetesVersionMin and Max of config/config.go at each tag.
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


def warning(release: tuple[int, int], kubernetes: str) -> str:
    """The operator's warning for a version such as `v1.37.2`; empty where it is supported."""
    known = [entry for entry in _SUPPORTED if entry <= release]
    first, last = _SUPPORTED[max(known)] if known else (21, 27)
    major, minor = minor_version(kubernetes)
    if major == 1 and first <= minor <= last:
        return ""
    return (
        f"Warning: Trident is running on an unsupported version of Kubernetes; {kubernetes}. NetApp will not take "
        "Support calls or open Support tickets when using Trident with an unsupported version of Kubernetes."
    )


def minor_version(version: str) -> tuple[int, int]:
    """(1, 37) of `v1.37.2`."""
    major, minor, *_ = version.removeprefix("v").split(".")
    return int(major), int(minor)
