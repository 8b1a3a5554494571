"""`python -m sandbox directory`: what an administrator does in the Active Directory of the sandbox."""

import sys
from typing import Annotated

import typer

from sandbox.azure.directory import Directory
from sandbox.azure.store import Store
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths

app = typer.Typer(help="The sandbox's Active Directory. A user's first sign-in enrols it, with the password it used.")


@app.callback()
def directory() -> None:
    """The sandbox's Active Directory. A user's first sign-in enrols it, with the password it used."""


@app.command("set-password")
def set_password(
    user: Annotated[str, typer.Argument(help="The user, without the domain.")],
    domain: Annotated[str, typer.Option(help="The domain's DNS name, or its NetBIOS name.")] = "contoso.com",
) -> None:
    """Give a user another password, asked for or read from standard input."""
    known = Directory(Store(SandboxPaths.default().existing_database()))
    if (name := known.domain(domain)) is None:
        raise SandboxError(f"No NetApp account of the sandbox has joined the domain {domain}.")
    password = typer.prompt("Password", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not password:
        raise SandboxError("The password is empty.")
    known.set_password(name, user, password)
    print(f"{user} of {name} has a new password.")
