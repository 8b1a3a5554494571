"""Trident's operator."""
