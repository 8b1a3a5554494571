"""The ports of the control plane.

They are kept over restarts, so that kubeconfigs stay valid, unless another program takes one.
"""

import json
import random
import socket
import time
from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path

from sandbox.control_plane.errors import ControlPlaneError
from sandbox.private_files import write_private

LOOPBACK = "127.0.0.1"

# Below the range that systems take the ports of outgoing connections from (Linux: 32768 on), so that no client of
# another program holds one of these when the control plane is started again.
_RANGE = range(20000, 32000)
_RELEASE_SECONDS = 5.0
_POLL_SECONDS = 0.05


def load(file: Path) -> dict[str, int]:
    """Return the recorded port of each component; nothing where none can be read."""
    with suppress(OSError, ValueError, AttributeError):
        return {str(name): int(port) for name, port in json.loads(file.read_text()).items()}
    return {}


def settle(file: Path, names: Collection[str], running: Collection[str]) -> dict[str, int]:
    """Return a port for each component and record them: the recorded one, or another where that one is taken.

    Components that are `running` hold their ports themselves.
    """
    recorded = load(file)
    kept = {
        name: recorded[name] for name in names if name in recorded and (name in running or _comes_free(recorded[name]))
    }
    free = (port for port in random.sample(_RANGE, len(_RANGE)) if port not in kept.values() and is_free(port))
    try:
        settled = {name: kept[name] if name in kept else next(free) for name in names}
    except StopIteration:
        raise ControlPlaneError(f"There is no free port from {_RANGE.start} to {_RANGE.stop} on {LOOPBACK}.") from None
    if settled != recorded:
        write_private(file, json.dumps(settled).encode())
    return settled


def is_free(port: int) -> bool:
    """Return True when a server can listen there; closing connections do not count, as for Go's servers."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _comes_free(port: int) -> bool:
    """Wait for a component that was killed a moment ago to release its port."""
    deadline = time.monotonic() + _RELEASE_SECONDS
    while not (free := is_free(port)) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return free
