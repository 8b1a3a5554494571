"""The sandbox's nodes: AKS's node objects, a kubelet's lifecycle and volume mounts, and what `kubectl exec` answers."""

from pathlib import Path


def apply_lifecycle(kubeconfig: Path) -> None:
    """Apply the nodes and kwok's Stage objects to a cluster; safe to repeat."""
    from sandbox.nodes import lifecycle  # noqa: PLC0415  the shell in this package starts without the Kubernetes client

    lifecycle.apply(kubeconfig)
