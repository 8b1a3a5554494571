"""What the components share: options of children, look-ups, waits and errors."""
