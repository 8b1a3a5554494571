"""Errors that end a run: the outputs, the cluster or Azure cannot be reached."""


class VerifyError(Exception):
    """An error with a message of one line; exit code 2."""


class UnreachableError(VerifyError):
    """An API server or Azure does not answer, or rejects this user's credentials."""
