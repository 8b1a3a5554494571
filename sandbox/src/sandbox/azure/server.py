"""The emulator of Azure Resource Manager, served over HTTPS on loopback from a thread of this process."""

import asyncio
import contextlib
import logging
import socket
import threading
import time
from typing import Final

import uvicorn

from sandbox.azure.address import keep_port, last_port
from sandbox.azure.durations import Durations
from sandbox.azure.entra import credentials
from sandbox.azure.entra.access_tokens import SigningKey
from sandbox.azure.http import certificates
from sandbox.azure.http.app import create
from sandbox.azure.model import Model
from sandbox.azure.shares import ShareFiles
from sandbox.azure.store import Store
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths

logger = logging.getLogger(__name__)

_SETTLE_SECONDS: Final = 0.1
_START_SECONDS: Final = 30.0
_END_SECONDS: Final = 10.0
_IDLE_SECONDS: Final = 120
"""Longer than clients keep an idle connection (Go's 90 s): one that closes first may cut off a request on its way."""


class AzureServer:
    """The emulator of one sandbox. `port` None: that of the last time, else a free one."""

    def __init__(self, paths: SandboxPaths, durations: Durations, port: int | None = None) -> None:
        self._paths = paths
        self._durations = durations
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Return when requests are answered; SandboxError if the port is taken or the state cannot be read."""
        self._listening = self._listen()
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not (self._server and self._server.started):
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise SandboxError(f"the Azure emulator does not answer: {self._failure}") from self._failure
            time.sleep(0.01)
        keep_port(self._paths, self._listening.getsockname()[1])

    def stop(self) -> None:
        if self._server:
            self._server.should_exit = True
        self._thread.join(_END_SECONDS)

    def _listen(self) -> socket.socket:
        """Listen on the port asked for; else on that of the last time, so that states and shells that name it hold."""
        if self._port is None and (last := last_port(self._paths)) is not None:
            with contextlib.suppress(OSError):  # somebody else's by now
                return socket.create_server(("127.0.0.1", last))
        try:
            return socket.create_server(("127.0.0.1", self._port or 0))
        except OSError as error:
            raise SandboxError(
                f"cannot listen on 127.0.0.1, port {self._port or 'any'}: {error.strerror or error}"
            ) from error

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # the thread's end is all that `start` sees
            logger.exception("the Azure emulator has ended")
            self._failure = error

    async def _serve(self) -> None:
        paths = self._paths
        certified = certificates.ensure(paths)
        store = Store(paths.arm_database)
        emulator = create(
            store,
            key=SigningKey.ensure(paths),
            owner=credentials.ensure(paths),
            trident=credentials.ensure_trident(paths),
            kubeconfig=paths.kubeconfig,
            files=ShareFiles(paths.shares),
            durations=self._durations,
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                emulator.asgi,
                ssl_certfile=certified.server_chain,
                ssl_keyfile=certified.server_key,
                http="httptools",  # h11, in Python, took a quarter of the emulator's CPU seconds
                log_config=None,
                access_log=False,  # a line for each request would make the log grow without end
                timeout_keep_alive=_IDLE_SECONDS,
                timeout_graceful_shutdown=1,  # idle clients keep connections open; nothing that is accepted is lost
            )
        )
        settling = asyncio.create_task(_settle(emulator.model))
        await self._server.serve(sockets=[self._listening])
        settling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await settling
        store.close()


async def _settle(model: Model) -> None:
    """Complete operations that nobody asks after, so that other processes see them too."""
    while True:
        await asyncio.to_thread(model.settle)
        await asyncio.sleep(_SETTLE_SECONDS)
