"""The kubelet of each node: volumes, mounts, events and commands in containers."""
