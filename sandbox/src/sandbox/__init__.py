"""A cloud on one machine: everything that `pulumi up` of this project talks to, without an account."""
