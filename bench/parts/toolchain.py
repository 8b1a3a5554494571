"""The tools of the sandbox on a machine that has nothing of them: downloaded or built."""

import os
import subprocess
import sys
import tempfile
import time

from bench.results import Figure, middle

_FOLDERS = ("ANF_SANDBOX_CACHE", "GOCACHE", "GOMODCACHE")


def measure_toolchain() -> dict[str, Figure]:
    """Return the minutes until all tools are there, with no cache of an earlier build."""
    with tempfile.TemporaryDirectory(prefix="bench-tools-") as folder:
        empty = {name: f"{folder}{os.sep}{name}" for name in _FOLDERS}
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "sandbox.tools"], env=os.environ | empty, check=True)
        minutes = (time.monotonic() - began) / 60
    return {"toolchain": middle("minutes", [round(minutes, 1)])}
