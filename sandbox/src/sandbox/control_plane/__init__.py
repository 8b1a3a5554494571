"""The sandbox's Kubernetes control plane."""

from sandbox.control_plane.control_plane import ControlPlane, ControlPlaneStatus
from sandbox.control_plane.errors import ControlPlaneError

__all__ = ["ControlPlane", "ControlPlaneError", "ControlPlaneStatus"]
