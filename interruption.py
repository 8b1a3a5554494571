"""Handling of an interrupt: the engine has already reported why it stopped, or the user pressed ^C."""

import signal


def end_without_traceback() -> None:
    """Restore the default handling of SIGINT, which ends the program at once.

    When a resource fails, the engine's language plugin interrupts the program twice while the program still waits for
    other resources (pulumi-language-python, Cancel). Python would raise KeyboardInterrupt and print a traceback below
    the error, which would hide the error.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
