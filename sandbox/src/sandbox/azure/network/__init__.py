"""Microsoft.Network: virtual networks and subnets."""
