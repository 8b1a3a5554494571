"""Transient errors of Azure and Kubernetes are retried, other errors are not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pulumi
import pytest

from components.support import transient_errors
from components.support.transient_errors import (
    NESTED,
    PRINCIPAL_UNKNOWN,
    ROLE_UNKNOWN,
    SUBNET_IN_USE,
    TYPE_MISSING,
    VOLUME_CREATION,
    TransientError,
    wait_out,
)
from tests.unit.unit_mocks import dev, run

REFUSED = 'Status=409 Code="CannotDeleteResource" Message="Can not delete resource before nested resources are deleted"'
NO_TYPE = (
    "creation of resource failed because the Kubernetes API server reported that the apiVersion for this resource "
    "does not exist. Verify that any required CRDs have been created"
)
ANOTHER = (
    'Status=409 Code="Conflict" Message="Unable to create volume smb. Another volume creation is in progress. Please '
    'try again in a few minutes."'
)
AT_ITS_END = f"1 error occurred:\n\t* {ANOTHER.replace('409', '200')}\n\n"
NO_ROLE = 'Status=404 Code="RoleDefinitionDoesNotExist" Message="The specified role definition does not exist."'
NO_PRINCIPAL = 'Status=400 Code="PrincipalNotFound" Message="Principal does not exist in the directory."'


def tries(
    refusal: TransientError,
    *failures: tuple[str, str],
    minutes: int = 30,
    before_retry: Callable[[pulumi.ErrorHookArgs], Awaitable[bool]] | None = None,
) -> list[bool]:
    """Return for each failure (operation and error) whether the hook retries; there are no pauses."""

    def program() -> None:
        owner = pulumi.ComponentResource("anf-smb:index:Owner", "owner")
        at_once = refusal._replace(pause_seconds=0.0)
        hook = wait_out(owner, "again", minutes * 60, at_once, before_retry=before_retry)

        async def ask() -> list[bool]:
            wanted: list[bool] = []
            for operation, error in failures:
                args = pulumi.ErrorHookArgs(
                    urn="", id="", name="smb", type="", failed_operation=operation, errors=[error]
                )
                answer = hook(args)
                assert not isinstance(answer, bool)
                wanted.append(await answer)
            return wanted

        pulumi.export("tries", pulumi.Output.from_input(asyncio.ensure_future(ask())))

    return run(program).outputs["tries"]


@pytest.mark.parametrize(
    ("refusal", "operation", "error", "again"),
    [
        (NESTED, "delete", REFUSED, True),
        (NESTED, "delete", 'Status=409 Code="Conflict"', False),
        (NESTED, "update", REFUSED, False),
        (VOLUME_CREATION, "create", ANOTHER, True),
        (VOLUME_CREATION, "create", AT_ITS_END, True),
        (VOLUME_CREATION, "create", 'Status=409 Code="Conflict" Message="Something else"', False),
        (ROLE_UNKNOWN, "create", NO_ROLE, True),
        (PRINCIPAL_UNKNOWN, "create", NO_PRINCIPAL, True),
        (PRINCIPAL_UNKNOWN, "create", 'Status=403 Code="AuthorizationFailed"', False),
        (TYPE_MISSING, "create", NO_TYPE, True),
        (TYPE_MISSING, "create", "timed out", False),
    ],
)
def test_what_passes_is_tried_again(refusal: TransientError, operation: str, error: str, again: bool) -> None:
    assert tries(refusal, (operation, error)) == [again]


def test_patience_ends_with_the_minutes_that_were_given_and_says_what_was_awaited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []

    def error(text: str, resource: pulumi.Resource) -> None:
        said.append(text)

    monkeypatch.setattr(pulumi.log, "error", error)
    assert tries(VOLUME_CREATION, ("create", ANOTHER), minutes=0) == [False]
    [text] = said
    assert text.startswith("smb has waited 0 minutes for the end of another volume's creation in the account. Fix: az ")


@pytest.mark.parametrize("error", [NESTED, SUBNET_IN_USE, VOLUME_CREATION, ROLE_UNKNOWN, PRINCIPAL_UNKNOWN])
@pytest.mark.parametrize("minutes", [1, 30, 24 * 60])
def test_the_tries_that_the_engine_allows_last_for_the_minutes(
    error: TransientError, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count the pauses of a virtual clock: the engine ends a hook after 100 tries, at any limit."""
    clock = _Clock()
    monkeypatch.setattr(transient_errors, "asyncio", clock)
    text = {error.operation: error.text}

    def program() -> None:
        hook = wait_out(pulumi.ComponentResource("anf-smb:index:Owner", "owner"), "again", minutes * 60, error)
        pulumi.export("tries", pulumi.Output.from_input(asyncio.ensure_future(clock.tries(hook, text))))

    assert run(program).outputs["tries"] < 100
    assert clock.now == pytest.approx(minutes * 60)


class _Clock:
    """The part of asyncio that a hook waits with."""

    def __init__(self) -> None:
        self.now = 0.0

    def get_running_loop(self) -> "_Clock":
        return self

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def tries(self, hook: pulumi.ErrorHook, refusal: dict[str, str]) -> int:
        [(operation, text)] = refusal.items()
        args = pulumi.ErrorHookArgs(urn="", id="", name="", type="", failed_operation=operation, errors=[text])
        count = 1
        while True:
            answer = hook(args)
            assert not isinstance(answer, bool)
            if not await answer:
                return count
            count += 1


def test_a_try_that_cannot_be_prepared_is_the_last() -> None:
    async def in_vain(_args: pulumi.ErrorHookArgs) -> bool:
        return False

    assert tries(VOLUME_CREATION, ("create", AT_ITS_END), before_retry=in_vain) == [False]


@pytest.mark.parametrize(
    ("token", "hook"),
    [
        ("azure-native:netapp:CapacityPool", "pool-dev-pool-nested"),
        ("azure-native:netapp:Account", "anf-account-nested"),
        ("azure-native:network:Subnet", "anf-subnet-in-use"),
        ("azure-native:netapp:CapacityPoolVolume", "smb-volume-creation"),
        ("azure-native:authorization:RoleAssignment", "trident-features-assignment-spread"),
        ("kubernetes:trident.netapp.io/v1:TridentBackendConfig", "pool-dev-backend-config-type"),
    ],
)
def test_who_waits(token: str, hook: str) -> None:
    bound: list[Any] = [resource.request.hooks for resource in dev().all(token)]
    assert any(hook in hooks.on_error for hooks in bound)
