"""Searches for plain-text secrets in the state, the sandbox's files, events, objects, Helm and command lines."""

import base64
import threading
from types import TracebackType
from typing import Final, Self

import psutil

from tests.e2e.conftest import Stack

_KINDS: Final = "events,torc,tbc,tbe,tvol,storageclass,pv,pvc,pods,deployments,daemonsets,configmaps,serviceaccounts"
_OWN: Final = frozenset({"service-principal.json", "trident-service-principal.json"})
"""The sandbox's files with the secrets of its app registrations."""
_PAUSE_SECONDS: Final = 0.2


class CommandLines:
    """The command lines of all processes during a block."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_PAUSE_SECONDS):
            for process in psutil.process_iter():
                try:
                    self.seen.add(" ".join(process.cmdline()))
                except psutil.Error:
                    continue


def places(stack: Stack, secret: str, command_lines: CommandLines, shown: str) -> list[str]:
    """Return the places that contain `secret`, in the output of `pulumi` or elsewhere."""
    texts = {
        "what pulumi showed": shown,
        "command lines": "\n".join(command_lines.seen),
        "state": stack.pulumi("stack", "export").output,
        "objects and events": stack.kubectl("get", _KINDS, "--all-namespaces", "-o", "json"),
        "Helm": "\n".join(stack.releases().values()),
    }
    encoded = base64.b64encode(secret.encode()).decode()
    found = [place for place, text in texts.items() if secret in text or encoded in text]
    # The cluster's own database holds Secrets as every etcd does.
    files = [f for f in stack.paths.root.rglob("*") if f.is_file() and not f.is_symlink() and "etcd" not in f.parts]
    assert files
    return found + [str(file) for file in files if file.name not in _OWN and secret.encode() in file.read_bytes()]
