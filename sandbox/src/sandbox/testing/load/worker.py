"""Clients of a load, as threads of one process: each sends what its hand of requests asks, at its own pace."""

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import RequestsTransport
from azure.mgmt.netapp import NetAppManagementClient

from sandbox.paths import SandboxPaths
from sandbox.testing.azure_clients import AzureClients
from sandbox.testing.load import estate

_MIX: Final = {
    "read volume": 20,
    "read pool": 5,
    "read account": 4,
    "list a small pool": 5,
    "list 500 volumes": 1,
    "patch a volume": 4,
    "create and delete a volume": 2,
}
"""How often a client does what; the requests that follow an operation come on top."""


class PacedTransport(RequestsTransport):
    """The genuine transport, which sends each request at its time, and keeps how long the answer took."""

    def __init__(self, pause: float, bundle: str) -> None:
        super().__init__(connection_verify=bundle)
        self.latencies: list[tuple[str, float]] = []
        self.late = 0.0
        self.what = ""
        self._pause = pause
        self._due = 0.0

    def begin(self, delay: float) -> None:
        self._due, self.late = time.monotonic() + delay, 0.0
        self.latencies.clear()

    def send(self, request: Any, **options: Any) -> Any:
        now = time.monotonic()
        if self._pause:
            time.sleep(max(0.0, self._due - now))
            self.late = max(self.late, now - self._due)
            self._due += self._pause
        sent = time.monotonic()
        try:
            return super().send(request, **options)
        finally:
            self.latencies.append((self.what, time.monotonic() - sent))


class Client:
    """One client: its sign-in, its connection, its account."""

    def __init__(self, azure: AzureClients, number: int, pause: float, volumes: int) -> None:
        self.transport = PacedTransport(pause, azure.bundle)
        self.errors: list[str] = []
        self._number = number
        self._volumes = volumes
        self._random = random.Random(number)  # noqa: S311  which request comes next is no secret
        options = {**azure.options, "transport": self.transport}
        self._own = NetAppManagementClient(azure.credential(), estate.subscription(number), **options)
        self._large = NetAppManagementClient(azure.credential(), estate.subscription(0), **options)
        self._created = 0
        self._do: dict[str, Callable[[], object]] = {
            "read volume": self._read_volume,
            "read pool": lambda: self._large.pools.get(estate.GROUP, estate.LARGE, self._any_volume()[0]),
            "read account": lambda: self._large.accounts.get(estate.GROUP, estate.LARGE),
            "list a small pool": lambda: list(self._own.volumes.list(*self._pool)),
            "list 500 volumes": lambda: list(self._large.volumes.list(estate.GROUP, estate.LARGE, f"{estate.POOL}-0")),
            "patch a volume": self._patch,
            "create and delete a volume": self._create_and_delete,
        }

    def sign_in(self) -> None:
        """Connect, and create the volume that the client keeps."""
        self._create("kept")

    def run(self, pace: float, until: float) -> None:
        self.transport.begin(self._random.random() * pace)
        for what in self._deck():
            if time.monotonic() >= until:
                return
            self.transport.what = what
            try:
                self._do[what]()
            except AzureError as error:
                self.errors.append(f"{what}: {str(error).splitlines()[0]}")

    def _deck(self) -> Iterator[str]:
        while True:
            cards = [what for what, times in _MIX.items() for _ in range(times)]
            self._random.shuffle(cards)
            yield from cards

    @property
    def _pool(self) -> tuple[str, str, str]:
        return estate.GROUP, estate.account(self._number), f"{estate.POOL}-0"

    def _any_volume(self) -> tuple[str, str]:
        return estate.large_volume(self._random.randrange(self._volumes))

    def _read_volume(self) -> None:
        self._large.volumes.get(estate.GROUP, estate.LARGE, *self._any_volume())

    def _patch(self) -> None:
        change: Any = {"tags": {"changed": str(time.time())}}
        self._own.volumes.begin_update(*self._pool, "kept", change).result()

    def _create(self, name: str) -> None:
        body = estate.client_volume(self._number, f"{name}-{self._number}")
        self._own.volumes.begin_create_or_update(*self._pool, name, body).result()

    def _create_and_delete(self) -> None:
        self._created += 1
        name = f"new-{self._created}"
        self._create(name)
        self._own.volumes.begin_delete(*self._pool, name).result()


def main() -> None:
    """Sign in, say `ready`, wait for a line, send until the time is over, and print what the answers took."""
    root, numbers, pause, seconds, volumes = sys.argv[1:]
    azure = AzureClients(SandboxPaths(Path(root)))
    clients = [Client(azure, int(number), float(pause), int(volumes)) for number in numbers.split(",")]
    for client in clients:
        client.sign_in()
    print("ready", flush=True)
    if not sys.stdin.readline():
        return
    cpu = time.process_time()
    until = time.monotonic() + float(seconds)
    threads = [threading.Thread(target=client.run, args=(float(pause), until)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = {
        "latencies": [each for client in clients for each in client.transport.latencies],
        "late": max(client.transport.late for client in clients),
        "errors": [error for client in clients for error in client.errors],
        "cpu": time.process_time() - cpu,
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
