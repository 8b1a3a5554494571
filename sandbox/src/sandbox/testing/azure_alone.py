"""The Azure of a sandbox as a process of its own, without a cluster."""

from collections.abc import Generator
from contextlib import contextmanager

from sandbox.paths import SandboxPaths
from sandbox.services import AZURE, Services
from sandbox.testing.azure_clients import AzureClients


@contextmanager
def azure_alone(paths: SandboxPaths) -> Generator[AzureClients]:
    """Start the emulator, empty, and stop it at the end."""
    service = Services(paths, [AZURE])
    service.start()
    try:
        yield AzureClients(paths)
    finally:
        service.stop()
