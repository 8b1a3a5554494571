"""One sandbox for the examples and then for Trident alone."""

from collections.abc import Generator

import pytest

from tests.e2e.conftest import Stack, make_stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """Yield a sandbox with a copy of the program, without Trident in its cluster before and after each file."""
    yield from make_stack(tmp_path_factory.mktemp("examples"))
