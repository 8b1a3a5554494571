"""A stack as pulumi knows it: its outputs and parts."""
