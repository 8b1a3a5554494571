"""The sandbox's nodes: AKS's node objects, a kubelet's lifecycle and volume mounts, and what `kubectl exec` answers."""
