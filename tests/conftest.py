"""Tests that share a sandbox run in one process; what takes long begins first."""

from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from sandbox.testing.scheduling import TestOrder, let_children_be_interrupted

_ORDER: Final = TestOrder(
    sharing=[
        tuple(f"e2e/dev/test_{each}" for each in ("refusals", "static_path", "verify", "dynamic_path")),
        ("e2e/examples/test_examples", "e2e/examples/test_trident_alone"),
    ],
    longest=("e2e/test_waits", "e2e/dev/", "e2e/"),
)


def pytest_configure() -> None:
    let_children_be_interrupted()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    _ORDER.sort(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return _ORDER.scheduler(config, log)
