"""The ports of the control plane: chosen once, so that kubeconfigs and providers stay valid over restarts."""

import random
import socket
from contextlib import closing
from dataclasses import astuple, dataclass

import psutil

from sandbox.control_plane.errors import ControlPlaneError

LOOPBACK = "127.0.0.1"

# Below the range that systems take outgoing connections' ports from (Linux: 32768 on), so that no browser tab holds
# one of ours when the control plane is started again.
_RANGE = range(20000, 32000)
_TRIES = 200


@dataclass(frozen=True)
class Ports:
    """Where each component listens, on loopback only."""

    apiserver: int
    etcd: int
    etcd_peer: int
    controller_manager: int
    scheduler: int
    kwok: int

    @classmethod
    def choose(cls) -> "Ports":
        """Free ports."""
        chosen: list[int] = []
        for port in random.sample(_RANGE, _TRIES):
            if is_free(port):
                chosen.append(port)
            if len(chosen) == len(cls.__dataclass_fields__):
                return cls(*chosen)
        raise ControlPlaneError(f"No free ports between {_RANGE.start} and {_RANGE.stop} on {LOOPBACK}.")

    def all_free(self) -> bool:
        """Whether nothing listens on any of them."""
        return all(is_free(port) for port in astuple(self))


def is_free(port: int) -> bool:
    """Whether a server could listen there now; connections that are just closing do not count, as for Go's servers."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def holder(port: int) -> str:
    """Who listens on a port, for an error message."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,) and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:  # macOS tells that to root alone
        pass
    return "another program"
