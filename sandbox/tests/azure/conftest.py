from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.paths import SandboxPaths
from sandbox.testing.azure_alone import azure_alone
from sandbox.testing.azure_clients import AzureClients
from tests.azure.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureClients]:
    """The emulator as a process of its own, with the genuine clients, for all tests that do not end it."""
    with azure_alone(SandboxPaths(tmp_path_factory.mktemp("arm"))) as clients:
        yield clients
