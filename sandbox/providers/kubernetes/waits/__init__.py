"""When an object is ready or gone, by kind, and how to wait for that."""
