"""An interrupted program ends without a word: the engine has said already why it gave up, or the user pressed ^C."""

import os
import signal
import sys
from types import TracebackType


def end_without_traceback() -> None:
    """Let an interrupt end the program at once, and let Python print nothing of it; all else is printed as before.

    Once a resource fails, the engine's language plugin interrupts the program, which still waits for other resources
    (pulumi-language-python, Cancel), and does it twice. Python would write its stack below the error, and bury it.
    """
    shown, ignored = sys.excepthook, sys.unraisablehook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _end_if_interrupted(kind)
        shown(kind, error, trace)

    def ignore(what: "sys.UnraisableHookArgs") -> None:
        _end_if_interrupted(what.exc_type)
        ignored(what)

    sys.excepthook = show
    sys.unraisablehook = ignore  # what comes while Python waits for threads at its end


def _end_if_interrupted(kind: type[BaseException]) -> None:
    if issubclass(kind, KeyboardInterrupt):
        # As the signal ends a program that does not handle it, so that whoever waits for it sees why it ended.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
