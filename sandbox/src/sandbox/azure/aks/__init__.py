"""Microsoft.ContainerService: any named cluster is the sandbox's control plane."""
