"""`python -m sandbox faults`: what the sandbox's Azure shall get wrong."""

import dataclasses
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sandbox.arm import faults
from sandbox.arm.store import Store
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths

app = typer.Typer(help="Make the sandbox's Azure fail on purpose, at once and for the next operations that match.")


def _store() -> Store:
    database = SandboxPaths.default().arm_database
    if not database.exists():
        raise SandboxError("There is no sandbox here yet. Start it: python -m sandbox up")
    return Store(database)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(faults.PRESETS)}.")],
    times: Annotated[int, typer.Option(min=0, help="How many operations it hits; 0: all, until cleared.")] = 1,
    resource_type: Annotated[str | None, typer.Option("--type", help="Only this ARM type.")] = None,
) -> None:
    """Order a fault."""
    if name not in faults.PRESETS:
        raise SandboxError(f"No fault is called '{name}'. There are: {', '.join(faults.PRESETS)}.")
    preset = faults.PRESETS[name]
    ordered = dataclasses.replace(preset, times=times or None, type=resource_type or preset.type)
    print(f"Fault {faults.set_fault(_store(), ordered)} is set: {name}.")


@app.command("list")
def list_all(as_json: Annotated[bool, typer.Option("--json", help="For programs to read.")] = False) -> None:
    """Show the faults in force."""
    there = faults.list_faults(_store())
    if as_json:
        print(
            json.dumps([dataclasses.asdict(fault) | {"number": n, "left": left} for n, (fault, left) in there.items()])
        )
        return
    table = Table("number", "type", "operation", "answer", "left")
    for number, (fault, left) in there.items():
        answer = f"{fault.status} {fault.code}" if fault.code else f"{fault.delay:g} s late"
        table.add_row(str(number), fault.type, fault.operation, answer, "until cleared" if left is None else str(left))
    Console().print(table)


@app.command()
def clear(number: Annotated[int | None, typer.Argument(help="One fault; all unless named.")] = None) -> None:
    """Withdraw faults."""
    print(f"{faults.clear_faults(_store(), number)} withdrawn.")
