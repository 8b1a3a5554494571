"""What a program prints when it is interrupted, and what it prints otherwise."""

import subprocess
import sys

from sandbox.paths import PROJECT


def printed(ending: str) -> tuple[int, str]:
    """Exit code and standard error of a program that ends so."""
    program = f"from configuration.interruption import end_without_traceback\nend_without_traceback()\n{ending}\n"
    run = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False)
    return run.returncode, run.stderr


def test_an_interrupt_ends_a_program_without_a_traceback() -> None:
    code, error = printed("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    assert code != 0
    assert error == ""


def test_a_defect_is_shown_as_ever() -> None:
    code, error = printed("raise KeyError('oops')")
    assert code != 0
    assert "Traceback" in error
    assert "KeyError: 'oops'" in error
