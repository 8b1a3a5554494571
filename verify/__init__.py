"""The checks of both documented ways in one command: `python -m verify --stack dev`.

The input is the outputs of a stack. The checks use Azure's and Kubernetes' own clients. They do not depend on the
sandbox or on the stack's configuration.
"""
