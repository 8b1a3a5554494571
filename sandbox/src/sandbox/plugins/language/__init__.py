"""A language host for Python programs, used where `pulumi` came without its own (a build from its Go module)."""
