"""Trident's backends and their configuration objects."""
