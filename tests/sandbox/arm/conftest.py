from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.arm.service import ArmService
from sandbox.paths import SandboxPaths
from tests.sandbox.arm.clients import AzureClients
from tests.sandbox.arm.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureClients]:
    """The emulator as a process of its own, with the genuine clients, for all tests that do not end it."""
    paths = SandboxPaths(tmp_path_factory.mktemp("arm"))
    service = ArmService(paths)
    service.start()
    try:
        yield AzureClients(paths)
    finally:
        service.stop()
