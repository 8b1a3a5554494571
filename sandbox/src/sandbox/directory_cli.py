"""`python -m sandbox directory`: what an administrator does in the Active Directory of the sandbox."""

import sys
from typing import Annotated

import typer

from sandbox.azure.directory import AccountState, Directory
from sandbox.azure.store import Store
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths

_User = Annotated[str, typer.Argument(help="The user, without the domain.")]
_Domain = Annotated[str, typer.Option(help="The domain's DNS name, or its NetBIOS name.")]

app = typer.Typer(help="The sandbox's Active Directory. A user's first sign-in enrols it, with the password it used.")


@app.callback()
def directory() -> None:
    """The sandbox's Active Directory. A user's first sign-in enrols it, with the password it used."""


@app.command("set-password")
def set_password(user: _User, domain: _Domain = "contoso.com") -> None:
    """Give a user another password, asked for or read from standard input."""
    known, name = _directory(domain)
    password = typer.prompt("Password", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not password:
        raise SandboxError("The password is empty.")
    known.set_password(name, user, password)
    print(f"{user} of {name} has a new password.")


@app.command("set-state")
def set_state(
    user: _User,
    state: Annotated[AccountState, typer.Argument(help="The state of the account; usable heals the others.")],
    domain: _Domain = "contoso.com",
) -> None:
    """Lock, expire or disable a user's account, or have its password expired or to be changed."""
    known, name = _directory(domain)
    if not known.set_state(name, user, state):
        raise SandboxError(f"{name} has no user {user}: a user's first sign-in enrols it.")
    print(f"The account {user} of {name} is {state}.")


def _directory(domain: str) -> tuple[Directory, str]:
    """Return the directory, and a domain's name as it knows it."""
    known = Directory(Store(SandboxPaths.default().existing_database()))
    if (name := known.domain(domain)) is None:
        raise SandboxError(f"No NetApp account of the sandbox has joined the domain {domain}.")
    return known, name
