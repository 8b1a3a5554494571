"""The output of an interrupted program, and of one that is not interrupted."""

import signal
import subprocess
import sys

import grpc
import pulumi
import pytest
from pulumi.runtime import settings

import interruption
from tests.project import PROJECT

NOW = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
WHILE_A_THREAD_IS_AWAITED_AT_THE_END = """
import os, signal, threading

def interrupt():
    threading.main_thread().join()
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait()

threading.Thread(target=interrupt).start()
"""


FAILED_WHILE_A_THREAD_WAITS_FOR_EVER = """
import asyncio, interruption, threading
interruption._GRACE_SECONDS = interruption._LOOK_SECONDS = 0.1

async def program():
    interruption.end_with_its_event_loop()
    threading.Thread(target=threading.Event().wait).start()

asyncio.run(program())
"""
ENDED_WELL = """
import asyncio, interruption

async def program():
    interruption.end_with_its_event_loop()

asyncio.run(program())
"""


def printed(ending: str) -> tuple[int, str]:
    """Return the exit code and standard error of a program with this ending."""
    program = f"from interruption import end_without_traceback\nend_without_traceback()\n{ending}\n"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60
    )
    return run.returncode, run.stderr


@pytest.mark.parametrize("interrupted", [NOW, WHILE_A_THREAD_IS_AWAITED_AT_THE_END], ids=["running", "at its end"])
def test_an_interrupt_ends_a_program_at_once_and_without_a_traceback(interrupted: str) -> None:
    assert printed(interrupted) == (-signal.SIGINT, "")


def test_a_defect_is_shown_as_ever() -> None:
    code, error = printed("raise KeyError('oops')")
    assert code == 1
    assert "Traceback" in error
    assert "KeyError: 'oops'" in error


def test_a_program_ends_though_a_thread_waits_for_an_answer_of_the_engine() -> None:
    assert printed(FAILED_WHILE_A_THREAD_WAITS_FOR_EVER) == (1, "")


def test_a_program_that_ends_by_itself_has_its_own_exit_code() -> None:
    assert printed(ENDED_WELL) == (0, "")


class Refused(grpc.RpcError):
    """What the engine answers to a request."""

    def __init__(self, details: str) -> None:
        super().__init__(details)
        self._details = details

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._details


@pytest.mark.parametrize(
    ("details", "is_quiet"),
    [
        ("context canceled", True),
        ("invoke transform: anf-group could not be read: grpc: the client connection is closing", True),
        ("invalid name", False),
    ],
)
def test_a_request_that_the_engine_cancels_ends_without_traceback(
    monkeypatch: pytest.MonkeyPatch, details: str, is_quiet: bool
) -> None:
    monkeypatch.setattr(settings, "grpc_error_to_exception", settings.grpc_error_to_exception)  # restored at the end
    interruption.end_quietly_when_cancelled()
    with pytest.raises(Exception, match=details) as raised:
        settings.handle_grpc_error(Refused(details))
    # The language host prints the traceback of all errors but these.
    assert isinstance(raised.value, pulumi.RunError) is is_quiet
