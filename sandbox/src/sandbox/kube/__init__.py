"""The Kubernetes API as the sandbox's controllers use it."""
