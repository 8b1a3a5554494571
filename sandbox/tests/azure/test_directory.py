"""The Active Directory: its users, their passwords, the states of their accounts, and `sandbox directory`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox.azure.directory import AccountState, Directory
from sandbox.azure.domain_names import netbios_name
from sandbox.azure.store import Store
from sandbox.directory_cli import app
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths
from tests.azure.names import VOLUME
from tests.azure.world import World, volume_body


def test_the_first_password_seen_is_the_users_until_it_is_rotated(world: World) -> None:
    users = world.model.directory
    assert users.sign_in("contoso.com", "svc-web", "first") is None, "a domain that nobody joined has no users"
    proof = users.proof("contoso.com", "anf-join", "join")

    assert users.sign_in("CONTOSO", "svc-web", "first") is AccountState.USABLE
    assert users.sign_in("contoso.com", "SVC-WEB", "first") is AccountState.USABLE
    for domain, user, password in (
        ("contoso.com", "svc-web", "second"),
        ("FABRIKAM", "svc-web", "first"),
        ("contoso.com", "svc-web", ""),
        ("contoso.com", "", "first"),
    ):
        assert users.sign_in(domain, user, password) is None

    users.set_password("contoso.com", "svc-web", "second")
    assert users.sign_in("CONTOSO", "svc-web", "second") is AccountState.USABLE
    assert users.sign_in("CONTOSO", "svc-web", "first") is None
    assert users.accepts("contoso.com", "anf-join", proof)
    users.set_password("contoso.com", "anf-join", "rotated")
    assert not users.accepts("contoso.com", "anf-join", proof)
    assert [netbios_name(name) for name in ("contoso.com", "averyveryverylongname.example.com")] == [
        "CONTOSO",
        "AVERYVERYVERYLO",
    ]


def test_a_locked_account_is_refused_whatever_the_password_and_other_states_show_with_the_right_one_alone(
    world: World,
) -> None:
    users = world.model.directory
    users.set_password("contoso.com", "svc-web", "right")
    assert not users.set_state("contoso.com", "nobody", AccountState.LOCKED)
    for state in AccountState:
        users.set_state("contoso.com", "SVC-web", state)
        assert users.sign_in("CONTOSO", "svc-web", "right") is state
        assert users.sign_in("CONTOSO", "svc-web", "wrong") is (state if state is AccountState.LOCKED else None)


def test_a_new_password_heals_an_expired_one_and_unlocks_nothing(world: World) -> None:
    users = world.model.directory
    users.set_password("contoso.com", "svc-web", "right")
    for state, left in (
        (AccountState.MUST_CHANGE, AccountState.USABLE),
        (AccountState.PASSWORD_EXPIRED, AccountState.USABLE),
        (AccountState.LOCKED, AccountState.LOCKED),
        (AccountState.DISABLED, AccountState.DISABLED),
    ):
        users.set_state("contoso.com", "svc-web", state)
        users.set_password("contoso.com", "svc-web", f"new-{state}")
        assert users.state("contoso.com", "svc-web") is left


@pytest.mark.parametrize(
    ("state", "code"), [(AccountState.LOCKED, "CLIENT_REVOKED"), (AccountState.PASSWORD_EXPIRED, "KEY_EXP")]
)
def test_an_account_that_cannot_sign_in_creates_no_machine_account(
    world: World, state: AccountState, code: str
) -> None:
    world.up_to_pool()
    assert world.model.directory.set_state("contoso.com", "anf-join", state)
    refused = world.put_and_end(VOLUME, volume_body())
    assert f"KRB5KDC_ERR_{code})" in str(world.ended(refused).error)
    assert world.get(VOLUME).state == "Failed"
    world.delete(VOLUME)
    world.model.directory.set_state("contoso.com", "anf-join", AccountState.USABLE)
    assert world.put(VOLUME, volume_body()).state == "Succeeded"


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Directory]:
    """The directory of a sandbox, with the user svc-web."""
    monkeypatch.setenv("ANF_SANDBOX_HOME", str(tmp_path))
    store = Store(SandboxPaths(tmp_path).arm_database)
    directory = Directory(store)
    directory.set_password("contoso.com", "svc-web", "right")
    yield directory
    store.close()


def test_an_administrator_locks_and_unlocks_an_account(sandbox: Directory) -> None:
    for state in (AccountState.LOCKED, AccountState.USABLE):
        done = CliRunner().invoke(app, ["set-state", "SVC-WEB", state, "--domain", "CONTOSO"])
        assert done.output == f"The account SVC-WEB of contoso.com is {state}.\n"
        assert sandbox.state("contoso.com", "svc-web") is state


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["set-state", "nobody", "locked"], "contoso.com has no user nobody"),
        (["set-state", "svc-web", "locked", "--domain", "x.example"], "has joined the domain x.example"),
    ],
)
def test_an_account_that_is_not_there_has_no_state(arguments: list[str], words: str) -> None:
    with pytest.raises(SandboxError, match=words):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


@pytest.mark.usefixtures("sandbox")
def test_an_unknown_state_is_answered_with_those_there_are() -> None:
    refused = CliRunner().invoke(app, ["set-state", "svc-web", "asleep"])
    assert refused.exit_code == 2
    assert "must-change" in refused.output
