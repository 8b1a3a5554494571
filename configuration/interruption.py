"""An interrupted program ends without a word: the engine has said already why it gave up, or the user pressed ^C."""

import sys
from types import TracebackType


def end_without_traceback() -> None:
    """Let Python print nothing when an interrupt ends the program, and everything else as before.

    Once a resource fails, the engine's language plugin interrupts the program, which still waits for other resources
    (pulumi-language-python, Cancel). Python would write its whole stack below the error, and bury it.
    """
    before = sys.excepthook

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            before(kind, error, trace)

    sys.excepthook = tell
