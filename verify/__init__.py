"""The checks of both documented ways as one command, from stack outputs alone: `python -m verify --stack dev`.

Uses Azure's own clients and Kubernetes' own client, and knows nothing of the sandbox or of the stack's configuration.
"""
