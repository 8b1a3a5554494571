"""Trident's provisioner: claims become volumes."""
