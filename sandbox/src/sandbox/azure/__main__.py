"""`python -m sandbox.azure --root DIR`: serve the emulator until told to stop."""

import argparse
import asyncio
import contextlib
import logging
import os
import socket
import sys
from pathlib import Path

import uvicorn
from filelock import FileLock, Timeout

from sandbox.azure.durations import PROFILES, Durations, parse_override
from sandbox.azure.entra import credentials
from sandbox.azure.entra.access_tokens import SigningKey
from sandbox.azure.http import certificates
from sandbox.azure.http.app import create
from sandbox.azure.instance import Instance
from sandbox.azure.model import Model
from sandbox.azure.shares import ShareFiles
from sandbox.azure.store import Store
from sandbox.paths import SandboxPaths

_SETTLE_SECONDS = 0.1


def main() -> int:
    """Read the arguments, serve, return the exit code."""
    arguments = _arguments()
    paths = SandboxPaths(arguments.root.resolve())
    durations: Durations = PROFILES[arguments.durations].overridden(dict(arguments.duration))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    paths.services.mkdir(parents=True, exist_ok=True)
    try:
        with (
            FileLock(paths.services / "arm-serving.lock", timeout=0),
            _listen(arguments.port, paths) as listening,
        ):
            return asyncio.run(_serve(paths, durations, arguments.capacity_quota_tib, listening))
    except Timeout:
        return _fail(f"another emulator already serves {paths.root}")
    except OSError as error:
        return _fail(f"cannot listen on 127.0.0.1, port {arguments.port or 'any'}: {error.strerror or error}")


def _listen(port: int | None, paths: SandboxPaths) -> socket.socket:
    """On the port asked for; else on that of the last time, so that states and shells that name it stay valid."""
    if port is not None:
        return socket.create_server(("127.0.0.1", port))
    last = Instance.read(paths)
    if last is not None:
        with contextlib.suppress(OSError):  # somebody else's by now
            return socket.create_server(("127.0.0.1", last.port))
    return socket.create_server(("127.0.0.1", 0))


async def _serve(paths: SandboxPaths, durations: Durations, quota_tib: int, listening: socket.socket) -> int:
    certified = certificates.ensure(paths)
    store = Store(paths.arm_database)
    emulator = create(
        store,
        key=SigningKey.ensure(paths),
        owner=credentials.ensure(paths),
        trident=credentials.ensure_trident(paths),
        kubeconfig=paths.kubeconfig,
        files=ShareFiles(paths.shares),
        durations=durations,
        capacity_quota_tib=quota_tib,
    )
    server = uvicorn.Server(
        uvicorn.Config(
            emulator.asgi,
            ssl_certfile=certified.server_chain,
            ssl_keyfile=certified.server_key,
            log_config=None,
            timeout_graceful_shutdown=1,  # idle clients keep connections open; nothing that is accepted is lost
        )
    )
    Instance(os.getpid(), listening.getsockname()[1]).write(paths)
    settling = asyncio.create_task(_settle(emulator.model))
    await server.serve(sockets=[listening])
    settling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await settling
    store.close()
    return 0


async def _settle(model: Model) -> None:
    """Complete operations that nobody asks after, so that other processes see them too."""
    while True:
        await asyncio.to_thread(model.settle)
        await asyncio.sleep(_SETTLE_SECONDS)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.azure", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the sandbox's folder")
    parser.add_argument("--port", type=int, help="port on 127.0.0.1 (default: that of the last time, else a free one)")
    parser.add_argument("--durations", choices=sorted(PROFILES), default="instant", help="how long operations take")
    parser.add_argument(
        "--duration",
        type=_override,
        action="append",
        default=[],
        metavar="TYPE:KIND=SECONDS",
        help="another time for one kind of operation (create, update, delete)",
    )
    parser.add_argument("--capacity-quota-tib", type=int, default=25, help="pool capacity per region and subscription")
    return parser.parse_args()


def _override(text: str) -> tuple[tuple[str, str], float]:
    try:
        return parse_override(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _fail(message: str) -> int:
    print(f"sandbox.azure: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
