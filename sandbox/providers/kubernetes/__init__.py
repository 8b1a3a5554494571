"""A stand-in for pulumi-resource-kubernetes, for machines where the genuine plugin cannot be had."""
