"""The sandbox's Kubernetes control plane."""

from sandbox.cluster.control_plane import ControlPlane, ControlPlaneStatus
from sandbox.cluster.errors import ControlPlaneError

__all__ = ["ControlPlane", "ControlPlaneError", "ControlPlaneStatus"]
