"""Transient errors of Azure and Kubernetes are retried, other errors are not."""

import asyncio
from typing import Any

import pulumi
import pytest

from components.support.transient_errors import NESTED, TYPE_MISSING, TransientError, wait_out
from tests.unit.unit_mocks import dev, run

REFUSED = 'Status=409 Code="CannotDeleteResource" Message="Can not delete resource before nested resources are deleted"'
NO_TYPE = (
    "creation of resource failed because the Kubernetes API server reported that the apiVersion for this resource "
    "does not exist. Verify that any required CRDs have been created"
)
AT_ONCE = NESTED._replace(pause_seconds=0.0)


def tries(refusal: TransientError, *failures: tuple[str, str], minutes: int = 30) -> list[bool]:
    """Return for each failure (operation and error) whether the hook retries."""

    def program() -> None:
        hook = wait_out("again", refusal, minutes * 60)

        async def ask() -> list[bool]:
            wanted: list[bool] = []
            for operation, error in failures:
                args = pulumi.ErrorHookArgs(urn="", id="", name="", type="", failed_operation=operation, errors=[error])
                answer = hook(args)
                assert not isinstance(answer, bool)
                wanted.append(await answer)
            return wanted

        pulumi.export("tries", pulumi.Output.from_input(asyncio.ensure_future(ask())))

    return run(program).outputs["tries"]


@pytest.mark.parametrize(
    ("refusal", "operation", "error", "again"),
    [
        (AT_ONCE, "delete", REFUSED, True),
        (AT_ONCE, "delete", 'Status=409 Code="Conflict"', False),
        (AT_ONCE, "update", REFUSED, False),
        (TYPE_MISSING, "create", NO_TYPE, True),
        (TYPE_MISSING, "create", "timed out", False),
    ],
)
def test_what_passes_is_tried_again(refusal: TransientError, operation: str, error: str, again: bool) -> None:
    assert tries(refusal, (operation, error)) == [again]


def test_patience_ends_before_the_minutes_that_were_given_are_over() -> None:
    assert tries(NESTED, ("delete", REFUSED), minutes=0) == [False]
    assert NESTED.pause_seconds * 100 >= 30 * 60  # the engine's own limit is no shorter than the default


@pytest.mark.parametrize(
    ("token", "hook"),
    [
        ("azure-native:netapp:CapacityPool", "anf-pool-nested"),
        ("azure-native:netapp:Account", "anf-account-nested"),
        ("azure-native:network:Subnet", "anf-subnet-in-use"),
        ("kubernetes:trident.netapp.io/v1:TridentBackendConfig", "anf-smb-backend-config-type"),
    ],
)
def test_who_waits(token: str, hook: str) -> None:
    hooks: Any = dev().one(token).request.hooks
    assert hook in hooks.on_error
