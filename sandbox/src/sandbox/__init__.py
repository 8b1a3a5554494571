"""A cloud on one machine: everything that `pulumi up` of a program on ANF and AKS talks to, without an account."""
