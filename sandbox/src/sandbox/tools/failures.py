"""What the log of a failed build or installation means to the person in front of it."""

import re
from pathlib import Path

_TAIL_LINES = 15
_PACKAGE_NAME = re.compile(r"^[\w./~-]+$")  # go build -v names each package that it compiles
_SPACE = ("no space left on device", "Disk quota exceeded")
_NETWORK = (
    "no such host",
    "dial tcp",
    "i/o timeout",
    "TLS handshake",
    "connection refused",
    "connection reset",
    "network is unreachable",
    "proxyconnect",
    "Could not find a version that satisfies",
    "Failed to establish a new connection",
    "Failed to fetch",
    "disabled by GOPROXY=off",
)
_CHECKSUM = ("checksum mismatch", "SECURITY ERROR", "missing go.sum entry")


def explain(what: str, log: Path) -> str:
    """One clear message: which of the usual causes it was, the mend, the end of the log and where all of it is."""
    lines = log.read_text("utf-8", "replace").splitlines()
    telling = [line for line in lines if line.strip() and not _PACKAGE_NAME.match(line)]
    text = "\n".join(telling)
    if any(sign in text for sign in _SPACE):
        cause = (
            "the disk is full. Free some space (Go's cache: `go clean -cache`), or name folders on another disk with "
            "ANF_SANDBOX_CACHE, GOCACHE and GOMODCACHE; then run the command again."
        )
    elif any(sign in text for sign in _CHECKSUM):
        cause = (
            "a downloaded Go module is not the one whose checksum is committed (go.sum). It was not used. Look at your "
            "module proxy before you try again."
        )
    elif any(sign in text for sign in _NETWORK):
        cause = (
            "the network does not reach the package registry. Check the connection, and GOPROXY and HTTPS_PROXY if you "
            "need a proxy; then run the command again: what is built is kept."
        )
    else:
        cause = "the build failed."
    tail = "\n".join(f"  {line}" for line in telling[-_TAIL_LINES:]) or "  (no output)"
    return f"{what} cannot be had: {cause}\n{tail}\nThe whole log: {log}"
