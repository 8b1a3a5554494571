"""Shared parts of the components: options of children, look-ups, waits and errors."""
