"""`python -m sandbox faults`: what the sandbox's Azure, its nodes or its Trident shall get wrong."""

import dataclasses
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sandbox.azure import faults
from sandbox.azure.store import Store
from sandbox.errors import SandboxError
from sandbox.fault_file import FaultFile
from sandbox.nodes.faults import PRESETS as NODE_PRESETS
from sandbox.nodes.faults import NodeFaults
from sandbox.paths import SandboxPaths
from sandbox.trident.faults import PRESETS as TRIDENT_PRESETS
from sandbox.trident.faults import TridentFaults

_ALL = (*faults.PRESETS, *NODE_PRESETS, *TRIDENT_PRESETS)

app = typer.Typer(help="Make the sandbox's Azure, nodes or Trident fail on purpose, at once and for what comes next.")


def _store() -> Store:
    database = SandboxPaths.default().arm_database
    if not database.exists():
        raise SandboxError("There is no sandbox here yet. Start it: python -m sandbox up")
    return Store(database)


def _of_processes() -> tuple[FaultFile, FaultFile]:
    """The faults of the nodes, and those of Trident."""
    paths = SandboxPaths.default()
    return NodeFaults(paths), TridentFaults(paths)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(_ALL)}.")],
    times: Annotated[int, typer.Option(min=0, help="How many operations it hits; 0: all, until cleared.")] = 1,
    resource_type: Annotated[str | None, typer.Option("--type", help="Only this ARM type.")] = None,
) -> None:
    """Order a fault. Those of nodes and Trident last until they are cleared."""
    if name not in _ALL:
        raise SandboxError(f"No fault is called '{name}'. There are: {', '.join(_ALL)}.")
    store = _store()
    if name not in faults.PRESETS:
        _of_processes()[name in TRIDENT_PRESETS].set(name)
        print(f"Fault {name} is set.")
        return
    preset = faults.PRESETS[name]
    ordered = dataclasses.replace(preset, times=times or None, type=resource_type or preset.type)
    print(f"Fault {faults.set_fault(store, ordered)} is set: {name}.")


@app.command("list")
def list_all(as_json: Annotated[bool, typer.Option("--json", help="For programs to read.")] = False) -> None:
    """Show the faults in force."""
    there = faults.list_faults(_store())
    others = {name: seconds for part in _of_processes() for name, seconds in part.all().items()}
    if as_json:
        listed = [dataclasses.asdict(fault) | {"number": n, "left": left} for n, (fault, left) in there.items()]
        print(json.dumps([*listed, *({"name": name, "seconds": seconds} for name, seconds in others.items())]))
        return
    table = Table("number", "type", "operation", "answer", "left")
    for number, (fault, left) in there.items():
        answer = f"{fault.status} {fault.code}" if fault.code else f"{fault.delay:g} s late"
        table.add_row(str(number), fault.type, fault.operation, answer, "until cleared" if left is None else str(left))
    for name, seconds in others.items():
        table.add_row("", name, "", f"{seconds:g} s late" if seconds else "never", "until cleared")
    Console().print(table)


@app.command()
def clear(number: Annotated[int | None, typer.Argument(help="One fault; all unless named.")] = None) -> None:
    """Withdraw faults; those of nodes and Trident have no number."""
    withdrawn = faults.clear_faults(_store(), number)
    if number is None:
        withdrawn += sum(part.clear() for part in _of_processes())
    print(f"{withdrawn} withdrawn.")
