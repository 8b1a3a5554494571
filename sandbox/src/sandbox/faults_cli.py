"""`python -m sandbox faults`: what the sandbox's Azure, its nodes or its Trident shall get wrong."""

import dataclasses
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sandbox import faults
from sandbox.azure.store import Store
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths

_ALL = (*faults.PRESETS, *faults.STANDING)

app = typer.Typer(help="Make the sandbox's Azure, nodes or Trident fail on purpose, at once and for what comes next.")


def _store() -> Store:
    return Store(SandboxPaths.default().existing_database())


@app.command()
def add(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(_ALL)}.")],
    times: Annotated[int, typer.Option(min=0, help="How many operations it hits; 0: all, until cleared.")] = 1,
    resource_type: Annotated[str | None, typer.Option("--type", help="Only this ARM type.")] = None,
) -> None:
    """Order a fault. Those of nodes, Trident and the directory last until they are cleared."""
    if name not in _ALL:
        raise SandboxError(f"No fault is called '{name}'. There are: {', '.join(_ALL)}.")
    if name in faults.STANDING:
        faults.StandingFaults(_store()).set(name)
        print(f"Fault {name} is set.")
        return
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
    table = Table("number", "what", "operation", "answer", "left")
    for number, (fault, left) in there.items():
        late = f"{fault.delay:g} s late" if fault.delay else "never"
        answer = f"{fault.status} {fault.code}" if fault.code else late
        operation = "" if fault.name else fault.operation
        until = "until cleared" if left is None else str(left)
        table.add_row(str(number), fault.name or fault.type, operation, answer, until)
    Console().print(table)


@app.command()
def clear(number: Annotated[int | None, typer.Argument(help="One fault; all unless named.")] = None) -> None:
    """Withdraw faults."""
    print(f"{faults.clear_faults(_store(), number)} withdrawn.")
