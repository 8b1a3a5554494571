"""The commands of `pulumi` that verify runs."""

import subprocess
from pathlib import Path
from typing import Final

from verify.errors import VerifyError
from verify.stack.parts import ClusterReference

_LIMIT_SECONDS: Final = 60


def secret_output(reference: ClusterReference, folder: Path | None) -> str:
    """Return the kubeconfig that another stack exports, the only secret that verify reads.

    Raises:
        VerifyError: the stack or the output does not exist.

    """
    return run(folder, "stack", "output", reference.output, "--show-secrets", "--stack", reference.stack)


def run(folder: Path | None, *arguments: str) -> str:
    """Return what a command prints; `folder` is the project's folder, by default the current one.

    Raises:
        VerifyError: the command fails.

    """
    argv = ["pulumi", *arguments, "--non-interactive", "--color=never", *(["--cwd", str(folder)] if folder else [])]
    shown = f"`pulumi {' '.join(arguments)}`"
    try:
        done = subprocess.run(argv, text=True, capture_output=True, check=False, timeout=_LIMIT_SECONDS)
    except FileNotFoundError:
        raise VerifyError(
            "pulumi is not on PATH. Install it, or use the sandbox: python -m sandbox run -- python -m verify"
        ) from None
    except subprocess.TimeoutExpired:
        raise VerifyError(f"{shown} did not answer within {_LIMIT_SECONDS} s.") from None
    if done.returncode:
        printed = [line.removeprefix("error: ") for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise VerifyError(f"{shown} failed: {printed[0] if printed else f'exit code {done.returncode}'}")
    return done.stdout
