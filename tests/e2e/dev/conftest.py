"""Stack dev in one sandbox: before it is deployed, and then deployed once for the files that follow."""

from collections.abc import Generator

import pytest

from tests.e2e.conftest import Stack, make_stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """A sandbox and stack `dev` as committed; a test leaves the stack file so."""
    yield from make_stack(tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="package")
def deployed(stack: Stack) -> Stack:
    """The stack, deployed."""
    stack.up()
    return stack
