"""The shell of a Windows container, as far as the documented checks use it."""

from pathlib import Path

BIN = Path(__file__).parent / "bin"
"""Holds `cmd` and `cmd.exe`; it comes first on the PATH of kwok, which answers `kubectl exec`."""
