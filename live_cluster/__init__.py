"""The program's own reading of the cluster: what exists before it is created, and what tells why it is not ready."""
