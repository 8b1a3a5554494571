"""Failures of the toolchain, in words for the person in front of it."""

import re
from pathlib import Path

from sandbox.errors import SandboxError


class ToolchainError(SandboxError):
    """A tool cannot be had. The message names it, the reason, and the way out."""


_TAIL_LINES = 15
_PACKAGE_NAME = re.compile(r"^[\w./~-]+$")  # go build -v names each package that it compiles
_CAUSES = {
    "no space left on device|Disk quota exceeded": (
        "the disk is full. Free some space (Go's cache: `go clean -cache`), or name folders on another disk with "
        "ANF_SANDBOX_CACHE, GOCACHE and GOMODCACHE; then run the command again."
    ),
    "signal: killed|cannot allocate memory": (
        "memory ran out. End other programs (linking the largest tool takes 4.5 GiB), then run the command again: "
        "what is compiled is kept."
    ),
    "checksum mismatch|SECURITY ERROR|missing go.sum entry": (
        "a downloaded Go module is not the one whose checksum is committed (go.sum). It was not used. Look at your "
        "module proxy before you try again."
    ),
    "no such host|dial tcp|i/o timeout|TLS handshake|connection refused|connection reset|network is unreachable"
    "|proxyconnect|Could not find a version that satisfies|Failed to establish a new connection|Failed to fetch"
    "|disabled by GOPROXY=off": (
        "the network does not reach the package registry. Check the connection, and GOPROXY and HTTPS_PROXY if you "
        "need a proxy; then run the command again: what is built is kept."
    ),
}


def explain(what: str, log: Path) -> str:
    """Return one message for a failed build or installation: the cause, the way out, the log's end and its file."""
    lines = log.read_text("utf-8", "replace").splitlines()
    telling = [line for line in lines if line.strip() and not _PACKAGE_NAME.match(line)]
    text = "\n".join(telling)
    causes = (cause for signs, cause in _CAUSES.items() if re.search(signs, text))
    tail = "\n".join(f"  {line}" for line in telling[-_TAIL_LINES:]) or "  (no output)"
    return f"{what} cannot be had: {next(causes, 'the build failed.')}\n{tail}\nThe whole log: {log}"
