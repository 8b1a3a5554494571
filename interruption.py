"""An interrupted program ends without a word: the engine has said already why it gave up, or the user pressed ^C."""

import signal


def end_without_traceback() -> None:
    """Let an interrupt end the program at once, as it ends programs that are not Python's.

    Once a resource fails, the engine's language plugin interrupts the program, which still waits for other resources
    (pulumi-language-python, Cancel), and does it twice. Python would raise KeyboardInterrupt wherever it is, and write
    its stack below the error, and bury it.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
