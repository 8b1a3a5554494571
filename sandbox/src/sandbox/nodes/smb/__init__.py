"""SMB mounts as the nodes' CSI drivers make them."""
