"""What ends a run: nothing can be said of a stack whose outputs, cluster or Azure cannot be reached."""


class VerifyError(Exception):
    """One clear line for the user; exit code 2."""


class UnreachableError(VerifyError):
    """An API server or Azure does not answer, or does not let this user in at all."""
