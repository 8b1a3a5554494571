"""One sandbox for the examples, one after the other, and for Trident alone after them."""

from collections.abc import Generator

import pytest

from tests.e2e.conftest import Stack, make_stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """A sandbox with a copy of the program, and nothing of Trident in its cluster before and after each file."""
    yield from make_stack(tmp_path_factory.mktemp("examples"))
