"""Trident, played: its operator, the backends that it binds, and the volumes that it makes in the emulated Azure."""
