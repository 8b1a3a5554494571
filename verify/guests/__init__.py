"""Mounts that are not the stack's: their links, and the fixes of what they find."""
